package signin

import (
	"net/http"

	"downbeat.local/appliance/auth"
)

// gateProblem is what Supabase's gateway answers in front of every service. It
// has no codes.
type gateProblem struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

var (
	noKey    = gateProblem{"No API key found in request", "No `apikey` request header or url param was found."}
	wrongKey = gateProblem{"Invalid API key", "Double check your Supabase `anon` or `service_role` API key."}
)

// withKey admits only programs with a key of the box: a key, or a token in place
// of one. A device on the network is no user yet, and a person's token is no key,
// or it would make its bearer another person.
func (s *Server) withKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := auth.APIKey(r)
		if key == "" {
			key = auth.Bearer(r)
		}
		if key == "" {
			_ = writeJSON(w, http.StatusUnauthorized, noKey)
			return
		}
		if claims, err := s.cfg.Signer.Verify(key); err != nil || !claims.IsKey() {
			_ = writeJSON(w, http.StatusUnauthorized, wrongKey)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// admin admits only the service role: as the bearer, or as the key if there is
// no bearer.
func (s *Server) admin(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := auth.Bearer(r)
		if token == "" {
			token = auth.APIKey(r)
		}
		claims, err := s.cfg.Signer.Verify(token)
		if err != nil {
			return badToken(err)
		}
		if claims.Role != auth.Service {
			return errNotAdmin
		}
		return h(w, r)
	}
}
