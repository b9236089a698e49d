package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(Config{Path: path, Tables: []*table.Table{notes}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestRowsSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", FileName)
	s := open(t, path)
	ctx := t.Context()
	for code, name := range map[string]string{"MUSIC-2024": "Music", "DRUM-0001": "Drums", "GONE-0000": "Gone"} {
		if err := s.Put(ctx, Rooms, code, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(ctx, Rooms, "GONE-0000"); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, Rooms, "NEVER-0000"); err != nil {
		t.Errorf("deleting a row that is not there: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	got, err := open(t, path).List(Rooms)
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{{"DRUM-0001", []byte(`"Drums"`)}, {"MUSIC-2024", []byte(`"Music"`)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rooms after reopening (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file mode: got %v, %v, want 0600", info.Mode(), err)
	}
}

func TestGetTellsMissingFromBad(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	var n int
	if ok, err := s.Get(Settings, "volume", &n); ok || err != nil {
		t.Errorf("missing row: got %v, %v, want false, nil", ok, err)
	}
	if err := s.Put(t.Context(), Settings, "volume", "loud"); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Get(Settings, "volume", &n); ok || err == nil {
		t.Errorf("row of another type: got %v, %v, want false and an error", ok, err)
	}
}

func TestOpenErrorsSayWhatToDo(t *testing.T) {
	truncate := func(t *testing.T, path string, size int64) {
		s := open(t, path)
		_ = s.Put(t.Context(), Rooms, "A", strings.Repeat("x", 100_000))
		_ = s.Close()
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
		says  string
	}{
		{"locked", func(t *testing.T, path string) { open(t, path) }, ErrLocked, "stop it"},
		{"text", func(t *testing.T, path string) { writeFile(t, path, strings.Repeat("not a database ", 2000)) }, ErrCorrupt, "move it away"},
		{"truncated to one page", func(t *testing.T, path string) { truncate(t, path, 4096) }, ErrCorrupt, "move it away"},
		{"truncated to two pages", func(t *testing.T, path string) { truncate(t, path, 8192) }, ErrCorrupt, "move it away"},
		{"truncated in the middle", func(t *testing.T, path string) { truncate(t, path, 40960) }, ErrCorrupt, "move it away"},
		{"emptied", func(t *testing.T, path string) { truncate(t, path, 0) }, ErrEmptied, "put a backup in its place"},
		{"page header spoilt", spoilPage, ErrCorrupt, "move it away"},
		{"no schema", noSchema, ErrCorrupt, "move it away"},
		{"newer", newer, ErrNewer, "newer version"},
		{"folder is a file", func(t *testing.T, path string) { writeFile(t, filepath.Dir(path), "") }, ErrUnwritable, "--data"},
		{"file is a folder", func(t *testing.T, path string) { _ = os.MkdirAll(path, 0o700) }, ErrUnwritable, "--data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "data", FileName)
			if tt.want != ErrUnwritable {
				_ = os.Mkdir(filepath.Dir(path), 0o700)
			}
			tt.spoil(t, path)
			_, err := Open(Config{Path: path, LockTimeout: 60 * time.Millisecond})
			if !errors.Is(err, tt.want) {
				t.Fatalf("got error %v, want %v", err, tt.want)
			}
			if text := err.Error(); !strings.Contains(text, tt.says) || !strings.Contains(text, path) || strings.Contains(text, "\n") {
				t.Errorf("got %q, want one line that names %s and says %q", text, path, tt.says)
			}
		})
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// spoilPage flips bytes in the header of every page after the two meta pages.
func spoilPage(t *testing.T, path string) {
	_ = open(t, path).Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 2 * 4096; at < len(raw); at += 4096 {
		for i := range 12 {
			raw[at+i] ^= 0xff
		}
	}
	writeFile(t, path, string(raw))
}

// TestAFileThatWasNeverWritten is left by a power cut in a box's first moment.
func TestAFileThatWasNeverWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	writeFile(t, path, "")
	var log bytes.Buffer
	s, err := Open(Config{Path: path, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "the data file is empty, so this is a new box") {
		t.Errorf("logged %q", got)
	}
}

// TestATornMetaPage spoils one of the two pages that bbolt writes in turn, as a
// power cut in the middle of a commit does. The other has the state before.
func TestATornMetaPage(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, FileName)
	s := open(t, whole)
	const commits = 5
	for i := range commits {
		if err := s.Put(t.Context(), Rooms, fmt.Sprint(i), i); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, key := fileOf(t, whole), fileOf(t, filepath.Join(dir, KeyFileName))
	for page := range 2 {
		for name, tear := range map[string]func(page []byte){
			"zeros":  func(page []byte) { clear(page) },
			"half":   func(page []byte) { clear(page[48:]) },
			"a bit":  func(page []byte) { page[40] ^= 1 },
			"others": func(page []byte) { _, _ = rand.Read(page) },
		} {
			t.Run(fmt.Sprint(page, " ", name), func(t *testing.T) {
				path, torn := filepath.Join(t.TempDir(), FileName), bytes.Clone(raw)
				tear(torn[4096*page : 4096*(page+1)])
				writeFile(t, path, string(torn))
				writeFile(t, filepath.Join(filepath.Dir(path), KeyFileName), string(key))
				s := open(t, path)
				rows, err := s.List(Rooms)
				if err != nil || len(rows) < commits-1 {
					t.Errorf("%d rows, %v, want all but the last at least", len(rows), err)
				}
				if err := s.Put(t.Context(), Rooms, "more", 1); err != nil {
					t.Error(err)
				}
				if err := check(s.db); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func setSchema(t *testing.T, path, version string) {
	s, err := Open(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(meta)).Put([]byte("schema"), []byte(version))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func newer(t *testing.T, path string)    { setSchema(t, path, "999") }
func noSchema(t *testing.T, path string) { setSchema(t, path, "?") }

// TestFirstSchemaIsMigrated opens a file from a box without tables.
func TestFirstSchemaIsMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	plainFile(t, path, 1, map[Bucket]map[string]string{Rooms: {"MUSIC-2024": `"Music"`}})
	s := open(t, path)
	if version, err := schemaOf(s.db); version != Schema || err != nil {
		t.Errorf("schema: got %d, %v, want %d", version, err, Schema)
	}
	var name string
	if ok, err := s.Get(Rooms, "MUSIC-2024", &name); !ok || name != "Music" || err != nil {
		t.Errorf("room: got %q, %v", name, err)
	}
	if _, err := s.Rows(notes, table.Full()).Insert(t.Context(), []table.Row{{"id": "a"}}, nil); err != nil {
		t.Error(err)
	}
	_ = s.Close()
	s, err := Open(Config{Path: path}) // a box without the table
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if rows, _, err := open(t, path).Rows(notes, table.Full()).Select(t.Context(), Query{Limit: 9}); len(rows) != 1 || err != nil {
		t.Errorf("rows of a table that was left alone: %v, %v", rows, err)
	}
}

func TestBadTableIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if _, err := Open(Config{Path: path, Tables: []*table.Table{{Name: "nameless"}}}); err == nil {
		t.Error("no error")
	}
}

func TestSecretIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	s := open(t, path)
	first, err := s.Secret(t.Context(), SigningKey, SigningKeySize)
	if err != nil || len(first) != SigningKeySize {
		t.Fatalf("first secret: %d bytes, %v", len(first), err)
	}
	_ = s.Close()
	second, err := open(t, path).Secret(t.Context(), SigningKey, SigningKeySize)
	if err != nil || !cmp.Equal(first, second) {
		t.Errorf("secret after reopening: %v, same %v, want the same", err, cmp.Equal(first, second))
	}
}

func TestSameBoot(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	for i, step := range []struct {
		id   string
		want bool
	}{{"a", false}, {"a", true}, {"b", false}, {"b", true}, {"", false}, {"", false}} {
		if got, err := s.sameBoot(t.Context(), step.id); got != step.want || err != nil {
			t.Errorf("start %d, boot %q: got %v, %v, want %v", i, step.id, got, err, step.want)
		}
	}
}
