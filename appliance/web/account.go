package web

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// sessionCookie holds the secret of a teacher's session.
const sessionCookie = "downbeat_session"

// health answers monitors, without a key and before the box is claimed.
func (s *Site) health(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, struct {
		Status  string `json:"status"`
		Version string `json:"version"`
		UptimeS int64  `json:"uptime_s"`
	}{"ok", s.cfg.Version, int64(time.Since(s.started).Seconds())})
	return nil
}

// statusReply is what every page asks for first.
type statusReply struct {
	Claimed   bool     `json:"claimed"`
	Version   string   `json:"version"`
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	Demo      bool     `json:"demo"`
	Teacher   bool     `json:"teacher"` // this browser is signed in
}

func (s *Site) status(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, statusReply{
		Claimed:   s.cfg.Accounts.Claimed(),
		Version:   s.cfg.Version,
		Name:      s.cfg.Name,
		Addresses: s.network.addresses(),
		Demo:      s.cfg.DemoKey != "",
		Teacher:   s.signedIn(r),
	})
	return nil
}

func (s *Site) claim(w http.ResponseWriter, r *http.Request) error {
	var req struct{ Code, Password string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	secret, err := s.cfg.Accounts.Claim(r.Context(), r.RemoteAddr, req.Code, req.Password)
	if err != nil {
		return err
	}
	s.log.Info("box claimed")
	setSession(w, r, secret)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) login(w http.ResponseWriter, r *http.Request) error {
	var req struct{ Password string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	secret, err := s.cfg.Accounts.Login(r.Context(), r.RemoteAddr, req.Password)
	if err != nil {
		return err
	}
	setSession(w, r, secret)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) logout(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		if err := s.cfg.Accounts.Logout(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	setSession(w, r, "")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signIn is the demo's link: it signs in and goes on to a page of the box.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	key := []byte(r.FormValue("key"))
	if s.cfg.DemoKey == "" || subtle.ConstantTimeCompare(key, []byte(s.cfg.DemoKey)) != 1 {
		return errSignedOut
	}
	secret, err := s.cfg.Accounts.SignIn(r.Context())
	if err != nil {
		return err
	}
	setSession(w, r, secret)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, localPath(r.FormValue("to")), http.StatusSeeOther)
	return nil
}

// localPath keeps a redirect on this box: anything else leads to /teacher.
func localPath(to string) string {
	ok := strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//")
	for _, r := range to {
		ok = ok && r > ' ' && r != '\\' && r < 0x7f
	}
	if !ok {
		return "/teacher"
	}
	return to
}

// setSession hands the browser a session, or with "" takes it away. It ends
// with the browser: classroom machines are shared.
func setSession(w http.ResponseWriter, r *http.Request, secret string) {
	age := 0
	if secret == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: secret, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
}

// signedIn reports whether the request carries a teacher's session.
func (s *Site) signedIn(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	return err == nil && s.cfg.Accounts.Check(r.Context(), cookie.Value)
}

// teacher lets only a signed-in teacher through.
func (s *Site) teacher(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.signedIn(r) {
			return errSignedOut
		}
		return h(w, r)
	}
}
