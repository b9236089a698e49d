package web

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
)

const password = "correct horse"

// fakeRooms answers with its functions. One that is not set panics.
type fakeRooms struct {
	list      func() ([]room.Summary, error)
	create    func(code, name string) (room.Summary, error)
	close     func(code string) error
	open      []string // codes; without any every code has a room
	join      func(code string, a room.Applicant) (room.Seat, error)
	returning func(resume string) (room.Member, bool) // finds no member when it is nil
	rename    func(code, id, name string) (room.Member, error)
	shuffle   func(code, id string) (room.Member, error)
	leave     func(code, id string) error
	students  []room.Student
	missing   func(code string) ([]room.Member, error)
}

func (f *fakeRooms) List(context.Context) ([]room.Summary, error) { return f.list() }

func (f *fakeRooms) Create(_ context.Context, code, name string) (room.Summary, bool, error) {
	made, err := f.create(code, name)
	return made, true, err
}

func (f *fakeRooms) Close(_ context.Context, code string) (bool, error) { return true, f.close(code) }

func (f *fakeRooms) FindCode(typed string) (string, bool) {
	if f.open == nil {
		return names.ParseCode(typed)
	}
	return names.FindCode(typed, slices.Values(f.open))
}

func (f *fakeRooms) TakeSeat(_ context.Context, code string, a room.Applicant) (room.Seat, string, error) {
	seat, err := f.join(code, a)
	return seat, roomName, err
}

func (f *fakeRooms) Students() []room.Student { return f.students }

func (f *fakeRooms) HasStudent(code, studentID string) bool {
	return slices.ContainsFunc(f.students, func(s room.Student) bool { return s.Room == code && s.StudentID == studentID })
}

func (f *fakeRooms) Returning(_, resume string) (room.Member, bool) {
	if f.returning == nil {
		return room.Member{}, false
	}
	return f.returning(resume)
}

func (f *fakeRooms) Rename(_ context.Context, code, id, name string) (room.Member, error) {
	return f.rename(code, id, name)
}

func (f *fakeRooms) Shuffle(_ context.Context, code, id string) (room.Member, error) {
	return f.shuffle(code, id)
}

func (f *fakeRooms) Leave(_ context.Context, code, id string) error { return f.leave(code, id) }

func (f *fakeRooms) Member(string, string) (room.Member, bool) { panic("Member is not set") }

func (f *fakeRooms) Session(string) (string, error) { panic("Session is not set") }

func (f *fakeRooms) Forget(context.Context, string) error { panic("Forget is not set") }

func (f *fakeRooms) Lesson(context.Context, string) (room.Plan, bool, error) {
	panic("Lesson")
}

func (f *fakeRooms) CheckIns(string) (string, []string) { panic("CheckIns is not set") }

func (f *fakeRooms) Ready(string, string, string) { panic("Ready is not set") }

func (f *fakeRooms) Missing(_ context.Context, code string) ([]room.Member, error) {
	return f.missing(code)
}

// site is a box's HTTP on a real socket.
type site struct {
	*httptest.Server
	rooms  *fakeRooms
	people *people.Register
	signer *auth.Signer
	cookie string
}

