package signin

import (
	"errors"
	"net/http"
	"time"

	"downbeat.local/appliance/people"
)

// accessTTL is how long an access token is good, as in Supabase Auth. Clients
// refresh it a minute and a half before.
const accessTTL = time.Hour

// session is the answer to a sign-in and a refresh.
type session struct {
	AccessToken  string     `json:"access_token"`
	TokenType    string     `json:"token_type"`
	ExpiresIn    int        `json:"expires_in"` // seconds
	ExpiresAt    int64      `json:"expires_at"` // Unix
	RefreshToken string     `json:"refresh_token"`
	User         publicUser `json:"user"`
}

// writeSession signs an access token and answers with both tokens.
func (s *Server) writeSession(w http.ResponseWriter, in people.Session) error {
	token, err := s.cfg.Signer.Mint(claims(in), accessTTL)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, session{
		AccessToken: token, TokenType: "bearer",
		ExpiresIn: int(accessTTL.Seconds()), ExpiresAt: in.Time.Add(accessTTL).Unix(),
		RefreshToken: in.RefreshToken, User: public(in.User),
	})
}

// token signs in with a password, or exchanges a refresh token.
func (s *Server) token(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Email        string `json:"email"`
		Password     string `json:"password"`
		RefreshToken string `json:"refresh_token"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	var in people.Session
	var err error
	switch r.URL.Query().Get("grant_type") {
	case "password":
		in, err = s.cfg.People.SignIn(r.Context(), r.RemoteAddr, req.Email, req.Password)
	case "refresh_token":
		in, err = s.cfg.People.Refresh(r.Context(), req.RefreshToken)
	case "pkce", "id_token", "web3":
		return errNoOAuth
	default:
		return errGrant
	}
	if err != nil {
		return err
	}
	return s.writeSession(w, in)
}

// signUp makes an anonymous user, or one with an email and a password if the box
// allows that.
func (s *Server) signUp(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Email    string         `json:"email"`
		Phone    string         `json:"phone"`
		Password string         `json:"password"`
		Data     map[string]any `json:"data"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	var in people.Session
	var err error
	switch {
	case req.Phone != "":
		return errPhone
	case req.Email == "":
		in, err = s.cfg.People.SignUp(r.Context(), r.RemoteAddr, req.Data)
	case !s.cfg.EmailSignUp:
		return errSignup
	case req.Password == "":
		return errNoPassword
	default:
		in, err = s.cfg.People.SignUpWithEmail(r.Context(), r.RemoteAddr, people.Attributes{
			Email: req.Email, Password: req.Password, Data: req.Data,
		})
	}
	if errors.Is(err, people.ErrEmailTaken) {
		return errUserExists
	}
	if err != nil {
		return err
	}
	return s.writeSession(w, in)
}

// logOut ends sessions of the bearer: by default all, or this one, or all
// others.
func (s *Server) logOut(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(r)
	if err != nil {
		return err
	}
	scope := people.Scope(r.URL.Query().Get("scope"))
	switch scope {
	case "", people.ScopeGlobal, people.ScopeLocal, people.ScopeOthers:
	default:
		return errScope
	}
	if who.id == "" {
		return errNoSubject
	}
	if err := s.cfg.People.SignOut(r.Context(), who.id, who.session, scope); err != nil {
		return who.problem(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
