package boxtest

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"downbeat.local/appliance"
)

// school is an issuer like Supabase Auth. Its key can change.
type school struct {
	*httptest.Server
	t *testing.T

	mu  sync.Mutex // guards id, key
	id  string
	key ed25519.PrivateKey
}

func openSchool(t *testing.T) *school {
	s := &school{t: t}
	s.changeKey("first")
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		public := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
		_, _ = fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}]}`, s.id, public)
	}))
	t.Cleanup(s.Close)
	return s
}

// changeKey changes the key.
func (s *school) changeKey(id string) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.key = id, key
}

// token signs a token for a user.
func (s *school) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"role": "authenticated", "sub": "u", "exp": time.Now().Add(time.Hour).Unix()})
	token.Header["kid"] = s.id
	text, err := token.SignedString(s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func TestTokensOfTheSchool(t *testing.T) {
	t.Parallel()
	s := openSchool(t)
	dir := t.TempDir()
	b := openBox(t, appliance.Config{JWKS: s.URL, DataDir: dir})
	if r := b.dial(s.token()).private("lobby", ""); r.Status != "ok" {
		t.Errorf("a user of the school: %+v", r)
	}
	old := s.token()
	s.changeKey("second")
	if r := b.dial(s.token()).private("lobby", ""); r.Status != "ok" {
		t.Errorf("under a new key: %+v", r)
	}
	if got := b.upgrade(url.Values{"apikey": {old}}); got != http.StatusUnauthorized {
		t.Errorf("under a key that was withdrawn: got %d", got)
	}
	b.dial(b.token(serviceClaims))

	b.stop()
	s.Close()
	again := openBox(t, appliance.Config{JWKS: s.URL, DataDir: dir})
	if r := again.dial(s.token()).private("lobby", ""); r.Status != "ok" {
		t.Errorf("after a restart while the school is away: %+v", r)
	}
}

func TestABoxStartsWithoutTheSchool(t *testing.T) {
	t.Parallel()
	s := openSchool(t)
	s.Close()
	b := openBox(t, appliance.Config{JWKS: s.URL})
	if got := b.upgrade(url.Values{"apikey": {s.token()}}); got != http.StatusUnauthorized {
		t.Errorf("a user of the school: got %d", got)
	}
	b.dial(b.token(anonClaims))
	if _, err := appliance.Open(appliance.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir(), JWKS: t.TempDir() + "/missing", Out: io.Discard}); err == nil {
		t.Error("a file that is not there: the box starts")
	}
}