func newSite(t *testing.T, change func(*Config)) *site {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(store.Config{Path: filepath.Join(dir, store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	s := &site{rooms: &fakeRooms{}}
	if s.people, err = people.Open(t.Context(), people.Config{Store: st, Dir: dir, Now: s.now}); err != nil {
		t.Fatal(err)
	}
	if s.signer, err = auth.NewSigner([]byte("a secret of the tests")); err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Version: "1.2.3", Addr: "127.0.0.1:8080", Rooms: s.rooms, People: s.people, Signer: s.signer,
		Files: webApp(), Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	handler, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewUnstartedServer(nil)
	s.Config = Server(handler, cfg.Log)
	s.Start()
	t.Cleanup(s.Server.Close)
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// webApp is a small built web app.
func webApp() fs.FS {
	return fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>Downbeat</title>")},
		"assets/app-1a2b.js":  {Data: []byte(strings.Repeat("console.log('downbeat');\n", 100))},
		"sounds/piano/60.ogg": {Data: []byte(strings.Repeat("OggS\x00\x01\xfe", 64))},
		library:               {Data: []byte("export {}")},
		".gitkeep":            {Data: nil},
	}
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; header pairs follow the body. Host sets the Host.
func (s *site) ask(t *testing.T, method, path, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	if s.cookie != "" {
		req.AddCookie(&http.Cookie{Name: sessionCookie, Value: s.cookie})
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(raw)}
}

// expect fails unless the answer has that status and, for an error, that code.
func (r reply) expect(t *testing.T, status int, code string) {
	t.Helper()
	var said struct{ Error, Message string }
	_ = json.Unmarshal([]byte(r.body), &said)
	if r.status != status || said.Error != code || (code != "" && said.Message == "") {
		t.Errorf("got %d %s, want %d %q", r.status, r.body, status, code)
	}
}

func (s *site) signIn(t *testing.T) {
	t.Helper()
	if err := s.people.SetUp(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	secret, err := s.people.OpenSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.cookie = secret
}

// now is a clock that stands still, so that no delay after guesses passes while a
// busy machine checks the next one.
func (*site) now() time.Time { return time.Unix(1_800_000_000, 0) }

func TestHealth(t *testing.T) {
	s := newSite(t, nil)
	got := s.ask(t, "GET", "/healthz", "", "Host", "monitor.example")
	var health struct {
		Status, Version string
		UptimeS         *int64 `json:"uptime_s"`
	}
	if err := json.Unmarshal([]byte(got.body), &health); err != nil || got.status != 200 || health.Status != "ok" || health.Version != "1.2.3" || health.UptimeS == nil {
		t.Errorf("got %d %s, %v", got.status, got.body, err)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no error")
	}
}

func TestStatus(t *testing.T) {
	s := newSite(t, nil)
	want := `{"claimed":false,"version":"1.2.3","name":"Downbeat","addresses":["127.0.0.1:8080"],"demo":false,"teacher":false,"storage":"ok"}` + "\n"
	if got := s.ask(t, "GET", "/box/v1/status", ""); got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	s.signIn(t)
	if got := s.ask(t, "GET", "/box/v1/status", ""); !strings.Contains(got.body, `"claimed":true`) || !strings.Contains(got.body, `"teacher":true`) {
		t.Errorf("signed in: got %s", got.body)
	}
}

// TestStatusSaysHowTheBoxIsFound checks that only teachers read about their cards.
func TestStatusSaysHowTheBoxIsFound(t *testing.T) {
	found := Found{Name: "downbeat.local:8080", State: "on", Moved: &Moved{From: "10.0.0.7:8080", Right: time.Unix(0, 0).UTC()}}
	renewed := 0
	s := newSite(t, func(c *Config) {
		c.Found = func() Found { return found }
		c.RenewCards = func(context.Context) error { renewed++; return nil }
	})
	const moved = `"moved":{"from":"10.0.0.7:8080","right":"1970-01-01T00:00:00Z"}`
	if got := s.ask(t, "GET", "/box/v1/status", ""); !strings.Contains(got.body, `"hostname":"downbeat.local:8080","mdns":{"state":"on","contested":false}`) || strings.Contains(got.body, "moved") {
		t.Errorf("a student reads %s", got.body)
	}
	s.ask(t, "POST", "/box/v1/cards", "").expect(t, 401, "signed_out")
	s.signIn(t)
	if got := s.ask(t, "GET", "/box/v1/status", ""); !strings.Contains(got.body, moved) {
		t.Errorf("the teacher reads %s", got.body)
	}
	s.ask(t, "POST", "/box/v1/cards", "").expect(t, 204, "")
	if renewed != 1 {
		t.Errorf("renewed %d times", renewed)
	}
	found = Found{State: "on", Contested: true, Problem: "port_taken", Sentence: "It is taken."}
	if got := s.ask(t, "GET", "/box/v1/status", ""); !strings.Contains(got.body, `"mdns":{"state":"on","contested":true,"problem":"port_taken"}`) || strings.Contains(got.body, "hostname") {
		t.Errorf("got %s", got.body)
	}
	const health = `"names":{"state":"on","contested":true,"problem":"port_taken","message":"It is taken."}`
	if got := s.ask(t, "GET", "/healthz", ""); !strings.Contains(got.body, health) {
		t.Errorf("a monitor reads %s", got.body)
	}
}

func TestClaimLoginLogout(t *testing.T) {
	s := newSite(t, nil)
	s.ask(t, "POST", "/box/v1/login", `{"password":"`+password+`"}`).expect(t, 409, "unclaimed")
	s.ask(t, "POST", "/box/v1/claim", `{"code":"NOPE","password":"`+password+`"}`).expect(t, 403, "wrong_code")
	code := s.people.ClaimCode()
	s.ask(t, "POST", "/box/v1/claim", `{"code":"`+code+`","password":"short"}`).expect(t, 422, "weak_password")
	got := s.ask(t, "POST", "/box/v1/claim", `{"code":"`+code+`","password":"`+password+`"}`)
	got.expect(t, 204, "")
	cookie := got.header.Get("Set-Cookie")
	for _, want := range []string{"downbeat_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q has no %s", cookie, want)
		}
	}
	s.cookie, _, _ = strings.Cut(strings.TrimPrefix(cookie, "downbeat_session="), ";")
	s.rooms.list = func() ([]room.Summary, error) { return nil, nil }
	if got := s.ask(t, "GET", "/box/v1/rooms", ""); got.status != 200 || got.body != "[]\n" {
		t.Errorf("rooms: got %d %s", got.status, got.body)
	}
	s.ask(t, "POST", "/box/v1/logout", "").expect(t, 204, "")
	s.ask(t, "GET", "/box/v1/rooms", "").expect(t, 401, "signed_out")
	s.ask(t, "POST", "/box/v1/login", `{"password":"wrong horse"}`).expect(t, 401, "wrong_password")
	s.ask(t, "POST", "/box/v1/login", `{"password":"`+password+`"}`).expect(t, 204, "")
	s.ask(t, "POST", "/box/v1/claim", `{"code":"`+code+`","password":"`+password+`"}`).expect(t, 409, "claimed")
}

// TestLoginIsSlowed guesses until it has to wait. On a slow machine the first
// guesses take that long by themselves.
func TestLoginIsSlowed(t *testing.T) {
	s := newSite(t, nil)
	s.signIn(t)
	guess := func(password string) reply {
		return s.ask(t, "POST", "/box/v1/login", `{"password":"`+password+`"}`)
	}
	got, guesses := guess("wrong horse"), 1
	for ; got.status == 401 && guesses < 12; guesses++ {
		got = guess("wrong horse")
	}
	got.expect(t, 429, "slow_down")
	if free := ratelimit.LoginThrottle().Free + 1; guesses <= free {
		t.Errorf("guess %d has to wait, want %d of them to be free", guesses, free)
	}
	if wait, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || wait < 1 {
		t.Errorf("Retry-After: got %q, want seconds", got.header.Get("Retry-After"))
	}
	guess(password).expect(t, 429, "slow_down")
}

func TestDemoLink(t *testing.T) {
	s := newSite(t, func(c *Config) { c.DemoKey = "k3y" })
	if err := s.people.SetUp(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	s.ask(t, "GET", "/box/v1/signin?key=nope&to=/stage", "").expect(t, 401, "signed_out")
	for to, want := range map[string]string{
		"/stage?room=MUSIC-2024": "/stage?room=MUSIC-2024", "": "/teacher", "//evil.example": "/teacher",
		"https://evil.example": "/teacher", `/\evil.example`: "/teacher", "/\tevil": "/teacher",
	} {
		got := s.ask(t, "GET", "/box/v1/signin?key=k3y&to="+urlQuery(to), "")
		if got.status != 303 || got.header.Get("Location") != want || got.header.Get("Set-Cookie") == "" {
			t.Errorf("to %q: got %d %q, want 303 %q", to, got.status, got.header.Get("Location"), want)
		}
	}
	real := newSite(t, nil)
	real.ask(t, "GET", "/box/v1/signin?key=", "").expect(t, 401, "signed_out")
}

func urlQuery(s string) string {
	return strings.NewReplacer("?", "%3F", "=", "%3D", `\`, "%5C", "\t", "%09", ":", "%3A").Replace(s)
}

func TestSocketPathsAreHandedOn(t *testing.T) {
	s := newSite(t, func(c *Config) {
		c.Sockets = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method+" "+r.URL.Path) })
	})
	for _, path := range []string{"/realtime/v1/websocket", "/socket/websocket", "/api/broadcast", "/rest/v1/lesson_plans", "/auth/v1/user", "/rtc/v1/offer"} {
		got := s.ask(t, "POST", path, "{}", "Host", "box.school.example", "Origin", "https://app.example", "Sec-Fetch-Site", "cross-site")
		if got.body != "POST "+path || got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: got %d %q, CORS %q", path, got.status, got.body, got.header.Get("Access-Control-Allow-Origin"))
		}
	}
	got := s.ask(t, "OPTIONS", "/realtime/v1/api/broadcast", "", "Origin", "https://app.example",
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "apikey,authorization")
	if got.status != 204 || got.header.Get("Access-Control-Allow-Headers") != "apikey,authorization" || !strings.Contains(got.header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight: got %d %v", got.status, got.header)
	}
	newSite(t, nil).ask(t, "GET", "/rest/v1/x", "").expect(t, 404, "no_page")
}

func TestServerLimits(t *testing.T) {
	s := Server(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout > 10*time.Second || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("an unbounded server: %+v", s)
	}
}

// TestHalfOpenSockets opens connections that never finish a request. The class
// must not notice.
func TestHalfOpenSockets(t *testing.T) {
	s := newSite(t, nil)
	for range 1000 {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
	}
	s.ask(t, "GET", "/healthz", "").expect(t, 200, "")
}

func TestLongHeadersAreRefused(t *testing.T) {
	s := newSite(t, nil)
	if got := s.ask(t, "GET", "/healthz", "", "X-Long", strings.Repeat("x", 2*maxHeader)); got.status != 431 {
		t.Errorf("got %d, want 431", got.status)
	}
}
