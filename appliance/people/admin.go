package people

import (
	"cmp"
	"context"
	"slices"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
)

// Create makes a user with that id. Errors: ErrFull, ErrEmail, ErrEmailTaken,
// ErrTooLong, ErrWeakPassword, ErrBusy, ErrNotKept.
func (g *Register) Create(ctx context.Context, id string, a Attributes) (User, error) {
	a, hash, err := g.checked(ctx, a)
	if err != nil {
		return User{}, err
	}
	return g.users.create(ctx, id, a, hash)
}

// create makes a user of attributes that are checked. Errors: ErrFull,
// ErrEmailTaken, ErrTooLong.
func (t *users) create(ctx context.Context, id string, a Attributes, hash string) (out User, err error) {
	err = t.change(ctx, id, func() ([]store.Op, error) {
		if t.takenLocked(a.Email, nil) || t.byID[id] != nil {
			return nil, ErrEmailTaken
		}
		ops, err := t.placeLocked()
		if err != nil {
			return nil, err
		}
		now := t.now()
		u := &user{User: User{ID: id, Role: auth.Authenticated, Created: now, Updated: now, Used: now}}
		if err := u.apply(a, hash); err != nil {
			return nil, err
		}
		t.byID[id] = u
		out = u.User
		ops = append(ops, t.returnedLocked(a.Email)...)
		return append(ops, put(store.Users, id, u)), nil
	})
	return out, err
}

// placeLocked makes a place for another user. The traces of users deleted
// longest ago go first. It returns ErrFull if there is no place.
func (t *users) placeLocked() (ops []store.Op, err error) {
	var gone []*user
	made := 0
	for _, u := range t.byID {
		if u.Gone != "" {
			gone = append(gone, u)
		}
		if !u.Anonymous {
			made++
		}
	}
	if made-len(gone) >= maxUsers {
		return nil, ErrFull
	}
	slices.SortFunc(gone, func(a, b *user) int { return a.Created.Compare(b.Created) })
	for _, u := range gone[:max(0, made-maxUsers+1)] {
		ops = append(ops, t.forgetLocked(u)...)
	}
	return ops, nil
}

// takenLocked reports whether an email is another user's or the teacher's.
func (t *users) takenLocked(email string, than *user) bool {
	u, _ := t.byEmailLocked(email)
	return u != nil && u != than || email == TeacherEmail || email == t.byID[t.teacher].Email
}

// returnedLocked forgets that a user with that email was deleted.
func (t *users) returnedLocked(email string) (ops []store.Op) {
	hash := emailHash(email)
	for _, u := range t.byID {
		if u.Gone == hash {
			ops = append(ops, t.forgetLocked(u)...)
		}
	}
	return ops
}

// Edit changes a user. Another password ends their sessions, as in Supabase
// Auth. Errors: ErrNoUser, ErrTeacher, and those of Create except ErrFull.
func (g *Register) Edit(ctx context.Context, id string, a Attributes) (out User, err error) {
	a, hash, err := g.checked(ctx, a)
	if err != nil {
		return User{}, err
	}
	t := g.users
	err = t.changeOther(ctx, id, func(u *user) ([]store.Op, error) {
		if t.takenLocked(a.Email, u) {
			return nil, ErrEmailTaken
		}
		if err := u.apply(a, hash); err != nil {
			return nil, err
		}
		u.Updated = t.now()
		out = u.User
		ops := []store.Op{put(store.Users, u.ID, u)}
		if hash != "" {
			ops = append(ops, t.endAllLocked(u.ID)...)
		}
		return ops, nil
	})
	return out, err
}

// Delete removes a user and ends their sessions. It keeps the hash of their
// email, so that a sign-in under it does not become the teacher's. Errors:
// ErrNoUser, ErrTeacher, ErrNotKept.
func (g *Register) Delete(ctx context.Context, id string) error {
	t := g.users
	return t.changeOther(ctx, id, func(u *user) ([]store.Op, error) {
		ops := t.forgetLocked(u)
		if u.Email == "" {
			return ops, nil
		}
		gone := &user{User: User{ID: u.ID, Created: t.now()}, Gone: emailHash(u.Email)}
		t.byID[u.ID] = gone
		return append(ops, put(store.Users, u.ID, gone)), nil
	})
}

// changeOther changes a user who is not the teacher. Errors: ErrNoUser,
// ErrTeacher, ErrNotKept, and those of alter.
func (t *users) changeOther(ctx context.Context, id string, alter func(*user) ([]store.Op, error)) error {
	return t.change(ctx, id, func() ([]store.Op, error) {
		u := t.findLocked(id)
		switch {
		case u == nil:
			return nil, ErrNoUser
		case u.Teacher:
			return nil, ErrTeacher
		}
		return alter(u)
	})
}

// Get returns a user. Errors: ErrNoUser.
func (g *Register) Get(id string) (User, error) {
	g.users.mu.Lock()
	defer g.users.mu.Unlock()
	u := g.users.findLocked(id)
	if u == nil {
		return User{}, ErrNoUser
	}
	return u.User, nil
}

// List returns all users, the newest first. The teacher is among them once the
// box is claimed.
func (g *Register) List() []User {
	claimed := g.Claimed()
	var all []User
	g.users.mu.Lock()
	for id := range g.users.byID {
		if u := g.users.findLocked(id); u != nil && (!u.Teacher || claimed) {
			all = append(all, u.User)
		}
	}
	g.users.mu.Unlock()
	slices.SortFunc(all, func(a, b User) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return all
}
