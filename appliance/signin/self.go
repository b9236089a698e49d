package signin

import (
	"errors"
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
)

// bearer is the user and the session that a request's token names. The id is
// empty if the token names no user, as a program's key does.
type bearer struct {
	id, session string
}

// bearer verifies the token of the request.
func (s *Server) bearer(r *http.Request) (bearer, error) {
	token := auth.Bearer(r)
	if token == "" {
		return bearer{}, errNoBearer
	}
	claims, err := s.cfg.Signer.Verify(token)
	if err != nil {
		return bearer{}, badToken(err)
	}
	session, _ := claims.All["session_id"].(string)
	return bearer{id: claims.Subject, session: session}, nil
}

// problem returns the answer to an error about the bearer. A missing user is
// another problem here than for an administrator.
func (bearer) problem(err error) error {
	if errors.Is(err, people.ErrNoUser) {
		return errBearerGone
	}
	return err
}

// user answers with the bearer's user.
func (s *Server) user(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(r)
	if err != nil {
		return err
	}
	if who.id == "" {
		return errNoSubject
	}
	u, err := s.cfg.People.User(who.id, who.session)
	if err != nil {
		return who.problem(err)
	}
	return writeJSON(w, http.StatusOK, public(u))
}

// changeUser changes the bearer's email, password and data. An anonymous user who
// takes an email becomes one like others, so that needs EmailSignUp. The
// teacher's email and password are the box's.
func (s *Server) changeUser(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(r)
	if err != nil {
		return err
	}
	var req struct {
		Email    string         `json:"email"`
		Phone    string         `json:"phone"`
		Password string         `json:"password"`
		Data     map[string]any `json:"data"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	switch {
	case who.id == "":
		return errNoSubject
	case req.Phone != "":
		return errPhone
	}
	u, err := s.cfg.People.User(who.id, who.session)
	if err == nil && u.Anonymous && req.Email != "" && !s.cfg.EmailSignUp {
		return errSignup
	}
	if err == nil {
		u, err = s.cfg.People.Change(r.Context(), who.id, who.session, people.Attributes{
			Email: req.Email, Password: req.Password, Data: req.Data,
		})
	}
	if err != nil {
		return who.problem(err)
	}
	return writeJSON(w, http.StatusOK, public(u))
}
