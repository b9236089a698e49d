package signin

import (
	"net/http"

	"downbeat.local/appliance/auth"
)

// gateProblem is what Supabase's gateway answers in front of every service; it
// knows no codes.
type gateProblem struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

var (
	noKey    = gateProblem{"No API key found in request", "No `apikey` request header or url param was found."}
	wrongKey = gateProblem{"Invalid API key", "Double check your Supabase `anon` or `service_role` API key."}
)

// withKey lets only programs through that have a key of the box, or a token
// that it takes. Whoever is on the network is not a user yet.
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
		if _, err := s.cfg.Signer.Verify(key); err != nil {
			_ = writeJSON(w, http.StatusUnauthorized, wrongKey)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// bearer verifies the token of the request.
func (s *Server) bearer(r *http.Request) (auth.Claims, error) {
	token := auth.Bearer(r)
	if token == "" {
		return auth.Claims{}, errNoBearer
	}
	claims, err := s.cfg.Signer.Verify(token)
	if err != nil {
		return auth.Claims{}, badToken(err)
	}
	return claims, nil
}

// whoLocked finds the user of a token whose session is not over. people.mu is
// held.
func (s *Server) whoLocked(claims auth.Claims) (*user, error) {
	if claims.Subject == "" {
		return nil, errNoSubject
	}
	u := s.people.findLocked(claims.Subject)
	if u == nil {
		return nil, errNoUser
	}
	id, _ := claims.All["session_id"].(string)
	if f := s.people.families[id]; f == nil || f.User != u.ID {
		return nil, errNoSession
	}
	return u, nil
}

// admin lets only the service role through: as the bearer, or where that is
// the program's key again, as the key.
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
