package people

import (
	"context"
	"time"

	"downbeat.local/appliance/store"
)

// ChangePassword replaces the teacher's password for a browser that is signed in
// and knows the old one. All other browsers and programs of the teacher are signed
// out, also when the new password is the old one. addr is the caller's, to slow
// guesses. Errors: ErrUnclaimed, ErrWrongPassword, ErrWeakPassword, ErrBusy,
// ErrNotKept, *ratelimit.SlowDownError.
func (g *Register) ChangePassword(ctx context.Context, addr, session, old, fresh string) error {
	checked := g.passwordHash()
	if err := guess(g.throttle, addr, func() (bool, error) { return g.CheckPassword(ctx, old) }); err != nil {
		return err
	}
	hash, err := g.hasher.hash(ctx, fresh, MinPassword)
	if err != nil {
		return err
	}
	row, err := store.JSON(store.Accounts, owner, accountRow{Hash: hash, CreatedAt: time.Now()})
	if err != nil {
		return err
	}
	a, t := g.Account, g.users
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hash != checked {
		return ErrWrongPassword // another change came first, and ended this session
	}
	err = t.change(ctx, t.teacher, func() ([]store.Op, error) {
		ops := append(t.endAllLocked(t.teacher), row)
		return append(ops, a.sessions.ending(session)...), nil
	})
	if err != nil {
		return err
	}
	a.hash = hash
	a.sessions.dropOthers(session)
	return nil
}

// ending returns the ops that end every session but one.
func (t *webSessions) ending(but string) (ops []store.Op) {
	id := sessionID(but)
	t.mu.Lock()
	defer t.mu.Unlock()
	for other := range t.byID {
		if other != id {
			ops = append(ops, store.Op{Bucket: store.Sessions, Key: other})
		}
	}
	return ops
}

// dropOthers forgets every session but one in memory.
func (t *webSessions) dropOthers(but string) {
	id := sessionID(but)
	t.mu.Lock()
	defer t.mu.Unlock()
	for other := range t.byID {
		if other != id {
			delete(t.byID, other)
		}
	}
}
