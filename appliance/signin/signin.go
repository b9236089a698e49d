// Package signin is the part of Supabase Auth that supabase-js needs to know
// the box's people: the teacher, who signs in with her password; students, who
// sign in with nothing and are somebody for as long as they keep coming; and
// users that an administrator makes with the service key.
//
// It answers what @supabase/auth-js asks for under [Prefix], in the shapes and
// with the error codes of Supabase Auth, so that programs need not know whose
// server that is. Mail, phones, providers and second factors are not there: a
// box has no internet to reach them.
//
// A sign-in begins a family of refresh tokens. Each is good once, and for a
// moment longer, because answers get lost; one that comes again after that has
// been stolen from somebody, and ends the family.
//
// Users and families are in memory and behind that in the store. A store that
// cannot be written shuts nobody out: what it does not keep lasts until the
// next start.
package signin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// Prefix is where the package's paths begin.
const Prefix = "/auth/v1/"

// TeacherEmail is what the teacher is called until she signs in under another
// address. A box has one teacher, so any address that is no user's is hers.
const TeacherEmail = "teacher@box"

// Config says whom the package asks.
type Config struct {
	Store    *store.Store
	Accounts *auth.Accounts // has the teacher's password
	Signer   *auth.Signer
	Version  string       // told by /auth/v1/health
	Log      *slog.Logger // nil means slog.Default()
}

// Server answers the requests under Prefix. It is safe for concurrent use.
type Server struct {
	cfg     Config
	log     *slog.Logger
	people  *register
	signups *ratelimit.Throttle // of anonymous sign-ins, by address
	guesses *ratelimit.Throttle // at passwords, by address and user
	handler http.Handler
}

// signupThrottle lets a class behind one address sign in several times over;
// whoever goes on makes a user in 15 seconds at most.
func signupThrottle() ratelimit.ThrottleConfig {
	return ratelimit.ThrottleConfig{Free: 200, Window: 10 * time.Minute, Base: time.Second, Max: 15 * time.Second}
}

// guessThrottle is the one of the teacher's own page, but for a whole class
// that mistypes at the same address: after that, at most two guesses a minute.
func guessThrottle() ratelimit.ThrottleConfig {
	cfg := ratelimit.LoginThrottle()
	cfg.Free = 20
	return cfg
}

// Open reads the users and their families. It starts nothing.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Store == nil || cfg.Accounts == nil || cfg.Signer == nil {
		return nil, errors.New("signin: Store, Accounts and Signer are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	people, err := openRegister(ctx, cfg.Store, cfg.Log)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: cfg.Log, people: people, signups: ratelimit.NewThrottle(signupThrottle()), guesses: ratelimit.NewThrottle(guessThrottle())}
	s.handler = s.routes()
	return s, nil
}

// sweepEvery is how often users who no longer come are forgotten.
const sweepEvery = time.Hour

// Run forgets users and families that are idle, until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.people.sweep(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Server) routes() http.Handler {
	open, keyed := http.NewServeMux(), http.NewServeMux()
	open.Handle("GET "+Prefix+"health", s.answer(s.health))
	open.Handle("GET "+Prefix+".well-known/jwks.json", s.answer(s.publicKeys))
	open.Handle("/", s.withKey(keyed))

	keyed.Handle("GET "+Prefix+"settings", s.answer(s.settings))
	keyed.Handle("POST "+Prefix+"token", s.answer(s.token))
	keyed.Handle("POST "+Prefix+"signup", s.answer(s.signUp))
	keyed.Handle("GET "+Prefix+"user", s.answer(s.user))
	keyed.Handle("PUT "+Prefix+"user", s.answer(s.changeUser))
	keyed.Handle("POST "+Prefix+"logout", s.answer(s.logOut))
	keyed.Handle("POST "+Prefix+"admin/users", s.answer(s.admin(s.createUser)))
	keyed.Handle("GET "+Prefix+"admin/users", s.answer(s.admin(s.listUsers)))
	keyed.Handle("GET "+Prefix+"admin/users/{id}", s.answer(s.admin(s.showUser)))
	keyed.Handle("PUT "+Prefix+"admin/users/{id}", s.answer(s.admin(s.editUser)))
	keyed.Handle("DELETE "+Prefix+"admin/users/{id}", s.answer(s.admin(s.deleteUser)))
	keyed.Handle("/", s.answer(func(http.ResponseWriter, *http.Request) error { return errNoRoute }))
	return open
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{
		"name": "GoTrue", "version": s.cfg.Version, "description": "Downbeat answers for Supabase Auth",
	})
}

// publicKeys is empty: the box signs with a secret, so that clients ask it
// whether a token is good.
func (s *Server) publicKeys(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string][]string{"keys": {}})
}

// settings says which ways to sign in there are.
func (s *Server) settings(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]any{
		"external":           map[string]bool{"anonymous_users": true, "email": true, "phone": false},
		"disable_signup":     true,
		"mailer_autoconfirm": true,
		"phone_autoconfirm":  false,
		"sms_provider":       "",
		"saml_enabled":       false,
	})
}
