package people

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
)

// TeacherEmail is the teacher's email until they sign in under another address.
const TeacherEmail = "teacher@box"

// Bounds of users and families. A row of either takes a few hundred bytes, in
// memory and in the file.
const (
	maxAnonymous = 2048 // then the one unused longest is forgotten
	maxUsers     = 2048 // made by an administrator, with the traces of deleted ones; then Create refuses
	maxFamilies  = 8    // of one user; then the one unused longest ends
)

// How long idle users and families of tokens are kept.
const (
	anonymousIdle = 7 * 24 * time.Hour  // a student who comes once a week stays
	FamilyIdle    = 30 * 24 * time.Hour // a program that is opened once a month
)

// writeTimeout bounds how long a sign-in waits for the disk.
const writeTimeout = 5 * time.Second

// users is the table of users and refresh tokens: memory in front of the
// store.
type users struct {
	store   *store.Store
	log     *slog.Logger
	now     func() time.Time
	teacher string // their id

	seed   maphash.Seed
	orders [64]sync.Mutex // by user: rows are written in the order of their changes

	mu       sync.Mutex // guards those below
	byID     map[string]*user
	families map[string]*family
}

// openUsers reads all rows. It leaves a damaged row out: that user signs in
// anew.
func openUsers(ctx context.Context, cfg Config) (*users, error) {
	raw, err := cfg.Store.Secret(ctx, store.TeacherID, idSize)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewRandomFromReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errors.New("the teacher's id is damaged")
	}
	t := &users{
		store: cfg.Store, log: cfg.Log, now: cfg.Now, teacher: id.String(), seed: maphash.MakeSeed(),
		byID: map[string]*user{}, families: map[string]*family{},
	}
	if err := t.load(); err != nil {
		return nil, err
	}
	if t.byID[t.teacher] == nil {
		now := t.now()
		t.byID[t.teacher] = &user{User: User{
			ID: t.teacher, Email: TeacherEmail, Role: auth.Authenticated, Teacher: true,
			Created: now, Updated: now, Used: now,
		}}
	}
	t.sweep(ctx)
	return t, nil
}

func (t *users) load() error {
	users, err := t.store.List(store.Users)
	if err != nil {
		return err
	}
	for _, row := range users {
		var u user
		if ok, err := t.store.Get(store.Users, row.Key, &u); err == nil && ok && u.ID == row.Key {
			t.byID[u.ID] = &u
		}
	}
	families, err := t.store.List(store.Families)
	if err != nil {
		return err
	}
	for _, row := range families {
		var f family
		ok, err := t.store.Get(store.Families, row.Key, &f)
		if err == nil && ok && f.ID == row.Key && uuid.Validate(f.ID) == nil {
			t.families[f.ID] = &f
		}
	}
	return nil
}

// change alters rows of one user, in memory at once and then in the store. The
// changes of one user are written in their order; those of different users
// share a commit. If the disk refuses the rows, change restores the user in
// memory and returns [ErrNotKept]. Any other error is alter's own.
func (t *users) change(ctx context.Context, id string, alter func() ([]store.Op, error)) error {
	order := t.orderOf(id)
	order.Lock()
	defer order.Unlock()
	t.mu.Lock()
	before := t.stateLocked(id)
	ops, err := alter()
	t.mu.Unlock()
	if failed := t.write(ctx, ops); failed != nil {
		t.mu.Lock()
		t.restoreLocked(id, before)
		t.mu.Unlock()
		return fmt.Errorf("%w: %w", ErrNotKept, failed)
	}
	return err
}

// admit alters rows of one user as change does, and keeps the alteration in
// memory if the disk refuses it. It is for signing in, which a class needs.
func (t *users) admit(ctx context.Context, id string, alter func() ([]store.Op, error)) error {
	order := t.orderOf(id)
	order.Lock()
	defer order.Unlock()
	t.mu.Lock()
	ops, err := alter()
	t.mu.Unlock()
	if failed := t.write(ctx, ops); failed != nil {
		t.log.Warn("a sign-in lasts only until the next start", "err", failed)
	}
	return err
}

// orderOf is the lock that orders the writes of a user.
func (t *users) orderOf(id string) *sync.Mutex {
	return &t.orders[maphash.String(t.seed, id)%uint64(len(t.orders))]
}

// write keeps rows, even if the client has hung up.
func (t *users) write(ctx context.Context, ops []store.Op) error {
	if len(ops) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	return t.store.Write(ctx, ops...)
}

