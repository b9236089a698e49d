package upstreamtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

const testSecret = "a secret of thirty-two bytes, ok"

// box is a whole box that a test talks to as a Supabase program does.
type box struct {
	t    *testing.T
	url  string
	dir  string
	key  string // of service_role
	stop func()
}

// runBox runs a box on the data in a folder; "" is a new one.
func runBox(t *testing.T, dir, upstream string) *box {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	return runConfig(t, configOf(dir, upstream))
}

func runConfig(t *testing.T, cfg appliance.Config) *box {
	t.Helper()
	a, err := appliance.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }() // stop waits for it
	b := &box{t: t, url: "http://" + a.Addr().String(), dir: cfg.DataDir, key: serviceKey(t)}
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the box ended with %v", err)
		}
	})
	t.Cleanup(b.stop)
	return b
}

func configOf(dir, upstream string) appliance.Config {
	return appliance.Config{
		Listen: "127.0.0.1:0", DataDir: dir, JWTSecret: testSecret, Door: room.DoorToken, Upstream: upstream,
		Log: slog.New(slog.DiscardHandler),
	}
}

func serviceKey(t *testing.T) string {
	t.Helper()
	signer, err := auth.NewSigner([]byte(testSecret))
	if err != nil {
		t.Fatal(err)
	}
	key, err := signer.Mint(auth.Claims{Role: auth.Service}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// ask sends a request to a table and returns the status and the body.
func (b *box) ask(method, query string, body any) (int, []byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequest(method, b.url+"/rest/v1/"+query, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("apikey", b.key)
	r.Header.Set("Content-Type", "application/json")
	if strings.Contains(query, "on_conflict") {
		r.Header.Set("Prefer", "resolution=merge-duplicates")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

func (b *box) must(method, query string, body any) {
	b.t.Helper()
	if status, text, err := b.ask(method, query, body); err != nil || status >= 300 {
		b.t.Fatalf("%s %s: %d %s %v", method, query, status, text, err)
	}
}

// insert adds lesson plans with those titles.
func (b *box) insert(titles ...string) {
	b.t.Helper()
	rows := make([]map[string]any, len(titles))
	for i, title := range titles {
		rows[i] = map[string]any{"title": title, "body": map[string]any{"steps": []int{1, 2}}}
	}
	b.must("POST", "lesson_plans", rows)
}

// plans are the titles of the box's lesson plans, in order.
func (b *box) plans() string {
	b.t.Helper()
	titles := []string{}
	for page := 0; page == len(titles); page += 1000 { // as many as the box gives at once
		status, text, err := b.ask("GET", fmt.Sprintf("lesson_plans?select=title&offset=%d", page), nil)
		var rows []struct{ Title string }
		if err == nil {
			err = json.Unmarshal(text, &rows)
		}
		if err != nil || status != 200 {
			b.t.Fatalf("%d %s %v", status, text, err)
		}
		for _, r := range rows {
			titles = append(titles, r.Title)
		}
	}
	return sorted(titles)
}

// sync is how the box says that the sync stands.
func (b *box) sync() web.Sync {
	b.t.Helper()
	answer, err := http.Get(b.url + "/healthz")
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	var health struct{ Sync web.Sync }
	if err := json.NewDecoder(answer.Body).Decode(&health); err != nil {
		b.t.Fatal(err)
	}
	return health.Sync
}

// state is the state with the problem, and how many rows wait.
func (b *box) state() string {
	s := b.sync()
	return fmt.Sprintf("%s, %d pending, %d aside: %s", s.State, s.Pending, s.Aside, s.Problem)
}
