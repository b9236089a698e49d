package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// machine is a start of the machine whose clocks a test sets.
type machine struct {
	wall   time.Time
	uptime time.Duration
}

func (m *machine) signer(t *testing.T, boot string) *Signer {
	t.Helper()
	s := signer(t)
	s.now = func() time.Time { return m.wall }
	s.During(Boot{ID: boot, Uptime: func() time.Duration { return m.uptime }})
	return s
}

func (m *machine) pass(d time.Duration) {
	m.wall, m.uptime = m.wall.Add(d), m.uptime+d
}

// TestTheWallClockIsSetInALesson sets it forwards and backwards while a token is
// good for an hour.
func TestTheWallClockIsSetInALesson(t *testing.T) {
	for _, step := range []time.Duration{-1000 * 24 * time.Hour, -time.Minute, time.Minute, 72 * time.Hour, 50 * 365 * 24 * time.Hour} {
		m := &machine{wall: time.Unix(1_800_000_000, 0), uptime: time.Minute}
		s := m.signer(t, "one")
		token, err := s.Mint(Claims{Role: Authenticated}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		m.pass(20 * time.Minute)
		m.wall = m.wall.Add(step)
		claims, err := s.Verify(token)
		if err != nil || claims.ExpiresAt.Sub(m.wall).Round(time.Second) != 40*time.Minute {
			t.Errorf("a step of %v: %v, expires in %v, want 40 minutes", step, err, claims.ExpiresAt.Sub(m.wall))
		}
		m.pass(41 * time.Minute)
		var expired *ExpiredError
		if _, err := s.Verify(token); !errors.As(err, &expired) {
			t.Errorf("a step of %v: got %v after 61 minutes", step, err)
		}
	}
}

// TestAnotherStartOfTheMachine has no other clock than the wall's.
func TestAnotherStartOfTheMachine(t *testing.T) {
	m := &machine{wall: time.Unix(1_800_000_000, 0), uptime: 100 * time.Hour}
	token, err := m.signer(t, "one").Mint(Claims{Role: Authenticated}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	m.uptime = 0
	m.wall = m.wall.Add(2 * time.Hour)
	var expired *ExpiredError
	if _, err := m.signer(t, "two").Verify(token); !errors.As(err, &expired) {
		t.Errorf("got %v", err)
	}
}

// TestForgedBootClaims have good signatures.
func TestForgedBootClaims(t *testing.T) {
	m := &machine{wall: time.Unix(1_800_000_000, 0), uptime: time.Hour}
	s := m.signer(t, "one")
	for _, claim := range []string{
		`1`, `{}`, `{"id":"ONE"}`, `{"id":"ONE","exp":"9"}`, `{"id":"ONE","exp":1e300}`, `{"id":"ONE","exp":-1}`, `{"id":"","exp":9e9}`, `{"id":"two","exp":90000}`,
		`{"id":"one","exp":90000}`, // the machine's own name
	} {
		claim = strings.ReplaceAll(claim, "ONE", s.boot.ID)
		token := sign(t, jwt.SigningMethodHS256, secret, `{"role":"anon","exp":1799999999,"downbeat_boot":`+claim+`}`)
		var expired *ExpiredError
		if _, err := s.Verify(token); !errors.As(err, &expired) {
			t.Errorf("%s: got %v", claim, err)
		}
	}
}

// TestTokensDoNotNameTheMachine reads what everybody with a token can read.
func TestTokensDoNotNameTheMachine(t *testing.T) {
	const boot = "6f1c1c1e-6f5e-4c0e-9d5e-0123456789ab"
	m := &machine{wall: time.Unix(1_800_000_000, 0), uptime: time.Hour}
	token, err := m.signer(t, boot).Mint(Claims{Role: Authenticated}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil || !strings.Contains(string(body), bootClaim) || strings.Contains(string(body), boot) {
		t.Errorf("the token says %s, %v", body, err)
	}
	other, err := NewSigner([]byte("the secret of another box of the school"))
	if err != nil {
		t.Fatal(err)
	}
	other.During(Boot{ID: boot})
	if other.boot.ID == m.signer(t, boot).boot.ID {
		t.Error("two boxes name one start alike")
	}
}