// userState is one user with their families, as they were at some moment.
type userState struct {
	user     *user // nil if there was none
	families []family
}

func (t *users) stateLocked(id string) (s userState) {
	if u := t.byID[id]; u != nil {
		was := *u
		s.user = &was
	}
	for _, f := range t.ofLocked(id) {
		s.families = append(s.families, *f)
	}
	return s
}

// restoreLocked puts a user back as they were.
func (t *users) restoreLocked(id string, s userState) {
	for _, f := range t.ofLocked(id) {
		delete(t.families, f.ID)
	}
	delete(t.byID, id)
	if s.user != nil {
		t.byID[id] = s.user
	}
	for i := range s.families {
		t.families[s.families[i].ID] = &s.families[i]
	}
}

// put returns the op that keeps a user or a family.
func put(b store.Bucket, id string, row any) store.Op {
	op, err := store.JSON(b, id, row)
	if err != nil {
		panic(err) // a type of this package that JSON cannot hold
	}
	return op
}

// findLocked returns a user who is not deleted, or nil.
func (t *users) findLocked(id string) *user {
	if u := t.byID[id]; u != nil && u.Gone == "" {
		return u
	}
	return nil
}

// byEmailLocked returns the user with an email, never the teacher. gone
// reports that a user with it was deleted.
func (t *users) byEmailLocked(email string) (u *user, gone bool) {
	if email == "" {
		return nil, false
	}
	hash := emailHash(email)
	for _, u := range t.byID {
		if u.Email == email && !u.Teacher && u.Gone == "" {
			return u, false
		}
		gone = gone || u.Gone == hash
	}
	return nil, gone
}

// beginLocked starts a family for a user who has signed in.
func (t *users) beginLocked(u *user) (*family, []store.Op) {
	now := t.now()
	u.SignedIn, u.Used = now, now
	ops := t.spaceLocked(u.ID)
	f := newFamily(u.ID, now)
	t.families[f.ID] = f
	return f, append(ops, put(store.Users, u.ID, u), put(store.Families, f.ID, f))
}

// spaceLocked ends families of a user until there is room for another.
func (t *users) spaceLocked(id string) (ops []store.Op) {
	own := t.ofLocked(id)
	slices.SortFunc(own, func(a, b *family) int { return a.Turned.Compare(b.Turned) })
	for len(own) >= maxFamilies {
		ops = append(ops, t.endLocked(own[0])...)
		own = own[1:]
	}
	return ops
}

// ofLocked returns the families of a user.
func (t *users) ofLocked(id string) (own []*family) {
	for _, f := range t.families {
		if f.User == id {
			own = append(own, f)
		}
	}
	return own
}

func (t *users) endLocked(f *family) []store.Op {
	delete(t.families, f.ID)
	return []store.Op{{Bucket: store.Families, Key: f.ID}}
}

// forgetLocked removes a user and their families without a trace.
func (t *users) forgetLocked(u *user) []store.Op {
	ops := []store.Op{{Bucket: store.Users, Key: u.ID}}
	delete(t.byID, u.ID)
	return append(ops, t.endAllLocked(u.ID)...)
}

// endAllLocked ends every session of a user.
func (t *users) endAllLocked(id string) (ops []store.Op) {
	for _, f := range t.ofLocked(id) {
		ops = append(ops, t.endLocked(f)...)
	}
	return ops
}

// anonymousLocked returns the anonymous users, the one unused longest first.
func (t *users) anonymousLocked() []*user {
	all := slices.DeleteFunc(slices.Collect(maps.Values(t.byID)), func(u *user) bool { return !u.Anonymous })
	slices.SortFunc(all, func(a, b *user) int { return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.ID, b.ID)) })
	return all
}

// sweep forgets idle anonymous users and families. Within one run of the box
// time is monotonic, so setting the clock during a lesson ends nothing.
func (t *users) sweep(ctx context.Context) {
	t.mu.Lock()
	now := t.now()
	var ops []store.Op
	for _, u := range t.anonymousLocked() {
		if now.Sub(u.Used) >= anonymousIdle {
			ops = append(ops, t.forgetLocked(u)...)
		}
	}
	for _, f := range t.families {
		if now.Sub(f.Turned) >= FamilyIdle || t.findLocked(f.User) == nil {
			ops = append(ops, t.endLocked(f)...)
		}
	}
	t.mu.Unlock()
	if err := t.write(ctx, ops); err != nil {
		t.log.Warn("forgotten users come back with the next start", "err", err)
	}
}
