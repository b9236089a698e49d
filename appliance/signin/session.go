package signin

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// accessTTL is how long an access token holds, as in Supabase Auth. Clients
// refresh it by themselves a minute and a half before.
const accessTTL = time.Hour

// session is what a sign-in and a refresh answer.
type session struct {
	AccessToken  string     `json:"access_token"`
	TokenType    string     `json:"token_type"`
	ExpiresIn    int        `json:"expires_in"` // seconds
	ExpiresAt    int64      `json:"expires_at"` // Unix
	RefreshToken string     `json:"refresh_token"`
	User         publicUser `json:"user"`
}

// sessionLocked signs a user's tokens.
func (s *Server) sessionLocked(u *user, f *family) (session, error) {
	now := s.people.now()
	token, err := s.cfg.Signer.Mint(u.claims(f.ID, u.method(), now), accessTTL)
	if err != nil {
		return session{}, err
	}
	return session{
		AccessToken: token, TokenType: "bearer",
		ExpiresIn: int(accessTTL.Seconds()), ExpiresAt: now.Add(accessTTL).Unix(),
		RefreshToken: f.refreshToken(), User: u.public(),
	}, nil
}

// token signs in with a password, or goes on with a refresh token.
func (s *Server) token(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Email        string `json:"email"`
		Password     string `json:"password"`
		RefreshToken string `json:"refresh_token"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	var out session
	var err error
	switch r.URL.Query().Get("grant_type") {
	case "password":
		out, err = s.withPassword(r, req.Email, req.Password)
	case "refresh_token":
		out, err = s.refresh(r.Context(), req.RefreshToken)
	default:
		return errGrant
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// withPassword signs in the user of an email, and under any other the teacher.
func (s *Server) withPassword(r *http.Request, typed, password string) (session, error) {
	email, isEmail := normalEmail(typed)
	id, hash := "", ""
	gone := false
	_ = s.people.view(func() error {
		var u *user
		if u, gone = s.people.byEmailLocked(email); u != nil {
			id, hash = u.ID, u.Hash
		}
		return nil
	})
	if id != "" || gone {
		if err := s.guess(r, email, func() (bool, error) { return s.matches(r, password, hash) }); err != nil {
			return session{}, err
		}
		return s.begin(r.Context(), id, nil)
	}
	if err := s.guess(r, "", func() (bool, error) { return s.cfg.Accounts.CheckPassword(r.Context(), password) }); err != nil {
		return session{}, err
	}
	return s.begin(r.Context(), s.people.teacher, func(u *user) {
		if isEmail {
			u.Email = email
		}
	})
}

// guess slows down who guesses at one user from one address: a class behind it
// signs in on.
func (s *Server) guess(r *http.Request, email string, check func() (bool, error)) error {
	return auth.Guess(s.guesses, ratelimit.AddressKey(r.RemoteAddr)+" "+email, check)
}

// matches reports whether a password is the one of that hash; an empty hash is
// nobody's.
func (s *Server) matches(r *http.Request, password, hash string) (bool, error) {
	if hash == "" {
		return false, nil
	}
	return s.cfg.Accounts.Match(r.Context(), password, hash)
}

// begin opens a session of a user who has proved himself; alter, if any,
// changes him first.
func (s *Server) begin(ctx context.Context, id string, alter func(*user)) (out session, err error) {
	err = s.people.change(ctx, id, func() ([]store.Op, error) {
		u := s.people.findLocked(id)
		if u == nil {
			return nil, errCredentials // deleted meanwhile
		}
		if alter != nil {
			alter(u)
		}
		f, ops := s.people.beginLocked(u)
		out, err = s.sessionLocked(u, f)
		return ops, err
	})
	return out, err
}

// signUp makes a user of somebody who says nothing of who he is. Others are
// made by an administrator.
func (s *Server) signUp(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Email string         `json:"email"`
		Phone string         `json:"phone"`
		Data  map[string]any `json:"data"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if req.Email != "" || req.Phone != "" {
		return errSignup
	}
	data := merge(nil, req.Data)
	if data == nil {
		return errTooMuchData
	}
	if wait := s.signups.Wait(r.RemoteAddr); wait > 0 {
		return &ratelimit.SlowDownError{Wait: wait}
	}
	s.signups.Fail(r.RemoteAddr)
	out, err := s.newcomer(r.Context(), data)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// newcomer makes an anonymous user and opens his session. When there are too
// many the one unused longest is forgotten.
func (s *Server) newcomer(ctx context.Context, data map[string]any) (out session, err error) {
	g, id := s.people, uuid.NewString()
	err = g.change(ctx, id, func() ([]store.Op, error) {
		var ops []store.Op
		for old := g.anonymousLocked(); len(old) >= maxAnonymous; old = old[1:] {
			ops = append(ops, g.forgetLocked(old[0])...)
		}
		now := g.now()
		u := &user{ID: id, Role: audience, Anonymous: true, Data: data, Created: now, Updated: now}
		g.users[id] = u
		f, begun := g.beginLocked(u)
		out, err = s.sessionLocked(u, f)
		return append(ops, begun...), err
	})
	return out, err
}

// refresh gives new tokens for a refresh token. One that was used before, but
// for a moment ago, ends its family: somebody else has it too.
func (s *Server) refresh(ctx context.Context, text string) (out session, err error) {
	p, ok := parseRefreshToken(text)
	if !ok {
		return session{}, errRefreshGone
	}
	g := s.people
	id := ""
	_ = g.view(func() error {
		if f := g.families[p.family]; f != nil {
			id = f.User
		}
		return nil
	})
	err = g.change(ctx, id, func() ([]store.Op, error) {
		f, u := g.families[p.family], g.findLocked(id)
		if f == nil || u == nil {
			return nil, errRefreshGone
		}
		var ops []store.Op
		switch now := g.now(); f.judge(p, now) {
		case forged:
			return nil, errRefreshGone
		case stolen:
			s.log.Warn("a refresh token came twice, its session is over", "user", u.ID)
			return g.endLocked(f), errRefreshUsed
		case fresh:
			f.turn(now)
			u.Used = now
			ops = []store.Op{put(store.Users, u.ID, u), put(store.Families, f.ID, f)}
		}
		out, err = s.sessionLocked(u, f)
		return ops, err
	})
	return out, err
}

// logOut ends sessions of the bearer: this one, the others, or by default all.
func (s *Server) logOut(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.bearer(r)
	if err != nil {
		return err
	}
	this, _ := claims.All["session_id"].(string)
	scope := r.URL.Query().Get("scope")
	if scope != "" && scope != "global" && scope != "local" && scope != "others" {
		return errScope
	}
	g := s.people
	err = g.change(r.Context(), claims.Subject, func() ([]store.Op, error) {
		if _, err := s.whoLocked(claims); err != nil {
			return nil, err
		}
		var ops []store.Op
		for _, f := range g.ofLocked(claims.Subject) {
			if scope == "local" && f.ID != this || scope == "others" && f.ID == this {
				continue
			}
			ops = append(ops, g.endLocked(f)...)
		}
		return ops, nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
