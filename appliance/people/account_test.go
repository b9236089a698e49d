package people

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

const (
	alice = "192.168.1.20:5000"
	bored = "192.168.1.66:5000"
	pass  = "correct horse"
)

// box is a data folder that can be closed and opened again.
type box struct {
	dir   string
	store *store.Store
	log   bytes.Buffer
	*Register

	mu    sync.Mutex    // guards ahead
	ahead time.Duration // of the users' clock
}

func newBox(t testing.TB) *box {
	t.Helper()
	b := &box{dir: t.TempDir()}
	b.start(t)
	t.Cleanup(func() { _ = b.store.Close() })
	return b
}

func (b *box) start(t testing.TB) {
	t.Helper()
	var err error
	if b.store, err = store.Open(store.Config{Path: filepath.Join(b.dir, store.FileName)}); err != nil {
		t.Fatal(err)
	}
	if b.Register, err = Open(t.Context(), Config{Store: b.store, Dir: b.dir, Now: b.now, Log: slog.New(slog.NewTextHandler(&b.log, nil))}); err != nil {
		t.Fatal(err)
	}
}

func (b *box) restart(t *testing.T) {
	t.Helper()
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.start(t)
}

// later lets time pass for users.
func (b *box) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ahead += d
}

func (b *box) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.ahead)
}

func TestClaim(t *testing.T) {
	b := newBox(t)
	path := filepath.Join(b.dir, ClaimFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("claim code file: got %v, %v, want mode 0600", info, err)
	}
	code := b.ClaimCode()
	if kept, _ := os.ReadFile(path); strings.TrimSpace(string(kept)) != code || len(code) != 8 {
		t.Fatalf("claim code %q, file %q", code, kept)
	}
	b.restart(t)
	if got := b.ClaimCode(); got != code {
		t.Errorf("claim code after a restart: got %q, want %q", got, code)
	}
	if _, err := b.Login(t.Context(), alice, pass); !errors.Is(err, ErrUnclaimed) {
		t.Errorf("login before the claim: got %v, want %v", err, ErrUnclaimed)
	}
	if _, err := b.Claim(t.Context(), alice, "WRONG", pass); !errors.Is(err, ErrWrongCode) {
		t.Errorf("wrong code: got %v, want %v", err, ErrWrongCode)
	}
	if _, err := b.Claim(t.Context(), alice, code, "short"); !errors.Is(err, ErrWeakPassword) {
		t.Errorf("short password: got %v, want %v", err, ErrWeakPassword)
	}
	typed := strings.ToLower(code[:4] + "-" + code[4:] + " ")
	session, err := b.Claim(t.Context(), alice, typed, pass)
	if err != nil {
		t.Fatal(err)
	}
	if !b.CheckSession(t.Context(), session) || !b.Claimed() || b.ClaimCode() != "" {
		t.Errorf("after the claim: session %v, claimed %v, code %q", b.CheckSession(t.Context(), session), b.Claimed(), b.ClaimCode())
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("claim code file: got %v, want it gone", err)
	}
	if _, err := b.Claim(t.Context(), bored, code, pass); !errors.Is(err, ErrClaimed) {
		t.Errorf("second claim: got %v, want %v", err, ErrClaimed)
	}
	b.restart(t)
	if !b.CheckSession(t.Context(), session) {
		t.Error("the session did not survive a restart")
	}
	if _, err := b.Login(t.Context(), alice, pass); err != nil {
		t.Errorf("login after a restart: %v", err)
	}
}

func TestOneOfManyClaimsWins(t *testing.T) {
	b := newBox(t)
	code := b.ClaimCode()
	var wins sync.Map
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			if _, err := b.Claim(t.Context(), fmt.Sprintf("10.0.0.%d:1", i), code, pass); err == nil {
				wins.Store(i, true)
			} else if !errors.Is(err, ErrClaimed) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	won := 0
	wins.Range(func(any, any) bool { won++; return true })
	if won != 1 {
		t.Errorf("%d claims won, want 1", won)
	}
}

// TestLoginSlowsGuessersOnly runs in a bubble, where the work of a hash takes no
// time.
func TestLoginSlowsGuessersOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.setUp(t)
		for range ratelimit.LoginThrottle().Free + 1 {
			if _, err := b.Login(t.Context(), bored, "let me in"); !errors.Is(err, ErrWrongPassword) {
				t.Fatalf("got %v, want %v", err, ErrWrongPassword)
			}
		}
		_, err := b.Login(t.Context(), bored, pass)
		if slow, ok := errors.AsType[*ratelimit.SlowDownError](err); !ok || slow.Wait != time.Second {
			t.Errorf("guesser: got %v, want to wait a second", err)
		}
		if _, err := b.Login(t.Context(), alice, pass); err != nil {
			t.Errorf("teacher elsewhere: %v", err)
		}
	})
}

