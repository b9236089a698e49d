package boxtest

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/store"
)

// password is the teacher's password on every box of openBox.
const password = "correct horse"

// session is the secret of that teacher's session. Read it after claim.
var session string

// claimed is the files of the store of a claimed box, by name. They are made once,
// because the hash of a password takes longer than most tests.
var claimed = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "downbeat-test-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := claimIn(dir); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, name := range []string{store.FileName, store.KeyFileName} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

func claimIn(dir string) (err error) {
	s, err := store.Open(store.Config{Path: filepath.Join(dir, store.FileName)})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	register, err := people.Open(context.Background(), people.Config{Store: s, Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := register.SetUp(context.Background(), password); err != nil {
		return err
	}
	session, err = register.OpenSession(context.Background())
	return err
}

// claim puts the store of a claimed box into a data folder without one.
func claim(t *testing.T, dir string) {
	t.Helper()
	files, err := claimed()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, store.FileName)); err == nil {
		return
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATeacherChangesThePassword(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	const fresh = "battery staple"
	change := object{"password": password, "new": fresh}
	if status := b.call("POST", "/box/v1/password", change, nil); status != http.StatusUnauthorized {
		t.Errorf("without a session: %d", status)
	}
	if status := b.staffCall("POST", "/box/v1/password", object{"password": fresh, "new": fresh}, nil); status != http.StatusUnauthorized {
		t.Errorf("with a wrong password: %d", status)
	}
	if status := b.staffCall("POST", "/box/v1/password", change, nil); status != http.StatusNoContent {
		t.Fatalf("got %d", status)
	}
	if status := b.staffCall("GET", "/box/v1/rooms", nil, nil); status != http.StatusOK {
		t.Errorf("the teacher's own browser is signed out: %d", status)
	}
	for word, want := range map[string]int{password: http.StatusUnauthorized, fresh: http.StatusNoContent} {
		if status := b.call("POST", "/box/v1/login", object{"password": word}, nil); status != want {
			t.Errorf("signing in with %q: %d, want %d", word, status, want)
		}
	}
}
