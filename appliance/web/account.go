package web

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"downbeat.local/appliance/room"
)

// sessionCookie holds the secret of a teacher's session.
const sessionCookie = "downbeat_session"

// health answers monitors. It needs no key, and no claimed box.
func (s *Site) health(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, struct {
		Status  string `json:"status"`
		Version string `json:"version"`
		UptimeS int64  `json:"uptime_s"`
		// Storage is "failing" while what people change lasts only until a restart.
		Storage string      `json:"storage"`
		Sync    *Sync       `json:"sync,omitempty"`
		Names   *nameHealth `json:"names,omitempty"`
		MIDI    midiHealth  `json:"midi"`
	}{"ok", s.cfg.Version, int64(time.Since(s.started).Seconds()), s.storage(), s.sync(), s.nameHealth(), s.midiHealth()})
	return nil
}

// storage says in a word whether the store takes writes: ok or failing.
func (s *Site) storage() string {
	if s.cfg.Storage != nil && s.cfg.Storage() != nil {
		return "failing"
	}
	return "ok"
}

// statusReply is the first answer that every page asks for.
type statusReply struct {
	Claimed   bool     `json:"claimed"`
	Version   string   `json:"version"`
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	// Hostname is the name of the box with its port, such as "downbeat.local:8080".
	// It is left out if another device has it too, or if there is none yet.
	Hostname string     `json:"hostname,omitempty"`
	MDNS     *mdnsReply `json:"mdns,omitempty"`
	Demo     bool       `json:"demo"`
	Teacher  bool       `json:"teacher"` // this browser is signed in
	Storage  string     `json:"storage"` // as in /healthz
	// Moved is for teachers only: the address of their cards, if it leads elsewhere.
	Moved *Moved `json:"moved,omitempty"`
	// Sync is for teachers only: how the sync with the school's database stands.
	Sync *Sync `json:"sync,omitempty"`
	// HeldBack is for teachers only: the devices that ask for too much.
	HeldBack []room.HeldBack `json:"held_back,omitempty"`
}

// mdnsReply says whether the box is found by name.
type mdnsReply struct {
	State     string `json:"state"` // on or off
	Contested bool   `json:"contested"`
	Problem   string `json:"problem,omitempty"`
}

// Found is how the box is found on its network, beside its addresses.
type Found struct {
	Name      string // to type, with the port; empty if no name is this box's alone
	State     string // on or off
	Contested bool   // another device has the name on the cards
	Problem   string // why names do not work, as a word; empty if they do
	Sentence  string // the same in one sentence
	Moved     *Moved // nil if printed cards are right
}

// Moved says that printed cards are out of date.
type Moved struct {
	From  string    `json:"from"`  // the address on the cards
	Right time.Time `json:"right"` // when it was last the box's
}

func (s *Site) status(w http.ResponseWriter, r *http.Request) error {
	reply := statusReply{
		Claimed:   s.cfg.People.Claimed(),
		Version:   s.cfg.Version,
		Name:      s.cfg.Name,
		Addresses: s.network.addresses(),
		Demo:      s.cfg.DemoKey != "",
		Teacher:   s.signedIn(r),
		Storage:   s.storage(),
	}
	if s.cfg.Found != nil {
		found := s.cfg.Found()
		reply.Hostname = found.Name
		reply.MDNS = &mdnsReply{State: found.State, Contested: found.Contested, Problem: found.Problem}
		if reply.Teacher {
			reply.Moved = found.Moved
		}
	}
	if reply.Teacher {
		reply.Sync = s.sync()
		if s.cfg.HeldBack != nil {
			reply.HeldBack = s.cfg.HeldBack()
		}
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

// renewCards is called when the teacher knows that printed cards are out of date.
func (s *Site) renewCards(w http.ResponseWriter, r *http.Request) error {
	if err := s.cfg.RenewCards(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) claim(w http.ResponseWriter, r *http.Request) error {
	var req struct{ Code, Password string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	secret, err := s.cfg.People.Claim(r.Context(), r.RemoteAddr, req.Code, req.Password)
	if err != nil {
		return err
	}
	s.log.Info("box claimed")
	setSession(w, r, secret)
	s.devices.give(w, r, kindTeacher)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) login(w http.ResponseWriter, r *http.Request) error {
	var req struct{ Password string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	secret, err := s.cfg.People.Login(r.Context(), s.devices.guesser(r), req.Password)
	if err != nil {
		return err
	}
	setSession(w, r, secret)
	s.devices.give(w, r, kindTeacher)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) logout(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		if err := s.cfg.People.Logout(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	setSession(w, r, "")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// changePassword gives the teacher another password, and signs their other
// browsers and programs out.
func (s *Site) changePassword(w http.ResponseWriter, r *http.Request) error {
	var req struct{ Password, New string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return errSignedOut
	}
	if err := s.cfg.People.ChangePassword(r.Context(), r.RemoteAddr, cookie.Value, req.Password, req.New); err != nil {
		return err
	}
	s.log.Info("the teacher's password was changed")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signIn is the demo's link. It signs in and redirects to a page of the box.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	key := []byte(r.FormValue("key"))
	if s.cfg.DemoKey == "" || subtle.ConstantTimeCompare(key, []byte(s.cfg.DemoKey)) != 1 {
		return errSignedOut
	}
	secret, err := s.cfg.People.OpenSession(r.Context())
	if err != nil {
		return err
	}
	setSession(w, r, secret)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, localPath(r.FormValue("to")), http.StatusSeeOther)
	return nil
}

// localPath keeps a redirect on this box. Anything else leads to /teacher.
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

// setSession gives the browser a session, or with an empty secret takes it
// away. The cookie ends with the browser: classroom machines are shared.
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
	return err == nil && s.cfg.People.CheckSession(r.Context(), cookie.Value)
}

// teacher passes requests of a signed-in teacher on, and refuses others.
func (s *Site) teacher(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.signedIn(r) {
			return errSignedOut
		}
		return h(w, r)
	}
}
