// Package people is the register of the box's people: the teacher, the
// students who sign in with nothing, and the users that an administrator makes.
// They are reached through a [Register] only.
//
// A box belongs to no one until it is claimed with a code that is printed at
// start and lies in the data folder. The claim sets a password, of which only
// the argon2id hash is kept. A session of a browser is 256 random bits, of which
// only the SHA-256 is kept. Guesses are slowed by growing delays and never
// punished with a ban: a whole class may share one address.
//
// A sign-in of a program begins a family of refresh tokens. Each token is good
// once, and for a moment longer, because answers get lost. A token that comes
// again after that was stolen, and ends its family.
//
// Everything is in memory and behind that in the store. If the store cannot be
// written, signing in goes on and lasts until the next start. Every other change
// of a user is refused then, with [ErrNotKept].
//
// The package serves no HTTP and logs no names, tokens or passwords.
package people

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// What the register may answer about users. The teacher's account and
// passwords have errors of their own.
var (
	ErrFull       = errors.New("the box holds no more users")
	ErrNoUser     = errors.New("no such user")
	ErrNoSession  = errors.New("no such session")
	ErrEmail      = errors.New("not an email address")
	ErrEmailTaken = errors.New("another user has that email address")
	ErrNoEmail    = errors.New("a password needs an email address")
	ErrSame       = errors.New("the new password is the old one")
	ErrTooLong    = errors.New("a user's data are too long")
	ErrTeacher    = errors.New("the teacher is no user to change")
	// ErrNotKept refuses a change that the store did not take. It is undone.
	ErrNotKept = errors.New("the box could not keep the change")

	ErrUnconfirmed = errors.New("the user's email address is not confirmed")

	ErrUnknownToken = errors.New("no such refresh token")
	ErrReusedToken  = errors.New("the refresh token was used before")
)

// Config says where the register lives.
type Config struct {
	Store *store.Store
	Dir   string // the data folder, for the claim code
	// Uptime is the time since the machine started. With nil the sessions of
	// browsers age by the wall clock alone, which jumps on a machine without a
	// clock battery.
	Uptime func() time.Duration
	Now    func() time.Time // ages users, their tokens and guesses; nil means time.Now
	Log    *slog.Logger     // nil means slog.Default()
}

// Register is everyone whom the box knows. It is safe for concurrent use.
type Register struct {
	*Account
	users   *users
	signups *ratelimit.Throttle // of anonymous sign-ins, by address
	guesses *ratelimit.Throttle // at users' passwords, by address and user
	log     *slog.Logger
}

// Open reads the teacher's account and the users. On an unclaimed box it also
// puts the claim code into the data folder. It starts nothing.
func Open(ctx context.Context, cfg Config) (*Register, error) {
	if cfg.Store == nil {
		return nil, errors.New("people: a Store is needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	account, err := openAccount(cfg)
	if err != nil {
		return nil, err
	}
	users, err := openUsers(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Register{
		Account: account, users: users, log: cfg.Log,
		signups: cfg.throttle(signupThrottle()),
		guesses: cfg.throttle(guessThrottle()),
	}, nil
}

// throttle is a throttle on the register's clock.
func (c Config) throttle(of ratelimit.ThrottleConfig) *ratelimit.Throttle {
	of.Now = c.Now
	return ratelimit.NewThrottle(of)
}

// sweepEvery is how often idle users are forgotten.
const sweepEvery = time.Hour

// Run forgets idle users and refresh tokens until ctx ends.
func (g *Register) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			g.users.sweep(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
