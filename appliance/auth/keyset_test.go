package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// issuer is a server of a key set. It can be away.
type issuer struct {
	mu    sync.Mutex // guards those below
	set   string
	away  error
	asked int
}

// now makes the server answer with a set, or fail.
func (s *issuer) now(set string, away error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set, s.away = set, away
}

// RoundTrip answers for every URL.
func (s *issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.away != nil {
		return nil, s.away
	}
	status := http.StatusOK
	if s.set == "" {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(s.set)), Request: req}, nil
}

// set writes a key set of Ed25519 keys with those ids.
func set(ids ...string) string {
	var keys []string
	for _, id := range ids {
		keys = append(keys, `{"kty":"OKP","crv":"Ed25519","kid":"`+id+`","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	}
	return `{"keys":[` + strings.Join(keys, ",") + `]}`
}

const source = "https://school.example/auth/v1/.well-known/jwks.json"

func openKeySet(t *testing.T, dir string, s *issuer, log io.Writer) *KeySet {
	t.Helper()
	k, err := OpenKeySet(KeySetConfig{
		Source: source, Dir: dir, Client: &http.Client{Transport: s},
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// has reports which of the ids a set knows, as far as it has been read.
func (k *KeySet) has(ids ...string) (known []string) {
	for _, id := range ids {
		if len(pick(*k.keys.Load(), "EdDSA", id)) > 0 {
			known = append(known, id)
		}
	}
	return known
}

// elapse lets time pass in a bubble until all goroutines wait again.
func elapse(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestKeySetIsReadNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{set: set("a")}
		var log bytes.Buffer
		k := openKeySet(t, t.TempDir(), s, &log)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- k.Run(ctx) }()
		synctest.Wait()
		if diff := cmp.Diff([]string{"a"}, k.has("a", "b")); diff != "" {
			t.Errorf("at the start (-want +got):\n%s", diff)
		}
		s.now(set("b"), nil)
		elapse(keySetEvery + time.Second)
		if diff := cmp.Diff([]string{"b"}, k.has("a", "b")); diff != "" {
			t.Errorf("later (-want +got):\n%s", diff)
		}
		s.now("", errors.New("no route to host"))
		elapse(5 * keySetEvery)
		if diff := cmp.Diff([]string{"b"}, k.has("a", "b")); diff != "" {
			t.Errorf("while it is away (-want +got):\n%s", diff)
		}
		s.now(set("b"), nil)
		elapse(2 * keySetEvery)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: got %v", err)
		}
		if warned, healed := strings.Count(log.String(), "level=WARN"), strings.Count(log.String(), "read again"); warned != 1 || healed != 1 {
			t.Errorf("want one line each:\n%s", log.String())
		}
	})
}

func TestAnUnknownKeyMakesItRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{set: set("a")}
		k := openKeySet(t, t.TempDir(), s, io.Discard)
		find := func(id string) int { return len(k.find("EdDSA", id)) }
		if find("a") != 1 || s.asked != 1 {
			t.Errorf("the first key: not found, or asked %d times", s.asked)
		}
		if find("b") != 0 || s.asked != 2 {
			t.Errorf("an unknown key: found, or asked %d times", s.asked)
		}
		s.now(set("a", "b"), nil)
		for range 100 {
			if find("b") != 0 {
				t.Fatal("asked again too soon")
			}
		}
		time.Sleep(unknownEvery)
		if find("b") != 1 || find("a") != 1 || find("") != 2 || s.asked != 3 {
			t.Errorf("after a minute: not found, or asked %d times", s.asked)
		}
		if len(k.find("RS256", "b")) != 0 {
			t.Error("an Ed25519 key is found for RS256")
		}
	})
}

func TestTheLastGoodSetIsKept(t *testing.T) {
	dir := t.TempDir()
	s := &issuer{set: set("a")}
	k := openKeySet(t, dir, s, io.Discard)
	k.ask(k.keys.Load())
	for name, bad := range map[string]*issuer{
		"away": {away: errors.New("no route")}, "not found": {}, "no set": {set: "<html>"},
		"too long": {set: `{"keys":[],"x":"` + strings.Repeat("x", maxKeySet) + `"}`},
	} {
		later := openKeySet(t, dir, bad, io.Discard)
		later.ask(later.keys.Load())
		if diff := cmp.Diff([]string{"a"}, later.has("a")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	withdrawn := openKeySet(t, dir, &issuer{set: `{"keys":[]}`}, io.Discard)
	if withdrawn.ask(withdrawn.keys.Load()); withdrawn.has("a") != nil {
		t.Error("a key that was withdrawn holds")
	}
}

func TestASetOfAnotherSourceIsForgotten(t *testing.T) {
	dir := t.TempDir()
	k := openKeySet(t, dir, &issuer{set: set("a")}, io.Discard)
	k.ask(k.keys.Load())
	other, err := OpenKeySet(KeySetConfig{Source: "https://other.example/", Dir: dir})
	if err != nil || other.has("a") != nil {
		t.Errorf("got %v, %v, want no keys", other.has("a"), err)
	}
}

func TestADiskThatIsFullCostsOnlyTheMemory(t *testing.T) {
	var log bytes.Buffer
	k := openKeySet(t, filepath.Join(t.TempDir(), "missing"), &issuer{set: set("a")}, &log)
	k.ask(k.keys.Load())
	if k.has("a") == nil || !strings.Contains(log.String(), "not kept") {
		t.Errorf("got %v and the log %s", k.has("a"), log.String())
	}
}

func TestKeySetFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "set.json")
	for text, want := range map[string]string{set("a"): "", "{}": "no JSON Web Key Set", "": "no JSON Web Key Set"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := OpenKeySet(KeySetConfig{Source: path})
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) || want == "" && (err != nil || k.has("a") == nil) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if _, err := OpenKeySet(KeySetConfig{Source: path + "x"}); err == nil {
		t.Error("a file that is not there: no error")
	}
	if _, err := OpenKeySet(KeySetConfig{Source: "https://"}); err == nil {
		t.Error("a URL without a host: no error")
	}
}

func TestParseKeySetLeavesOut(t *testing.T) {
	x := `"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
	for name, key := range map[string]string{
		"for encryption":         `{"kty":"OKP","crv":"Ed25519","use":"enc",` + x + `}`,
		"to sign with":           `{"kty":"OKP","crv":"Ed25519","key_ops":["sign"],` + x + `}`,
		"another algorithm":      `{"kty":"OKP","crv":"Ed25519","alg":"HS256",` + x + `}`,
		"a secret":               `{"kty":"oct","k":"c2VjcmV0","alg":"HS256"}`,
		"a secret beside it":     `{"kty":"OKP","crv":"Ed25519","k":"c2VjcmV0",` + x + `}`,
		"another curve":          `{"kty":"OKP","crv":"X25519",` + x + `}`,
		"a short key":            `{"kty":"OKP","crv":"Ed25519","x":"11qY"}`,
		"no base64":              `{"kty":"OKP","crv":"Ed25519","x":"!"}`,
		"a point off the curve":  `{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
		"a short point":          `{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`,
		"RSA without a modulus":  `{"kty":"RSA","e":"AQAB"}`,
		"RSA of 512 bits":        `{"kty":"RSA","e":"AQAB","n":"` + strings.Repeat("_", 86) + `"}`,
		"RSA of 65536 bits":      `{"kty":"RSA","e":"AQAB","n":"` + strings.Repeat("_", 10924) + `"}`,
		"RSA with exponent 1":    `{"kty":"RSA","e":"AQ","n":"` + strings.Repeat("_", 342) + `"}`,
		"RSA with a long one":    `{"kty":"RSA","e":"AQABAQAB","n":"` + strings.Repeat("_", 342) + `"}`,
		"a long id":              `{"kty":"OKP","crv":"Ed25519","kid":"` + strings.Repeat("k", 300) + `",` + x + `}`,
		"an id that is no text":  `{"kty":"OKP","crv":"Ed25519","kid":7,` + x + `}`,
		"something else":         `7`,
		"a type that is no text": `{"kty":{}}`,
	} {
		keys, err := parseKeySet([]byte(`{"keys":[` + key + `]}`))
		if err != nil || len(keys) != 0 {
			t.Errorf("%s: got %v, %v, want it left out", name, keys, err)
		}
	}
	if _, err := parseKeySet([]byte(`{"keys":[` + strings.Repeat("1,", maxKeys) + `1]}`)); err == nil {
		t.Error("too many keys: no error")
	}
}

func FuzzParseKeySet(f *testing.F) {
	f.Add([]byte(set("a", "b")))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"r","n":"` + strings.Repeat("_", 342) + `","e":"AQAB","alg":"RS256"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		keys, err := parseKeySet(raw)
		if err != nil && keys != nil || len(keys) > maxKeys {
			t.Errorf("%q: got %d keys and %v", raw, len(keys), err)
		}
		for _, k := range keys {
			if k.key == nil || len(k.algs) == 0 {
				t.Errorf("%q: a key for nothing: %+v", raw, k)
			}
		}
	})
}
