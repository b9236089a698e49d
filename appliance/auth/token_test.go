package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

var secret = []byte("super-secret-jwt-token-with-at-least-32-characters-long")

func signer(t testing.TB) *Signer {
	t.Helper()
	s, err := NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return time.Unix(1_800_000_000, 0) }
	return s
}

// sign makes a token that Mint would not.
func sign(t testing.TB, method jwt.SigningMethod, key any, claims string) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(fmt.Sprintf(`{"alg":%q,"typ":"JWT"}`, method.Alg()))) + "." + b64([]byte(claims))
	sig, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

func TestMintedTokenComesBack(t *testing.T) {
	s := signer(t)
	claims := Member("0192-uuid", "MUSIC-2024", "student")
	claims.All = map[string]any{"school": "Oak", "role": "service_role", "app_metadata": map[string]any{"provider": "code", "room": "X"}}
	token, err := s.Mint(claims, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	want := Claims{
		Role: Authenticated, Subject: "0192-uuid", ExpiresAt: time.Unix(1_800_003_600, 0),
		App: AppMetadata{Role: "student", Room: "MUSIC-2024"},
		All: map[string]any{
			"role": "authenticated", "sub": "0192-uuid", "school": "Oak",
			"iat": 1_800_000_000.0, "exp": 1_800_003_600.0,
			"app_metadata": map[string]any{"downbeat_role": "student", "room": "MUSIC-2024", "provider": "code"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestVerifyRefuses(t *testing.T) {
	s := signer(t)
	hs := jwt.SigningMethodHS256
	good := `{"role":"anon","exp":1800000001}`
	valid := sign(t, hs, secret, good)
	parts := strings.Split(valid, ".")
	other := strings.Split(sign(t, hs, secret, `{"role":"service_role","exp":1800000001}`), ".")
	tests := []struct {
		name, token, want, upgrade, join string
	}{
		{"nothing", "", "API key is missing", "API key is missing", "InvalidJWTToken: API key is missing"},
		{"words", "sb_publishable_abc", "The token provided is not a valid JWT", "The token provided is not a valid JWT", "MalformedJWT: The token provided is not a valid JWT"},
		{"two parts", parts[0] + "." + parts[1], "The token provided is not a valid JWT", "", ""},
		{"four parts", valid + ".x", "The token provided is not a valid JWT", "", ""},
		{"not base64", "!." + parts[1] + "." + parts[2], "The token provided is not a valid JWT", "", ""},
		{"claims not an object", sign(t, hs, secret, `[1]`), "The token provided is not a valid JWT", "", ""},
		{"too long", strings.Repeat("a", maxToken+1), "The token provided is not a valid JWT", "", ""},
		{"other secret", sign(t, hs, []byte("another secret"), good), "Failed to validate JWT signature", "Failed to validate JWT signature", "JwtSignatureError: Failed to validate JWT signature"},
		{"claims swapped", parts[0] + "." + other[1] + "." + parts[2], "Failed to validate JWT signature", "", ""},
		{"no signature", parts[0] + "." + parts[1] + ".", "Failed to validate JWT signature", "", ""},
		{"alg none", sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good), "Failed to validate JWT signature", "", ""},
		{"alg HS512", sign(t, jwt.SigningMethodHS512, secret, good), "Failed to validate JWT signature", "", ""},
		{"no role", sign(t, hs, secret, `{"exp":1800000001}`), "Fields `role` and `exp` are required in JWT", "Fields `role` and `exp` are required in JWT", "InvalidJWTToken: Fields `role` and `exp` are required in JWT"},
		{"no exp", sign(t, hs, secret, `{"role":"anon"}`), "Fields `role` and `exp` are required in JWT", "", ""},
		{"role a number", sign(t, hs, secret, `{"role":7,"exp":1800000001}`), "Fields `role` and `exp` are required in JWT", "", ""},
		{"exp a word", sign(t, hs, secret, `{"role":"anon","exp":"soon"}`), "Fields `role` and `exp` are required in JWT", "", ""},
		{"exp past all calendars", sign(t, hs, secret, `{"role":"anon","exp":1e300}`), "Fields `role` and `exp` are required in JWT", "", ""},
		{"expired", sign(t, hs, secret, `{"role":"anon","exp":1799999940}`), "Token has expired 60 seconds ago", "Token has expired", "InvalidJWTToken: Token has expired 60 seconds ago"},
		{"expired this moment", sign(t, hs, secret, `{"role":"anon","exp":1800000000}`), "Token has expired 0 seconds ago", "Token has expired", ""},
		{"expired by a fraction", sign(t, hs, secret, `{"role":"anon","exp":1799999998.5}`), "Token has expired 1 seconds ago", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Verify(tt.token)
			if err == nil || err.Error() != tt.want {
				t.Fatalf("got error %v, want %q", err, tt.want)
			}
			if got := UpgradeMessage(err); tt.upgrade != "" && got != tt.upgrade {
				t.Errorf("upgrade message: got %q, want %q", got, tt.upgrade)
			}
			if got := JoinReason(err); tt.join != "" && got != tt.join {
				t.Errorf("join reason: got %q, want %q", got, tt.join)
			}
		})
	}
}

func TestVerifyTakesAFractionalExp(t *testing.T) {
	got, err := signer(t).Verify(sign(t, jwt.SigningMethodHS256, secret, `{"role":"anon","exp":1800000000.5}`))
	if want := time.Unix(1_800_000_000, 5e8); err != nil || !got.ExpiresAt.Equal(want) {
		t.Errorf("got %v, %v, want %v", got.ExpiresAt, err, want)
	}
}

func TestTeacher(t *testing.T) {
	tests := []struct {
		name   string
		claims Claims
		want   bool
	}{
		{"anon", Claims{Role: Anon}, false},
		{"service role", Claims{Role: Service}, true},
		{"teacher of any room", Claims{Role: Authenticated, App: AppMetadata{Role: "teacher"}}, true},
		{"teacher of this room", Member("a", "MUSIC-2024", "teacher"), true},
		{"teacher of another room", Member("a", "OTHER-2024", "teacher"), false},
		{"student of this room", Member("a", "MUSIC-2024", "student"), false},
	}
	for _, tt := range tests {
		if got := tt.claims.Teacher("MUSIC-2024"); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMintNeedsARoleAndASecret(t *testing.T) {
	if _, err := signer(t).Mint(Claims{}, time.Hour); err == nil {
		t.Error("mint without a role: no error")
	}
	if _, err := NewSigner(nil); err == nil {
		t.Error("signer without a secret: no error")
	}
}

// FuzzVerify looks for a panic, and for a token that is accepted without the
// secret. An accepted token must have a signature that the box would make.
func FuzzVerify(f *testing.F) {
	s := signer(f)
	valid := sign(f, jwt.SigningMethodHS256, secret, `{"role":"anon","exp":1800000001.25,"app_metadata":{"room":"A-1"}}`)
	for _, seed := range []string{valid, "", "..", "a.b.c", valid[:len(valid)-1], valid + "A", strings.ReplaceAll(valid, ".", "..")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := s.Verify(token)
		if err == nil {
			text := token[:strings.LastIndexByte(token, '.')]
			sig, _ := base64.RawURLEncoding.DecodeString(token[len(text)+1:])
			if jwt.SigningMethodHS256.Verify(text, sig, secret) != nil || claims.Role == "" {
				t.Errorf("accepted %q as %+v", token, claims)
			}
			return
		}
		_, expired := errors.AsType[*ExpiredError](err)
		known := errors.Is(err, ErrMissing) || errors.Is(err, ErrMalformed) || errors.Is(err, ErrSignature) || errors.Is(err, ErrFields)
		if !expired && !known {
			t.Errorf("unknown error %v", err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := signer(b)
	token, err := s.Mint(Member("0192-uuid", "MUSIC-2024", "student"), time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Verify(token); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheTokenOfARequest(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer  abc ": "abc", "Bearer ": "key", "Basic abc": "key", "": "key",
	} {
		r := httptest.NewRequest(http.MethodGet, "/?apikey=key", http.NoBody)
		r.Header.Set("Authorization", header)
		if got := Token(r); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
		r.Header.Set("apikey", "other")
		if got := APIKey(r); got != "other" {
			t.Errorf("the header's key comes first: got %q", got)
		}
	}
}