// TestClaimSlowsGuessers: the claim code is eight letters, and a caller who guesses it waits
// like one who guesses the password.
func TestClaimSlowsGuessers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		for range 4 {
			if _, err := b.Claim(t.Context(), bored, "WRONG", pass); !errors.Is(err, ErrWrongCode) {
				t.Fatalf("got %v, want %v", err, ErrWrongCode)
			}
		}
		_, err := b.Claim(t.Context(), bored, b.ClaimCode(), pass)
		if slow, ok := errors.AsType[*ratelimit.SlowDownError](err); !ok || slow.Wait != time.Second {
			t.Errorf("guesser: got %v, want to wait a second", err)
		}
		if _, err := b.Claim(t.Context(), alice, b.ClaimCode(), pass); err != nil {
			t.Errorf("teacher elsewhere: %v", err)
		}
	})
}

func TestParallelGuessesAllCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no delay passes while the hashes are computed
		b := newBox(t)
		if err := b.SetUp(t.Context(), pass); err != nil {
			t.Fatal(err)
		}
		var guessing sync.WaitGroup
		var wrong atomic.Int32
		for range 12 {
			guessing.Go(func() {
				if _, err := b.Login(t.Context(), bored, "let me in"); errors.Is(err, ErrWrongPassword) {
					wrong.Add(1)
				}
			})
		}
		guessing.Wait()
		if want := int32(ratelimit.LoginThrottle().Free + 1); wrong.Load() != want {
			t.Errorf("%d guesses were looked at, want the free ones and the one that earns the delay: %d", wrong.Load(), want)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		if err := b.SetUp(t.Context(), pass); err != nil {
			t.Fatal(err)
		}
		used, _ := b.OpenSession(t.Context())
		idle, _ := b.OpenSession(t.Context())
		out, _ := b.OpenSession(t.Context())
		if err := b.Logout(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		if b.CheckSession(t.Context(), out) {
			t.Error("a session outlived its logout")
		}
		for range 9 {
			time.Sleep(time.Hour)
			if !b.CheckSession(t.Context(), used) {
				t.Fatal("a session in use ended")
			}
		}
		if b.CheckSession(t.Context(), idle) {
			t.Error("an idle session did not end")
		}
		b.restart(t)
		if b.CheckSession(t.Context(), idle) || b.CheckSession(t.Context(), out) || !b.CheckSession(t.Context(), used) {
			t.Error("a restart changed who is signed in")
		}
		if b.CheckSession(t.Context(), "") || b.CheckSession(t.Context(), "guess") {
			t.Error("a made-up session was let in")
		}
	})
}

func TestDiskThatFailsShutsNoTeacherOut(t *testing.T) {
	b := newBox(t)
	if err := b.SetUp(t.Context(), pass); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	secret, err := b.Login(t.Context(), alice, pass)
	if err != nil || !b.CheckSession(t.Context(), secret) {
		t.Errorf("got %v, want a session", err)
	}
}

func TestSessionTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		if err := b.SetUp(t.Context(), pass); err != nil {
			t.Fatal(err)
		}
		var first, last string
		for i := range maxSessions + 5 {
			secret, err := b.OpenSession(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = secret
			}
			last = secret
			time.Sleep(time.Second)
		}
		rows, _ := b.store.List(store.Sessions)
		if len(rows) != maxSessions || b.CheckSession(t.Context(), first) || !b.CheckSession(t.Context(), last) {
			t.Errorf("got %d rows, first %v, last %v", len(rows), b.CheckSession(t.Context(), first), b.CheckSession(t.Context(), last))
		}
		for _, row := range rows {
			if strings.Contains(row.Key+string(row.Value), last) {
				t.Error("the file holds a session's secret")
			}
		}
	})
}

func TestMomentsAcrossStarts(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	now := moment{Boot: "b", Up: time.Hour, Wall: noon}
	tests := []struct {
		name    string
		earlier moment
		want    time.Duration
	}{
		{"same start, wall clock set since", moment{Boot: "b", Up: 50 * time.Minute, Wall: noon.AddDate(-5, 0, 0)}, 10 * time.Minute},
		{"another start", moment{Boot: "a", Up: 9 * time.Hour, Wall: noon.Add(-2 * time.Hour)}, 2 * time.Hour},
		{"another start, wall clock behind", moment{Boot: "a", Wall: noon.Add(time.Hour)}, 0},
		{"no name for starts", moment{Wall: noon.Add(-time.Minute)}, time.Minute},
	}
	for _, tt := range tests {
		if got := now.since(tt.earlier); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestClaimCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		code := newClaimCode()
		if !validClaimCode(code) || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
	}
	for typed, want := range map[string]string{
		" 7k3m-9qxd ": "7K3M9QXD", "OIL0 ABCD": "0110ABCD", strings.Repeat("x", 65): "",
	} {
		if got := normalClaimCode(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
	if sameCode("", "7K3M9QXD") || sameCode("7K3M9QX", "7K3M9QXD") {
		t.Error("a wrong code was taken")
	}
}
