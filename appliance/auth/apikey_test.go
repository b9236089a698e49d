package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/store"
)

func TestKeysSayARole(t *testing.T) {
	s := signer(t)
	keys := NewAPIKeys([]byte("publishable bytes"), []byte("secret bytes"))
	s.Accept(keys)
	for key, want := range map[string]Claims{keys.Publishable: {Role: Anon}, keys.Secret: {Role: Service}} {
		got, err := s.Verify(key)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", key, err, diff)
		}
	}
	for _, key := range []string{
		"sb_", publishablePrefix, secretPrefix, keys.Secret + "x", keys.Secret[:len(keys.Secret)-1],
		secretPrefix + strings.TrimPrefix(keys.Publishable, publishablePrefix),
	} {
		if _, err := s.Verify(key); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", key, err, ErrMalformed)
		}
	}
}

func TestNoKeysAreAcceptedUnasked(t *testing.T) {
	for _, key := range []string{"sb_", publishablePrefix, secretPrefix} {
		if _, err := signer(t).Verify(key); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", key, err, ErrMalformed)
		}
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	st, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	first, err := OpenAPIKeys(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := OpenAPIKeys(t.Context(), st); again != first || err != nil {
		t.Errorf("got %v, %v, want %v", again, err, first)
	}
	if len(first.Publishable) != len(publishablePrefix)+32 || len(first.Secret) != len(secretPrefix)+32 {
		t.Errorf("keys of another length: %v", first)
	}
}

func TestAPIKeyFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadAPIKeys(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before a box: got %v, want %v", err, fs.ErrNotExist)
	}
	for _, keys := range []APIKeys{NewAPIKeys([]byte("a"), []byte("b")), NewAPIKeys([]byte("c"), []byte("d"))} {
		if err := errors.Join(KeepAPIKeys(dir, keys), KeepAPIKeys(dir, keys)); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadAPIKeys(dir); got != keys || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, keys)
		}
	}
	path := filepath.Join(dir, APIKeyFile)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v, want 0600", info, err)
	}
	if err := os.WriteFile(path, []byte("sb_secret_x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadAPIKeys(dir); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("damaged: got %v, want what to do", err)
	}
}

func TestKeyForRole(t *testing.T) {
	k := APIKeys{Publishable: "p", Secret: "s"}
	for role, want := range map[string]string{Anon: "p", Service: "s", Authenticated: ""} {
		if got, err := k.ForRole(role); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", role, got, err, want)
		}
	}
}
