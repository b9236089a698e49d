// Package signin is the part of Supabase Auth that supabase-js needs: the
// teacher signs in with their password, students sign in anonymously, and an
// administrator makes users with the service key. With [Config.EmailSignUp],
// everybody can make a user with an email and a password.
//
// It answers the requests of @supabase/auth-js under [Prefix], in the shapes
// and with the error codes of Supabase Auth. It has no mail, phones, providers
// or second factors, because a box has no internet to reach them.
//
// It keeps nothing: users and their sessions are in the register of [people].
package signin

import (
	"errors"
	"log/slog"
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
)

// Prefix begins all paths of the package.
const Prefix = "/auth/v1/"

// Config is the parts of the box that the package uses.
type Config struct {
	People *people.Register
	Signer *auth.Signer
	// EmailSignUp lets everybody make a user with an email and a password. The
	// box cannot check that an email is theirs, because it sends no mail.
	EmailSignUp bool
	Version     string       // reported by /auth/v1/health
	Log         *slog.Logger // nil means slog.Default()
}

// Server answers the requests under Prefix. It is safe for concurrent use.
type Server struct {
	cfg     Config
	log     *slog.Logger
	handler http.Handler
}

// New prepares the routes. It starts nothing.
func New(cfg Config) (*Server, error) {
	if cfg.People == nil || cfg.Signer == nil {
		return nil, errors.New("signin: People and Signer are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{cfg: cfg, log: cfg.Log}
	s.handler = s.routes()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Server) routes() http.Handler {
	open, keyed := http.NewServeMux(), http.NewServeMux()
	open.Handle("GET "+Prefix+"health", s.answer(s.health))
	open.Handle("GET "+Prefix+".well-known/jwks.json", s.answer(s.publicKeys))
	for _, path := range []string{"authorize", "callback", "sso"} { // a browser goes there, without a key
		s.refuseBelow(open, path, errNoOAuth)
	}
	s.refuseBelow(open, "verify", errNoMail)
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
	for path, why := range absent {
		s.refuseBelow(keyed, path, why)
	}
	keyed.Handle("/", s.refuse(errNoRoute))
	return open
}

// absent are the calls of auth-js that the box does not offer.
var absent = map[string]*problem{
	"otp": errNoMail, "magiclink": errNoMail, "recover": errNoMail, "resend": errNoMail, "reauthenticate": errNoMail,
	"invite": errNoMail, "admin/generate_link": errNoMail,
	"user/identities": errNoOAuth, "admin/custom-providers": errNoOAuth, "oauth": errNoOAuth, "admin/oauth": errNoOAuth,
	"factors": errNoFactors, "passkeys": errNoFactors,
}

// refuseBelow refuses a path and those below it.
func (s *Server) refuseBelow(mux *http.ServeMux, path string, why *problem) {
	mux.Handle(Prefix+path, s.refuse(why))
	mux.Handle(Prefix+path+"/", s.refuse(why))
}

// refuse answers every request with a problem.
func (s *Server) refuse(why *problem) http.Handler {
	return s.answer(func(http.ResponseWriter, *http.Request) error { return why })
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{
		"name": "GoTrue", "version": s.cfg.Version, "description": "Downbeat answers for Supabase Auth",
	})
}

// publicKeys is empty. The box signs with a secret, and clients ask it whether
// a token is good.
func (s *Server) publicKeys(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string][]string{"keys": {}})
}

// settings lists the ways to sign in.
func (s *Server) settings(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]any{
		"external":           map[string]bool{"anonymous_users": true, "email": true, "phone": false},
		"disable_signup":     !s.cfg.EmailSignUp,
		"mailer_autoconfirm": true,
		"phone_autoconfirm":  false,
		"sms_provider":       "",
		"saml_enabled":       false,
	})
}
