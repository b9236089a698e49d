package people

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// owner is the key of the only account: the teacher's.
const owner = "teacher"

// What signing in may answer, beside ErrWeakPassword, ErrBusy and
// *ratelimit.SlowDownError.
var (
	ErrClaimed       = errors.New("the box is claimed already")
	ErrUnclaimed     = errors.New("the box is not claimed yet")
	ErrWrongCode     = errors.New("wrong claim code")
	ErrWrongPassword = errors.New("wrong password")
)

// Account is the teacher's account and the sessions of their browsers. It is
// safe for concurrent use.
type Account struct {
	cfg      Config
	hasher   *hasher
	sessions *webSessions
	throttle *ratelimit.Throttle
	boot     string // store.BootID

	mu   sync.Mutex // guards hash, code; held while claiming
	hash string     // PHC string; empty until claimed
	code string     // claim code; empty once claimed
}

// accountRow is the row in the store.
type accountRow struct {
	Hash      string    `json:"hash"`
	CreatedAt time.Time `json:"created_at"`
}

// openAccount reads the account and the sessions. On an unclaimed box it
// also puts the claim code into the data folder.
func openAccount(cfg Config) (*Account, error) {
	a := &Account{cfg: cfg, hasher: newHasher(), throttle: cfg.throttle(ratelimit.LoginThrottle()), boot: store.BootID()}
	var kept accountRow
	if _, err := cfg.Store.Get(store.Accounts, owner, &kept); err != nil {
		return nil, err
	}
	a.hash = kept.Hash
	var err error
	if a.sessions, err = openWebSessions(cfg.Store, a.moment); err != nil {
		return nil, err
	}
	if a.hash == "" {
		a.code, err = keepClaimCode(cfg.Dir)
		return a, err
	}
	return a, dropClaimCode(cfg.Dir) // the file stays if the box stopped between claim and removal
}

// moment reads the clocks.
func (a *Account) moment() moment {
	m := moment{Wall: time.Now()}
	if a.cfg.Uptime != nil {
		m.Boot, m.Up = a.boot, a.cfg.Uptime()
	}
	return m
}

// Claimed reports whether the box has a teacher.
func (a *Account) Claimed() bool {
	return a.passwordHash() != ""
}

// ClaimCode returns the code that claims the box. It is empty once the box is
// claimed.
func (a *Account) ClaimCode() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.code
}

// Claim sets the teacher's password, for a caller that knows the claim code,
// and returns a session's secret. addr is the caller's, for the throttle.
// Errors: ErrClaimed, ErrWrongCode, ErrWeakPassword, ErrBusy,
// *ratelimit.SlowDownError.
func (a *Account) Claim(ctx context.Context, addr, code, password string) (string, error) {
	if err := a.tryCode(addr, code); err != nil {
		return "", err
	}
	if err := a.SetUp(ctx, password); err != nil {
		return "", err
	}
	a.throttle.Clear(addr)
	return a.startSession(ctx), nil
}

// tryCode checks a claim code, and slows guesses.
func (a *Account) tryCode(addr, code string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hash != "" {
		return ErrClaimed
	}
	attempt, err := a.throttle.Try(addr)
	if err != nil {
		return err
	}
	if !sameCode(code, a.code) {
		return ErrWrongCode
	}
	attempt.Forgive()
	return nil
}

// SetUp claims the box without a code, for a demo and for the command line.
// Errors: ErrClaimed, ErrWeakPassword, ErrBusy.
func (a *Account) SetUp(ctx context.Context, password string) error {
	hash, err := a.hasher.hash(ctx, password, MinPassword)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hash != "" {
		return ErrClaimed
	}
	if err := a.cfg.Store.Put(ctx, store.Accounts, owner, accountRow{Hash: hash, CreatedAt: time.Now()}); err != nil {
		return fmt.Errorf("keep account: %w", err)
	}
	a.hash, a.code = hash, ""
	if err := dropClaimCode(a.cfg.Dir); err != nil {
		a.cfg.Log.Warn("claim code stays in the data folder until the next start", "err", err)
	}
	return nil
}

// Login checks the teacher's password and returns a session's secret. Errors:
// ErrUnclaimed, ErrWrongPassword, ErrBusy, *ratelimit.SlowDownError.
func (a *Account) Login(ctx context.Context, addr, password string) (string, error) {
	if !a.Claimed() {
		return "", ErrUnclaimed
	}
	hash := a.passwordHash()
	err := guess(a.throttle, addr, func() (bool, error) { return a.hasher.matches(ctx, password, hash) })
	if err != nil {
		return "", err
	}
	secret := a.startSession(ctx)
	if a.passwordHash() != hash { // it was changed meanwhile, which did not end this session
		_ = a.Logout(ctx, secret) // memory forgets it in any case
		return "", ErrWrongPassword
	}
	return secret, nil
}

func (a *Account) passwordHash() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hash
}

// CheckPassword reports whether the password is the teacher's. The caller has
// to slow guesses. Errors: ErrUnclaimed, ErrBusy.
func (a *Account) CheckPassword(ctx context.Context, password string) (bool, error) {
	hash := a.passwordHash()
	if hash == "" {
		return false, ErrUnclaimed
	}
	return a.hasher.matches(ctx, password, hash)
}

// OpenSession opens a browser's session without a password, for the demo's
// link. Errors: ErrUnclaimed.
func (a *Account) OpenSession(ctx context.Context) (string, error) {
	if !a.Claimed() {
		return "", ErrUnclaimed
	}
	return a.startSession(ctx), nil
}

// startSession opens a session. If the disk cannot keep it, the session holds until
// the next start.
func (a *Account) startSession(ctx context.Context) string {
	secret, err := a.sessions.open(ctx, owner)
	if err != nil {
		a.cfg.Log.Warn("this session lasts only until the next start", "err", err)
	}
	return secret
}

// CheckSession reports whether a secret is of an open session, and marks the
// session used.
func (a *Account) CheckSession(ctx context.Context, secret string) bool {
	_, ok := a.sessions.check(ctx, secret)
	return ok
}

// Logout ends a session. An unknown secret is no error.
func (a *Account) Logout(ctx context.Context, secret string) error {
	return a.sessions.close(ctx, secret)
}
