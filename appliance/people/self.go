package people

import (
	"cmp"
	"context"

	"downbeat.local/appliance/store"
)

// User returns the user of an open session. Errors: ErrNoUser, ErrNoSession.
func (g *Register) User(id, session string) (User, error) {
	g.users.mu.Lock()
	defer g.users.mu.Unlock()
	u, err := g.users.bearerLocked(id, session)
	if err != nil {
		return User{}, err
	}
	return u.User, nil
}

// Change changes what users may change of themselves: their email, their
// password and what they say of themselves. Another password ends their other
// sessions, as in Supabase Auth. Errors: ErrNoUser, ErrNoSession, ErrTeacher,
// ErrNoEmail, ErrSame, and those of Create.
func (g *Register) Change(ctx context.Context, id, session string, a Attributes) (out User, err error) {
	if err := g.mayChange(ctx, id, session, a); err != nil {
		return User{}, err
	}
	a, hash, err := g.checked(ctx, Attributes{Email: a.Email, Password: a.Password, Data: a.Data})
	if err != nil {
		return User{}, err
	}
	t := g.users
	err = t.change(ctx, id, func() ([]store.Op, error) {
		u, err := t.bearerLocked(id, session)
		if err != nil {
			return nil, err
		}
		ops, err := t.moveLocked(u, a.Email)
		if err != nil {
			return nil, err
		}
		if err := u.apply(a, hash); err != nil {
			return nil, err
		}
		u.Updated = t.now()
		out = u.User
		if hash != "" {
			ops = append(ops, t.endOthersLocked(id, session)...)
		}
		return append(ops, put(store.Users, u.ID, u)), nil
	})
	return out, err
}

// mayChange refuses a change of an email or a password that makes no sense.
func (g *Register) mayChange(ctx context.Context, id, session string, a Attributes) error {
	g.users.mu.Lock()
	u, err := g.users.bearerLocked(id, session)
	if err != nil {
		g.users.mu.Unlock()
		return err
	}
	email, teacher, hash := u.Email, u.Teacher, u.Hash
	g.users.mu.Unlock()
	switch {
	case a.Email == "" && a.Password == "":
		return nil
	case teacher:
		return ErrTeacher
	case a.Password != "" && email == "" && a.Email == "":
		return ErrNoEmail
	case a.Password == "":
		return nil
	}
	if same, err := g.matches(ctx, a.Password, hash); err != nil || same {
		return cmp.Or(err, ErrSame)
	}
	return nil
}

// moveLocked makes room for a user under an email. Errors: ErrEmailTaken,
// ErrFull.
func (t *users) moveLocked(u *user, email string) (ops []store.Op, err error) {
	if email == "" || email == u.Email {
		return nil, nil
	}
	if t.takenLocked(email, u) {
		return nil, ErrEmailTaken
	}
	if u.Anonymous { // from now on they count as a user that was made
		if ops, err = t.placeLocked(); err != nil {
			return nil, err
		}
	}
	return append(ops, t.returnedLocked(email)...), nil
}

// endOthersLocked ends all sessions of a user but one.
func (t *users) endOthersLocked(id, session string) (ops []store.Op) {
	for _, f := range t.ofLocked(id) {
		if f.ID != session {
			ops = append(ops, t.endLocked(f)...)
		}
	}
	return ops
}

// Scope selects the sessions that a sign-out ends.
type Scope string

// The scopes, as Supabase Auth names them.
const (
	ScopeGlobal Scope = "global" // all
	ScopeLocal  Scope = "local"  // this one
	ScopeOthers Scope = "others" // all but this one
)

// SignOut ends sessions of the user of an open session. Errors: ErrNoUser,
// ErrNoSession, ErrNotKept.
func (g *Register) SignOut(ctx context.Context, id, session string, scope Scope) error {
	t := g.users
	return t.change(ctx, id, func() ([]store.Op, error) {
		if _, err := t.bearerLocked(id, session); err != nil {
			return nil, err
		}
		var ops []store.Op
		for _, f := range t.ofLocked(id) {
			if scope == ScopeLocal && f.ID != session || scope == ScopeOthers && f.ID == session {
				continue
			}
			ops = append(ops, t.endLocked(f)...)
		}
		return ops, nil
	})
}

// bearerLocked finds the user of an open session.
func (t *users) bearerLocked(id, session string) (*user, error) {
	u := t.findLocked(id)
	if u == nil {
		return nil, ErrNoUser
	}
	if f := t.families[session]; f == nil || f.User != id {
		return nil, ErrNoSession
	}
	return u, nil
}
