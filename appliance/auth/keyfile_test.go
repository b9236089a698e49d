package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadKey(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before a box: got %v, want %v", err, fs.ErrNotExist)
	}
	for _, secret := range []string{"first \x00 key", "second key", "second key"} {
		if err := KeepKey(dir, []byte(secret)); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadKey(dir); string(got) != secret || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, secret)
		}
	}
	path := filepath.Join(dir, KeyFile)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v, want 0600", info, err)
	}
	if err := os.WriteFile(path, []byte("not hex"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(dir); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("damaged: got %v, want what to do", err)
	}
}
