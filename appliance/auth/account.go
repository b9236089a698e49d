package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// owner is the key of the one account there is: the teacher's.
const owner = "teacher"

// What signing in may answer with, beside ErrWeakPassword, ErrBusy and
// *ratelimit.SlowDownError.
var (
	ErrClaimed       = errors.New("the box is claimed already")
	ErrUnclaimed     = errors.New("the box is not claimed yet")
	ErrWrongCode     = errors.New("wrong claim code")
	ErrWrongPassword = errors.New("wrong password")
)

// AccountsConfig says where accounts live.
type AccountsConfig struct {
	Store *store.Store
	Dir   string // the data folder, for the claim code
	// Uptime is the time since the machine started; nil ages sessions by the
	// wall clock alone, which jumps on a machine without a clock battery.
	Uptime func() time.Duration
	Log    *slog.Logger // nil means slog.Default()
}

// Accounts is the teacher's account and its sessions. It is safe for
// concurrent use.
type Accounts struct {
	cfg      AccountsConfig
	hasher   *hasher
	sessions *sessions
	throttle *ratelimit.Throttle
	boot     string // store.BootID

	mu   sync.Mutex // guards hash, code; held while claiming
	hash string     // PHC string; empty until claimed
	code string     // claim code; empty once claimed
}

// account is the row that is kept.
type account struct {
	Hash      string    `json:"hash"`
	CreatedAt time.Time `json:"created_at"`
}

// OpenAccounts reads the account and the sessions. On an unclaimed box it
// also puts the claim code into the data folder.
func OpenAccounts(cfg AccountsConfig) (*Accounts, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	a := &Accounts{cfg: cfg, hasher: newHasher(), throttle: ratelimit.NewThrottle(ratelimit.LoginThrottle()), boot: store.BootID()}
	var kept account
	if _, err := cfg.Store.Get(store.Accounts, owner, &kept); err != nil {
		return nil, err
	}
	a.hash = kept.Hash
	var err error
	if a.sessions, err = openSessions(cfg.Store, a.moment); err != nil {
		return nil, err
	}
	if a.hash == "" {
		a.code, err = keepClaimCode(cfg.Dir)
		return a, err
	}
	return a, dropClaimCode(cfg.Dir) // it stays when the box stops between claim and removal
}

// moment reads the clocks.
func (a *Accounts) moment() moment {
	m := moment{Wall: time.Now()}
	if a.cfg.Uptime != nil {
		m.Boot, m.Up = a.boot, a.cfg.Uptime()
	}
	return m
}

// Claimed reports whether the box has a teacher.
func (a *Accounts) Claimed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hash != ""
}

// ClaimCode returns the code that claims the box, empty once it is claimed.
func (a *Accounts) ClaimCode() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.code
}

// Claim makes whoever knows the code the teacher and returns her session's
// secret. ErrClaimed, ErrWrongCode, ErrWeakPassword, ErrBusy, *ratelimit.SlowDownError.
// addr is the caller's, for the throttle.
func (a *Accounts) Claim(ctx context.Context, addr, code, password string) (string, error) {
	if err := a.tryCode(addr, code); err != nil {
		return "", err
	}
	if err := a.SetUp(ctx, password); err != nil {
		return "", err
	}
	a.throttle.Clear(addr)
	return a.enter(ctx), nil
}

// tryCode checks a claim code, slowly for those who guess.
func (a *Accounts) tryCode(addr, code string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hash != "" {
		return ErrClaimed
	}
	if wait := a.throttle.Wait(addr); wait > 0 {
		return &ratelimit.SlowDownError{Wait: wait}
	}
	if !sameCode(code, a.code) {
		a.throttle.Fail(addr)
		return ErrWrongCode
	}
	return nil
}

// SetUp claims the box with no code, for a demo and for the command line.
// ErrClaimed, ErrWeakPassword.
func (a *Accounts) SetUp(ctx context.Context, password string) error {
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hash != "" {
		return ErrClaimed
	}
	if err := a.cfg.Store.Put(ctx, store.Accounts, owner, account{Hash: hash, CreatedAt: time.Now()}); err != nil {
		return fmt.Errorf("keep account: %w", err)
	}
	a.hash, a.code = hash, ""
	if err := dropClaimCode(a.cfg.Dir); err != nil {
		a.cfg.Log.Warn("claim code stays in the data folder until the next start", "err", err)
	}
	return nil
}

// Login returns a new session's secret. ErrUnclaimed, ErrWrongPassword,
// ErrBusy, *ratelimit.SlowDownError.
func (a *Accounts) Login(ctx context.Context, addr, password string) (string, error) {
	if !a.Claimed() {
		return "", ErrUnclaimed
	}
	err := Guess(a.throttle, addr, func() (bool, error) { return a.CheckPassword(ctx, password) })
	if err != nil {
		return "", err
	}
	return a.enter(ctx), nil
}

// CheckPassword reports whether the password is the teacher's. It slows nobody
// down: that is for the caller. ErrUnclaimed, ErrBusy.
func (a *Accounts) CheckPassword(ctx context.Context, password string) (bool, error) {
	a.mu.Lock()
	hash := a.hash
	a.mu.Unlock()
	if hash == "" {
		return false, ErrUnclaimed
	}
	return a.Match(ctx, password, hash)
}

// Match reports whether the password is the one that Hash was given. Like
// CheckPassword it slows nobody down. ErrBusy.
func (a *Accounts) Match(ctx context.Context, password, hash string) (bool, error) {
	return a.hasher.matches(ctx, password, hash)
}

// Hash returns what Match needs of a password, to be kept in its place.
// ErrWeakPassword, ErrBusy.
func (a *Accounts) Hash(ctx context.Context, password string) (string, error) {
	return a.hasher.hash(ctx, password)
}

// SignIn opens a session without a password, for the demo's link.
func (a *Accounts) SignIn(ctx context.Context) (string, error) {
	if !a.Claimed() {
		return "", ErrUnclaimed
	}
	return a.enter(ctx), nil
}

// enter opens a session. A disk that cannot keep it shuts no teacher out.
func (a *Accounts) enter(ctx context.Context) string {
	secret, err := a.sessions.open(ctx, owner)
	if err != nil {
		a.cfg.Log.Warn("this session lasts only until the next start", "err", err)
	}
	return secret
}

// Check reports whether a session's secret is the teacher's and marks the
// session used.
func (a *Accounts) Check(ctx context.Context, secret string) bool {
	_, ok := a.sessions.check(ctx, secret)
	return ok
}

// Logout ends a session. One that is not there is no error.
func (a *Accounts) Logout(ctx context.Context, secret string) error {
	return a.sessions.close(ctx, secret)
}
