package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"downbeat.local/appliance/seal"
)

func newRing(t *testing.T) (r *seal.Ring, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "seal.key")
	r, err := seal.NewRing(path)
	if err != nil {
		t.Fatal(err)
	}
	return r, path
}

func reopen(t *testing.T, path string) *seal.Ring {
	t.Helper()
	r, err := seal.OpenRing(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRingsReplaceTheirKey(t *testing.T) {
	r, path := newRing(t)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v, %v", info.Mode(), err)
	}
	sealed := r.First().Seal(place, []byte("words"))
	by, _ := seal.KeyOf(sealed)
	ana := r.Name("ana")

	if r = reopen(t, path); r.Find(by) == nil || r.Replacing() {
		t.Fatal("a reopened ring lacks its key")
	}
	if err := r.Replace(); err != nil {
		t.Fatal(err)
	}
	if r = reopen(t, path); !r.Replacing() || r.Find(by) == nil || r.First() == r.Find(by) {
		t.Fatal("while the key is replaced, a new one seals and the old one opens")
	}
	old, err := os.Open(path) // as a stale block of the disk
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := r.Retire(); err != nil {
		t.Fatal(err)
	}
	if r = reopen(t, path); r.Replacing() || r.Find(by) != nil {
		t.Error("the old key is still there")
	}
	if r.Name("ana") != ana || r.Name("bea") == ana {
		t.Error("names of owners' keys must stay and differ")
	}
	left := make([]byte, 4096)
	n, _ := old.Read(left)
	if len(bytes.Trim(left[:n], "\x00")) > 0 {
		t.Errorf("the old file still holds %d bytes", n)
	}
}

func TestRingsThatCannotBeRead(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		want    error
	}{
		"no ring":      {`{}`, seal.ErrBadRing},
		"no JSON":      {"words", seal.ErrBadRing},
		"empty":        {"", seal.ErrBadRing},
		"short secret": {`{"secrets":["AAAA"],"names":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`, seal.ErrBadRing},
		"huge":         {string(make([]byte, 1<<20)), seal.ErrBadRing},
	} {
		path := filepath.Join(t.TempDir(), "seal.key")
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenRing(path); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	if _, err := seal.OpenRing(filepath.Join(t.TempDir(), "seal.key")); !errors.Is(err, seal.ErrNoRing) {
		t.Errorf("no file: got %v", err)
	}
}
