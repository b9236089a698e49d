package signin

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
)

// How many users and families there may be. A row of either takes a few
// hundred bytes, in memory and in the file.
const (
	maxAnonymous = 2048 // then the one unused longest goes
	maxUsers     = 2048 // made by an administrator, with the traces of those deleted; then there are no more
	maxFamilies  = 8    // of one user; then the one unused longest goes
)

// When what nobody uses is forgotten.
const (
	anonymousIdle = 7 * 24 * time.Hour  // a student who comes once a week stays
	familyIdle    = 30 * 24 * time.Hour // a program that is opened once a month
)

// writeTimeout bounds how long a sign-in waits for the disk.
const writeTimeout = 5 * time.Second

// register is who there is and who has signed in: memory in front of the store.
type register struct {
	store   *store.Store
	log     *slog.Logger
	now     func() time.Time
	teacher string // her id

	seed  maphash.Seed
	turns [64]sync.Mutex // by user: his rows are written in the order of their changes

	mu       sync.Mutex // guards those below
	users    map[string]*user
	families map[string]*family
}

// openRegister reads everybody who is kept. A row that is damaged is left out:
// its user signs in anew.
func openRegister(ctx context.Context, st *store.Store, log *slog.Logger) (*register, error) {
	raw, err := st.Secret(ctx, store.TeacherID, idSize)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewRandomFromReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errors.New("the teacher's id is damaged")
	}
	g := &register{
		store: st, log: log, now: time.Now, teacher: id.String(), seed: maphash.MakeSeed(),
		users: map[string]*user{}, families: map[string]*family{},
	}
	if err := g.load(); err != nil {
		return nil, err
	}
	if g.users[g.teacher] == nil {
		now := g.now()
		g.users[g.teacher] = &user{
			ID: g.teacher, Email: TeacherEmail, Role: audience, Teacher: true,
			Created: now, Updated: now, Used: now,
		}
	}
	g.sweep(ctx)
	return g, nil
}

func (g *register) load() error {
	users, err := g.store.List(store.Users)
	if err != nil {
		return err
	}
	for _, row := range users {
		var u user
		if ok, err := g.store.Get(store.Users, row.Key, &u); err == nil && ok && u.ID == row.Key {
			g.users[u.ID] = &u
		}
	}
	families, err := g.store.List(store.Families)
	if err != nil {
		return err
	}
	for _, row := range families {
		var f family
		ok, err := g.store.Get(store.Families, row.Key, &f)
		if err == nil && ok && f.ID == row.Key && uuid.Validate(f.ID) == nil {
			g.families[f.ID] = &f
		}
	}
	return nil
}

// change alters rows of one user, in memory at once and then in the store.
// Changes of one user are written in the order in which they were made; those
// of different users share a commit. The error is alter's own: a disk that
// does not take the rows costs them at the next start.
func (g *register) change(ctx context.Context, id string, alter func() ([]store.Op, error)) error {
	turn := &g.turns[maphash.String(g.seed, id)%uint64(len(g.turns))]
	turn.Lock()
	defer turn.Unlock()
	g.mu.Lock()
	ops, err := alter()
	g.mu.Unlock()
	g.write(ctx, ops)
	return err
}

// write keeps rows, also for a client that has hung up.
func (g *register) write(ctx context.Context, ops []store.Op) {
	if len(ops) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := g.store.Write(ctx, ops...); err != nil {
		g.log.Warn("a sign-in lasts only until the next start", "err", err)
	}
}

// put is the op that keeps a user or a family.
func put(b store.Bucket, id string, row any) store.Op {
	op, err := store.JSON(b, id, row)
	if err != nil {
		panic(err) // a type of this package that JSON cannot hold
	}
	return op
}

// view runs a function that only looks at rows.
func (g *register) view(look func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return look()
}

// findLocked returns a user who is not deleted, or nil.
func (g *register) findLocked(id string) *user {
	if u := g.users[id]; u != nil && u.Gone == "" {
		return u
	}
	return nil
}

// byEmailLocked returns whose email that is, the teacher aside, and whether he
// was deleted.
func (g *register) byEmailLocked(email string) (u *user, gone bool) {
	if email == "" {
		return nil, false
	}
	hash := emailHash(email)
	for _, u := range g.users {
		if u.Email == email && !u.Teacher && u.Gone == "" {
			return u, false
		}
		gone = gone || u.Gone == hash
	}
	return nil, gone
}

// beginLocked begins a family for a user who has signed in.
func (g *register) beginLocked(u *user) (*family, []store.Op) {
	now := g.now()
	u.SignedIn, u.Used = now, now
	ops := g.spaceLocked(u.ID)
	f := newFamily(u.ID, now)
	g.families[f.ID] = f
	return f, append(ops, put(store.Users, u.ID, u), put(store.Families, f.ID, f))
}

// spaceLocked ends families of a user until there is room for another.
func (g *register) spaceLocked(id string) (ops []store.Op) {
	own := g.ofLocked(id)
	slices.SortFunc(own, func(a, b *family) int { return a.Turned.Compare(b.Turned) })
	for len(own) >= maxFamilies {
		ops = append(ops, g.endLocked(own[0])...)
		own = own[1:]
	}
	return ops
}

// ofLocked are the families of a user.
func (g *register) ofLocked(id string) (own []*family) {
	for _, f := range g.families {
		if f.User == id {
			own = append(own, f)
		}
	}
	return own
}

func (g *register) endLocked(f *family) []store.Op {
	delete(g.families, f.ID)
	return []store.Op{{Bucket: store.Families, Key: f.ID}}
}

// forgetLocked removes a user and his families without a trace.
func (g *register) forgetLocked(u *user) []store.Op {
	ops := []store.Op{{Bucket: store.Users, Key: u.ID}}
	delete(g.users, u.ID)
	return append(ops, g.endAllLocked(u.ID)...)
}

// endAllLocked ends every session of a user.
func (g *register) endAllLocked(id string) (ops []store.Op) {
	for _, f := range g.ofLocked(id) {
		ops = append(ops, g.endLocked(f)...)
	}
	return ops
}

// anonymousLocked are the users who signed in with nothing, the one unused
// longest first.
func (g *register) anonymousLocked() []*user {
	all := slices.DeleteFunc(slices.Collect(maps.Values(g.users)), func(u *user) bool { return !u.Anonymous })
	slices.SortFunc(all, func(a, b *user) int { return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.ID, b.ID)) })
	return all
}

// sweep forgets anonymous users and families that are idle. Within one run of
// the box time is monotonic, so that a clock that is set while a class is on
// ends nothing.
func (g *register) sweep(ctx context.Context) {
	g.mu.Lock()
	now := g.now()
	var ops []store.Op
	for _, u := range g.anonymousLocked() {
		if now.Sub(u.Used) >= anonymousIdle {
			ops = append(ops, g.forgetLocked(u)...)
		}
	}
	for _, f := range g.families {
		if now.Sub(f.Turned) >= familyIdle || g.findLocked(f.User) == nil {
			ops = append(ops, g.endLocked(f)...)
		}
	}
	g.mu.Unlock()
	g.write(ctx, ops)
}
