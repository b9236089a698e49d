package boxtest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// testSecret signs the tokens of every test box.
const testSecret = "a secret of thirty-two bytes, ok"

// usualLimits are the default limits.
var usualLimits, _ = limits.New(nil)

// box is a whole box on its own port. It runs until the test ends.
type box struct {
	*appliance.Appliance
	t     *testing.T
	url   string
	dir   string       // of the data
	out   *paper       // what it prints for the person at the machine
	http  *http.Client // keeps cookies
	staff *http.Client // signed in, if the box is claimed
	// dialer opens the sockets.
	dialer *websocket.Dialer
	stop   func()
}

// openBox runs a box with a teacher. Zero fields of cfg get values for tests.
func openBox(t *testing.T, cfg appliance.Config) *box {
	t.Helper()
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	claim(t, cfg.DataDir)
	return runBox(t, cfg)
}

// runBox runs a box on the data in its folder, or as a new box without data.
func runBox(t *testing.T, cfg appliance.Config) *box {
	t.Helper()
	cfg.Listen, cfg.JWTSecret = cmp.Or(cfg.Listen, "127.0.0.1:0"), testSecret
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	out := newPaper()
	cfg.Out = out
	if cfg.Door == "" {
		cfg.Door = room.DoorToken
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a, err := appliance.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }() // stop waits for it
	stopped := false
	b := &box{Appliance: a, t: t, dialer: websocket.DefaultDialer, url: "http://" + a.Addr().String(), dir: cfg.DataDir, out: out}
	b.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the box ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("the box does not stop")
		}
	}
	t.Cleanup(b.stop)
	b.http, b.staff = browser(t, b.url), browser(t, b.url, &http.Cookie{Name: "downbeat_session", Value: session})
	return b
}

// browser is an HTTP client that keeps the cookies of a site and starts with some.
func browser(t *testing.T, site string, cookies ...*http.Cookie) *http.Client {
	t.Helper()
	at, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(at, cookies)
	c := &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// in is the same box for a subtest.
func (b *box) in(t *testing.T) *box {
	c := *b
	c.t = t
	return &c
}

// open opens a room, as a teacher does from their page.
func (b *box) open(code string) {
	b.t.Helper()
	if status := b.staffCall("POST", "/box/v1/rooms", web.CreateRequest{Code: code}, nil); status != http.StatusCreated {
		b.t.Fatalf("opening %s: %d", code, status)
	}
}

// staffCall is call by a signed-in teacher.
func (b *box) staffCall(method, path string, body, v any) int {
	b.t.Helper()
	teacher := *b
	teacher.http = b.staff
	return teacher.call(method, path, body, v)
}

// call makes a request to the box's own API and decodes the answer into v,
// unless v is nil. It returns the status.
func (b *box) call(method, path string, body, v any) int {
	b.t.Helper()
	return b.do(b.newRequest(method, path, body), v)
}

// newRequest is a request to the box's own API.
func (b *box) newRequest(method, path string, body any) *http.Request {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, bytes.NewReader(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	return req
}

// do sends a request and decodes the answer into v, unless v is nil.
func (b *box) do(req *http.Request, v any) int {
	b.t.Helper()
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if v != nil {
		if err := json.Unmarshal(answer, v); err != nil {
			b.t.Fatalf("%s %s answered %s: %v", req.Method, req.URL.Path, answer, err)
		}
	}
	return resp.StatusCode
}

// sit takes a student's seat over HTTP; resume may be empty.
func (b *box) sit(code, resume string) web.SeatReply {
	b.t.Helper()
	var seat web.SeatReply
	if status := b.call("POST", "/box/v1/join", web.JoinRequest{Code: code, Resume: resume}, &seat); status != http.StatusOK {
		b.t.Fatalf("joining %s over HTTP: %d", code, status)
	}
	return seat
}

// token signs a token as the box does.
func (b *box) token(c auth.Claims) string {
	b.t.Helper()
	token, err := b.Signer().Mint(c, time.Hour)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

// Tokens of clients without seats.
var (
	anonClaims    = auth.Claims{Role: auth.Anon}
	serviceClaims = auth.Claims{Role: auth.Service}
	teacherClaims = auth.Claims{Role: auth.Authenticated, App: auth.AppMetadata{Role: "teacher"}}
)

// student is a client with a seat in a room, which it has joined.
func (b *box) student(code string) *client {
	b.t.Helper()
	return b.dial(b.sit(code, "").Token).join(code)
}

// teacher is a client with a teacher's token that has joined a room.
func (b *box) teacher(code string) *client {
	b.t.Helper()
	return b.dial(b.token(teacherClaims)).join(code)
}
