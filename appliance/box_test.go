package appliance

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// testSecret signs the tokens of every test box.
const testSecret = "a secret of thirty-two bytes, ok"

// usualLimits are those of a box for which nobody has set any.
var usualLimits, _ = newLimits(nil)

// box is a whole box on a port of its own, that runs until the test ends.
type box struct {
	*Appliance
	t    *testing.T
	url  string
	http *http.Client // has cookies
	stop func()
}

// openBox runs a box; zero fields of cfg get values that suit tests. prepare
// is called before it runs.
func openBox(t *testing.T, cfg Config, prepare ...func(*Appliance)) *box {
	t.Helper()
	cfg.Listen, cfg.JWTSecret = "127.0.0.1:0", testSecret
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	if cfg.Door == "" {
		cfg.Door = room.DoorToken
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range prepare {
		p(a)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }() // stop waits for it
	stopped := false
	b := &box{Appliance: a, t: t, url: "http://" + a.Addr().String()}
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
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.http = &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{}}
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

// in is the same box for a subtest.
func (b *box) in(t *testing.T) *box {
	c := *b
	c.t = t
	return &c
}

// open opens a room, as a teacher does from her page.
func (b *box) open(code string) {
	b.t.Helper()
	if _, err := b.hall.Create(b.t.Context(), web.CreateRequest{Code: code}); err != nil {
		b.t.Fatal(err)
	}
}

// call makes a request of the box's own API and decodes the answer into v,
// if that is not nil. It returns the status.
func (b *box) call(method, path string, body, v any) int {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, bytes.NewReader(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(req, v)
}

// do sends a request and decodes the answer into v, if that is not nil.
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

// token signs a token as the box would.
func (b *box) token(c auth.Claims) string {
	b.t.Helper()
	token, err := b.signer.Mint(c, time.Hour)
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

// student is a client with a seat of his own in a room, that has joined it.
func (b *box) student(code string) *client {
	b.t.Helper()
	return b.dial(b.sit(code, "").Token).join(code)
}

// teacher is a client with a teacher's token, that has joined a room.
func (b *box) teacher(code string) *client {
	b.t.Helper()
	return b.dial(b.token(teacherClaims)).join(code)
}
