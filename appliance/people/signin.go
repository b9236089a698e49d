package people

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// Session is a program's sign-in: the user, and the refresh token that is good
// now.
type Session struct {
	ID           string // the same for every token of the sign-in
	RefreshToken string
	User         User
	Time         time.Time // of the sign-in or the refresh
}

// SignIn signs in the user with that email. Any email without a user is the
// teacher's, because a box has one teacher. addr is the caller's, for the
// throttle. Errors: ErrWrongPassword, ErrUnconfirmed, ErrUnclaimed, ErrBusy,
// *ratelimit.SlowDownError.
func (g *Register) SignIn(ctx context.Context, addr, typed, password string) (Session, error) {
	email, isEmail := normalEmail(typed)
	id, hash, ofUser := g.users.password(email)
	if ofUser {
		if err := g.guessAt(addr, email, func() (bool, error) { return g.matches(ctx, password, hash) }); err != nil {
			return Session{}, err
		}
		return g.users.signIn(ctx, id, hash, "")
	}
	checked := g.passwordHash()
	if err := g.guessAt(addr, "", func() (bool, error) { return g.isTeachers(ctx, password) }); err != nil {
		return Session{}, err
	}
	if !isEmail {
		email = ""
	}
	in, err := g.users.signIn(ctx, g.users.teacher, "", email)
	if err == nil && g.passwordHash() != checked { // it was changed meanwhile, which did not end this session
		return Session{}, errors.Join(ErrWrongPassword, g.SignOut(ctx, in.User.ID, in.ID, ScopeLocal))
	}
	return in, err
}

// isTeachers reports whether a password is the teacher's. An unclaimed box has
// none. It says so only if it has no users either, or its answer to an email
// would tell whether that is a user's.
func (g *Register) isTeachers(ctx context.Context, password string) (bool, error) {
	ok, err := g.CheckPassword(ctx, password)
	if errors.Is(err, ErrUnclaimed) && g.users.haveEmails() {
		return g.matches(ctx, password, "")
	}
	return ok, err
}

// guessAt slows guesses at one user from one address. The class behind that
// address can go on signing in.
func (g *Register) guessAt(addr, email string, check func() (bool, error)) error {
	return guess(g.guesses, ratelimit.AddressKey(addr)+" "+email, check)
}

// matches reports whether a password has that hash. No password has an empty
// hash; that takes as long to find out.
func (g *Register) matches(ctx context.Context, password, hash string) (bool, error) {
	if hash == "" {
		return false, g.hasher.pretend(ctx, password)
	}
	return g.hasher.matches(ctx, password, hash)
}

// SignUp makes an anonymous user and signs them in. Errors: ErrTooLong,
// *ratelimit.SlowDownError.
func (g *Register) SignUp(ctx context.Context, addr string, data map[string]any) (Session, error) {
	if data = merge(nil, data); data == nil {
		return Session{}, ErrTooLong
	}
	if _, err := g.signups.Try(addr); err != nil {
		return Session{}, err
	}
	return g.users.signUp(ctx, data)
}

// SignUpWithEmail makes a user with an email and a password and signs them in.
// Errors: those of Create, and *ratelimit.SlowDownError.
func (g *Register) SignUpWithEmail(ctx context.Context, addr string, a Attributes) (Session, error) {
	if _, err := g.signups.Try(addr); err != nil {
		return Session{}, err
	}
	a, hash, err := g.checked(ctx, a)
	if err != nil {
		return Session{}, err
	}
	u, err := g.users.create(ctx, uuid.NewString(), a, hash)
	if err != nil {
		return Session{}, err
	}
	return g.users.signIn(ctx, u.ID, hash, "")
}

// Refresh exchanges a refresh token for the next one. Errors: ErrUnknownToken,
// ErrReusedToken.
func (g *Register) Refresh(ctx context.Context, token string) (Session, error) {
	return g.users.refresh(ctx, token)
}

// haveEmails reports whether anybody but the teacher has or had an email.
func (t *users) haveEmails() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range t.byID {
		if u.Gone != "" || u.Email != "" && !u.Teacher {
			return true
		}
	}
	return false
}

// password finds what a sign-in with an email is checked against. ofUser is
// false if the email is the teacher's. It is true for a deleted user, who has
// no password.
func (t *users) password(email string) (id, hash string, ofUser bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u, gone := t.byEmailLocked(email)
	if u == nil {
		return "", "", gone
	}
	return u.ID, u.Hash, true
}

// signIn starts a session of a user who has proved who they are. hash is what
// the password was checked against; it is empty for the teacher, whose password
// is the account's. An email, if any, becomes theirs. It
// returns ErrWrongPassword if the user was deleted or got another password
// meanwhile, and ErrUnconfirmed.
func (t *users) signIn(ctx context.Context, id, hash, email string) (out Session, err error) {
	err = t.admit(ctx, id, func() ([]store.Op, error) {
		u := t.findLocked(id)
		if u == nil || u.Hash != hash {
			return nil, ErrWrongPassword
		}
		if u.Unconfirmed {
			return nil, ErrUnconfirmed
		}
		if email != "" {
			u.Email = email
		}
		f, ops := t.beginLocked(u)
		out = t.sessionLocked(u, f)
		return ops, nil
	})
	return out, err
}

// signUp makes an anonymous user. If there are too many, it forgets the one
// unused longest.
func (t *users) signUp(ctx context.Context, data map[string]any) (out Session, err error) {
	id := uuid.NewString()
	err = t.admit(ctx, id, func() ([]store.Op, error) {
		var ops []store.Op
		for old := t.anonymousLocked(); len(old) >= maxAnonymous; old = old[1:] {
			ops = append(ops, t.forgetLocked(old[0])...)
		}
		now := t.now()
		u := &user{User: User{ID: id, Role: auth.Authenticated, Anonymous: true, Data: data, Created: now, Updated: now}}
		t.byID[id] = u
		f, begun := t.beginLocked(u)
		out = t.sessionLocked(u, f)
		return append(ops, begun...), nil
	})
	return out, err
}

// refresh ends the family of a token that was used before, unless that was a
// moment ago: two callers hold it, and one of them stole it.
func (t *users) refresh(ctx context.Context, text string) (out Session, err error) {
	p, ok := parseRefreshToken(text)
	if !ok {
		return Session{}, ErrUnknownToken
	}
	id := t.ownerOf(p.family)
	err = t.admit(ctx, id, func() ([]store.Op, error) {
		f, u := t.families[p.family], t.findLocked(id)
		if f == nil || u == nil {
			return nil, ErrUnknownToken
		}
		var ops []store.Op
		switch now := t.now(); f.judge(p, now) {
		case forged:
			return nil, ErrUnknownToken
		case stolen:
			t.log.Warn("a refresh token came twice, its session is over", "user", u.ID)
			return t.endLocked(f), ErrReusedToken
		case current:
			f.rotate(now)
			u.Used = now
			ops = []store.Op{put(store.Users, u.ID, u), put(store.Families, f.ID, f)}
		}
		out = t.sessionLocked(u, f)
		return ops, nil
	})
	return out, err
}

func (t *users) ownerOf(family string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.families[family]; f != nil {
		return f.User
	}
	return ""
}

func (t *users) sessionLocked(u *user, f *family) Session {
	return Session{ID: f.ID, RefreshToken: f.refreshToken(), User: u.User, Time: t.now()}
}
