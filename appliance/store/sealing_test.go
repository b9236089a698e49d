package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"downbeat.local/appliance/seal"
	"downbeat.local/appliance/table"
)

// diary is a table whose rows belong to students.
var diary = &table.Table{
	Schema: "public", Name: "diary", Key: "id", Owner: "who",
	Columns: []table.Column{
		{Name: "id", Type: table.Text, Required: true},
		{Name: "who", Type: table.Text},
		{Name: "words", Type: table.Text},
	},
}

func openDiary(t *testing.T, path string) (s *Store, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	s, err := Open(Config{Path: path, Tables: []*table.Table{notes, diary}, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, log
}

// confide writes a row of the diary.
func confide(t *testing.T, s *Store, id, who, words string) {
	t.Helper()
	if _, err := s.Rows(diary, table.Full()).Insert(t.Context(), []table.Row{{"id": id, "who": who, "words": words}}, nil); err != nil {
		t.Fatal(err)
	}
}

// confided lists the diary as "id: words".
func confided(t *testing.T, s *Store) string {
	t.Helper()
	rows, _, err := s.Rows(diary, table.Full()).Select(t.Context(), Query{Limit: MaxRows})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		all = append(all, fmt.Sprintf("%v: %v", row["id"], row["words"]))
	}
	return strings.Join(all, ", ")
}

func fileOf(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestTheFileHoldsNoWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	s, _ := openDiary(t, path)
	confide(t, s, "1", "ana", "canary words")
	if err := s.Put(t.Context(), Rooms, "MUSIC-2024", "canary room"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Secret(t.Context(), "jwt", 32); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if raw := fileOf(t, path); bytes.Contains(raw, []byte("canary")) || bytes.Contains(raw, []byte("ana\"")) {
		t.Error("the file holds words")
	}
	s, _ = openDiary(t, path)
	if got := confided(t, s); got != "1: canary words" {
		t.Errorf("after a restart: got %q", got)
	}
}

// TestForgottenWordsAreGone keeps every old page of the file, and the keys that the
// box has afterwards, and finds nothing that opens.
func TestForgottenWordsAreGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	s, _ := openDiary(t, path)
	for i := range 3 {
		confide(t, s, fmt.Sprint("a", i), "ana", "of ana")
	}
	confide(t, s, "b", "bea", "of bea")
	if err := s.Put(t.Context(), Rooms, "MUSIC-2024", "Music"); err != nil {
		t.Fatal(err)
	}
	for _, child := range []string{"ana", "bea"} {
		if err := s.Write(t.Context(), Op{Bucket: Children, Key: child, Value: []byte(`"on the list"`), Owner: child}); err != nil {
			t.Fatal(err)
		}
	}
	key := s.sealing.keyName("ana")
	var rows, keys [][]byte // as thieves who copied the file before have them
	err := s.view(func(tx *bbolt.Tx) error {
		keys = append(keys, bytes.Clone(tx.Bucket([]byte(OwnerKeys)).Get([]byte(key))))
		rows = append(rows, bytes.Clone(tx.Bucket([]byte(bucketOf(diary))).Get([]byte("a0"))))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	cancel := s.Watch(func(c table.Change) { heard = append(heard, fmt.Sprint(c.Op, " ", c.Old["id"])) })
	if err := s.Forget(t.Context(), "ana"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if diff := cmp.Diff([]string{"DELETE a0", "DELETE a1", "DELETE a2"}, heard); diff != "" {
		t.Errorf("watchers (-want +got):\n%s", diff)
	}

	for range 2 { // now, and after a restart
		if got := confided(t, s); got != "b: of bea" {
			t.Errorf("got %q, want bea's words alone", got)
		}
		if listed, err := s.List(Children); err != nil || len(listed) != 1 || listed[0].Key != "bea" || string(listed[0].Value) != `"on the list"` {
			t.Errorf("on the list: %v, %v, want bea alone", listed, err)
		}
		var room string
		if ok, err := s.Get(Rooms, "MUSIC-2024", &room); !ok || err != nil || room != "Music" {
			t.Errorf("the room: %q, %v, %v", room, ok, err)
		}
		for _, old := range keys {
			if by, _ := seal.KeyOf(old); s.sealing.ring.Find(by) != nil {
				t.Error("the box still has the key of the forgotten key")
			}
		}
		err := s.view(func(tx *bbolt.Tx) error {
			for _, old := range rows {
				if got, err := s.sealing.open(tx, bucketOf(diary), "a0", old); err == nil {
					t.Errorf("an old page still opens: %s", got)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s, _ = openDiary(t, path)
	}
	confide(t, s, "a4", "ana", "anew")
	if got := confided(t, s); got != "a4: anew, b: of bea" {
		t.Errorf("a forgotten student writes again: got %q", got)
	}
}

// TestAKeyReplacedHalfWay stops between the new key and its use, and between its
// use and the end of the old one.
func TestAKeyReplacedHalfWay(t *testing.T) {
	for _, sealedAnew := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), FileName)
		s, _ := openDiary(t, path)
		confide(t, s, "1", "ana", "words")
		confide(t, s, "3", "", "of nobody")
		if err := s.sealing.ring.Replace(); err != nil {
			t.Fatal(err)
		}
		confide(t, s, "2", "bea", "more words")
		if sealedAnew {
			if _, err := s.do(t.Context(), func(tx *bbolt.Tx) (effect, error) { return s.resealed(t.Context(), tx, "") }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		other, err := Open(Config{Path: path}) // a command that knows no tables
		if err != nil {
			t.Fatal(err)
		}
		_ = other.Close()
		s, _ = openDiary(t, path)
		if got := confided(t, s); got != "1: words, 2: more words, 3: of nobody" || s.sealing.ring.Replacing() {
			t.Errorf("sealed anew %v: got %q, still replacing %v", sealedAnew, got, s.sealing.ring.Replacing())
		}
	}
}

// TestDamagedValuesAreLeftOut changes values behind the store's back.
func TestDamagedValuesAreLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	s, log := openDiary(t, path)
	for _, id := range []string{"1", "2", "3", "4"} {
		confide(t, s, id, "ana", "words "+id)
	}
	for _, code := range []string{"A", "B"} {
		if err := s.Put(t.Context(), Rooms, code, code); err != nil {
			t.Fatal(err)
		}
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketOf(diary)))
		flipped, one, two := bytes.Clone(b.Get([]byte("3"))), bytes.Clone(b.Get([]byte("1"))), bytes.Clone(b.Get([]byte("2")))
		flipped[len(flipped)-1] ^= 1
		rooms := tx.Bucket([]byte(Rooms))
		return errors.Join(
			b.Put([]byte("3"), flipped), b.Put([]byte("1"), two), b.Put([]byte("2"), one), // two that changed places
			b.Put([]byte("5"), []byte(`{"id":"5","words":"planted"}`)),
			rooms.Put([]byte("A"), bytes.Clone(rooms.Get([]byte("B")))),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := confided(t, s); got != "4: words 4" {
			t.Errorf("got %q, want the sound row alone", got)
		}
	}
	if n := strings.Count(log.String(), "damaged"); n != 4 || strings.Contains(log.String(), "words") {
		t.Errorf("logged %d times: %s", n, log)
	}
	var room string
	if _, err := s.Get(Rooms, "A", &room); !errors.Is(err, ErrDamaged) {
		t.Errorf("a room in another's place: got %q, %v", room, err)
	}
	rooms, err := s.List(Rooms)
	if want := []Row{{"A", nil}, {"B", json.RawMessage(`"B"`)}}; err != nil || !cmp.Equal(rooms, want) {
		t.Errorf("got %v, %v, want %v", rooms, err, want)
	}
}

// plainFile makes a file as an earlier schema had it, with values in the clear.
func plainFile(t *testing.T, path string, schema int, values map[Bucket]map[string]string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		values[meta] = map[string]string{"schema": fmt.Sprint(schema)}
		for name, rows := range values {
			b, err := tx.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			for k, v := range rows {
				if err := b.Put([]byte(k), []byte(v)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestFilesOfEarlierSchemasAreSealed(t *testing.T) {
	for schema := 1; schema < Schema; schema++ {
		path := filepath.Join(t.TempDir(), FileName)
		many := map[string]string{}
		for i := range 3*sealAtOnce + 1 {
			many[fmt.Sprintf("a%05d", i)] = fmt.Sprintf(`{"id":"a%05d","who":"ana","words":"canary"}`, i)
		}
		plainFile(t, path, schema, map[Bucket]map[string]string{
			Rooms: {"MUSIC-2024": `"canary room"`}, Secrets: {"jwt": "\x01canary"}, bucketOf(diary): many, "sync:meta": {"depth": "12345678"},
		})
		s, _ := openDiary(t, path)
		var room string
		secret, err := s.Secret(t.Context(), "jwt", 32)
		if _, getErr := s.Get(Rooms, "MUSIC-2024", &room); err != nil || getErr != nil || room != "canary room" || string(secret) != "\x01canary" {
			t.Errorf("schema %d: got %q, %q, %v, %v", schema, room, secret, err, getErr)
		}
		if _, total, err := s.Rows(diary, table.Full()).Select(t.Context(), Query{Limit: 1, Count: true}); err != nil || total != len(many) {
			t.Errorf("schema %d: %d rows, %v, want %d", schema, total, err, len(many))
		}
		if err := s.Forget(t.Context(), "ana"); err != nil {
			t.Fatal(err)
		}
		if got := confided(t, s); got != "" {
			t.Errorf("schema %d: forgotten rows are left: %.80q", schema, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(fileOf(t, path), []byte("canary")) {
			t.Errorf("schema %d: old pages hold plain words", schema)
		}
		if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
			t.Errorf("schema %d: left over: %v", schema, left)
		}
		openDiary(t, path)
	}
}

func TestAFileWithoutItsKeys(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, key string){
		"gone":    func(t *testing.T, key string) { _ = os.Remove(key) },
		"damaged": func(t *testing.T, key string) { writeFile(t, key, "x") },
		"of another box": func(t *testing.T, key string) {
			if _, err := seal.NewRing(key); err != nil {
				t.Fatal(err)
			}
		},
	} {
		path := filepath.Join(t.TempDir(), FileName)
		s, _ := openDiary(t, path)
		if _, err := s.Secret(t.Context(), "jwt", 32); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		before := fileOf(t, path)
		spoil(t, filepath.Join(filepath.Dir(path), KeyFileName))
		_, err := Open(Config{Path: path, Tables: []*table.Table{notes, diary}})
		if !errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), KeyFileName) {
			t.Errorf("%s: got %v", name, err)
		}
		if !bytes.Equal(fileOf(t, path), before) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// BenchmarkReadRows reads a thousand rows of a student's table.
func BenchmarkReadRows(b *testing.B) {
	s, err := Open(Config{Path: filepath.Join(b.TempDir(), FileName), Tables: []*table.Table{diary}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var rows []table.Row
	for i := range MaxRows {
		rows = append(rows, table.Row{"id": fmt.Sprint(i), "who": fmt.Sprint("student ", i%30), "words": strings.Repeat("words ", 50)})
	}
	if _, err := s.Rows(diary, table.Full()).Insert(b.Context(), rows, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := s.Rows(diary, table.Full()).Select(b.Context(), Query{Limit: MaxRows}); err != nil {
			b.Fatal(err)
		}
	}
}
