package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
	"downbeat.local/sync/hlc"
	"downbeat.local/sync/outbox"
)

// carrying is a store that carries its notes.
func carrying(t *testing.T, path string) *Store {
	t.Helper()
	s := open(t, path)
	if err := s.Carry([]*table.Table{notes}); err != nil {
		t.Fatal(err)
	}
	return s
}

// waiting writes the rows that wait as id=n, or -id for a deleted row.
func waiting(t *testing.T, s *Store) string {
	t.Helper()
	all, err := s.Outgoing(0, 1000, 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, o := range all {
		if o.Row == nil {
			shown = append(shown, "-"+o.Key)
		} else {
			shown = append(shown, fmt.Sprintf("%v=%v", o.Row["id"], o.Row["n"]))
		}
	}
	return strings.Join(shown, " ")
}

func TestEveryEditIsQueued(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	s := carrying(t, path)
	ctx, rows := t.Context(), teacher(s)
	steps := []struct {
		what string
		edit func() (Edited, error)
		want string
	}{
		{"insert", func() (Edited, error) {
			return rows.Insert(ctx, []table.Row{note("a", 1), note("b", 2), note("c", 3)}, nil)
		}, "a=1 b=2 c=3"},
		{"refused insert", func() (Edited, error) { return rows.Insert(ctx, []table.Row{note("a", 9)}, nil) }, "a=1 b=2 c=3"},
		{"update", func() (Edited, error) {
			return rows.Update(ctx, filterOf(t, "id=eq.a"), table.Row{"n": json.Number("4")}, nil)
		}, "b=2 c=3 a=4"},
		{"new key", func() (Edited, error) { return rows.Update(ctx, filterOf(t, "id=eq.b"), table.Row{"id": "d"}, nil) }, "c=3 a=4 -b d=2"},
		{"delete", func() (Edited, error) { return rows.Delete(ctx, filterOf(t, "id=eq.c"), nil) }, "a=4 -b d=2 -c"},
		{"merge", func() (Edited, error) { return rows.Merge(ctx, []table.Row{note("c", 5), note("a", 6)}, nil) }, "-b d=2 c=5 a=6"},
	}
	for _, step := range steps {
		_, err := step.edit()
		if got := waiting(t, s); got != step.want {
			t.Fatalf("%s (%v): waiting: got %q, want %q", step.what, err, got, step.want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if got := waiting(t, s); got != "-b d=2 c=5 a=6" {
		t.Errorf("after a restart: waiting: %q", got)
	}
}

func TestOutgoingRowsHaveALimit(t *testing.T) {
	s := carrying(t, filepath.Join(t.TempDir(), FileName))
	if _, err := teacher(s).Insert(t.Context(), []table.Row{note("a", 1), note("b", 2), note("c", 3)}, nil); err != nil {
		t.Fatal(err)
	}
	size := len(`{"id":"a","n":1,"public":false}`)
	for _, c := range []struct{ rows, bytes, want int }{{9, 1 << 20, 3}, {2, 1 << 20, 2}, {9, 2 * size, 2}, {9, 1, 1}} {
		if got, err := s.Outgoing(0, c.rows, c.bytes, nil); err != nil || len(got) != c.want {
			t.Errorf("%d rows, %d bytes: got %d, %v, want %d", c.rows, c.bytes, len(got), err, c.want)
		}
	}
}

func TestChangesFromElsewhereGoToTheWatchers(t *testing.T) {
	s := carrying(t, filepath.Join(t.TempDir(), FileName))
	if _, err := teacher(s).Insert(t.Context(), []table.Row{note("a", 1), note("b", 2)}, nil); err != nil {
		t.Fatal(err)
	}
	mine, err := s.Outgoing(0, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	cancel := s.Watch(func(c table.Change) {
		heard = append(heard, fmt.Sprintf("%s %v %v>%v", c.Op, c.Row()["id"], c.Old["n"], c.New["n"]))
	})
	newer := func(by int) outbox.Version { return outbox.Version{At: mine[0].At + hlc.Time(by)} }
	applied, err := s.Rows(notes, table.Full()).Apply(t.Context(), []Incoming{
		{Key: "a", Row: notes.Complete(note("a", 7)), Version: newer(9)},
		{Key: "a", Row: notes.Complete(note("a", 8)), Version: newer(10)}, // a second one of the same batch
		{Key: "b", Row: notes.Complete(note("b", 8)), Version: newer(-9)},
		{Key: "c", Row: notes.Complete(note("c", 3)), Version: newer(9)},
		{Key: "d", Version: newer(9)},
	}, Op{Bucket: Settings, Key: "cursor", Value: []byte(`"here"`)})
	cancel()
	if got, want := strings.Join(heard, ", "), "UPDATE a 1>7, INSERT c <nil>>3"; err != nil || got != want || applied != 3 {
		t.Errorf("got %q, %d, %v, want %q", got, applied, err, want)
	}
	if got := waiting(t, s); got != "b=2" {
		t.Errorf("waiting: got %q, want b alone", got)
	}
	var cursor string
	if _, err := s.Get(Settings, "cursor", &cursor); err != nil || cursor != "here" {
		t.Errorf("got %q, %v", cursor, err)
	}
	cancel = s.Watch(func(c table.Change) { t.Errorf("heard %s of %v", c.Op, c.Row()) })
	defer cancel()
	if applied, err = s.Rows(notes, table.Full()).Apply(t.Context(), []Incoming{{Key: "a", Row: notes.Complete(note("a", 7)), Version: newer(9)}}); err != nil || applied != 0 {
		t.Errorf("an echo: got %d, %v", applied, err)
	}
}

// TestADamagedRowDoesNotStandInTheWay has a damaged row in front of others.
func TestADamagedRowDoesNotStandInTheWay(t *testing.T) {
	s := carrying(t, filepath.Join(t.TempDir(), FileName))
	rows := teacher(s)
	insert := func(id string, n int) {
		t.Helper()
		if _, err := rows.Insert(t.Context(), []table.Row{note(id, n)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	insert("a", 1)
	insert("b", 2)
	damage(t, s, "a")
	one, err := s.Outgoing(0, 1, 1<<20, nil) // the damaged one alone fits
	if err != nil || len(one) != 1 || one[0].Key != "b" {
		t.Fatalf("got %v, %v, want the sound row", one, err)
	}
	status, err := s.Outbox().Status(nil)
	if err != nil || status.Pending != 1 || status.Aside != 1 || status.Refused[0].Key != "a" || status.Refused[0].Reason != reasonUnreadable {
		t.Errorf("got %+v, %v, want the damaged row aside", status, err)
	}
	if err := s.Outbox().Retry(); err != nil {
		t.Fatal(err)
	}
	if got := waiting(t, s); got != "b=2" {
		t.Errorf("when it is tried again: waiting: %q", got)
	}
	later := outbox.Version{At: one[0].At + 99}
	for i, in := range []Incoming{{Key: "a", Row: notes.Complete(note("a", 7)), Version: later}, {Key: "a", Version: outbox.Version{At: later.At + 1}}} {
		if applied, err := s.Rows(notes, table.Full()).Apply(t.Context(), []Incoming{in}); err != nil || applied != 1 {
			t.Fatalf("change %d from elsewhere: %d applied, %v", i, applied, err)
		}
		if status, err := s.Outbox().Status(nil); err != nil || status.Aside != 0 {
			t.Errorf("change %d from elsewhere: got %+v, %v, want none aside", i, status, err)
		}
		damage(t, s, "a")
	}
	insert("a", 9) // its key is free
}

// damage changes a bit of a row in the file, if it is there.
func damage(t *testing.T, s *Store, key string) {
	t.Helper()
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketOf(notes)))
		raw := bytes.Clone(b.Get([]byte(key)))
		if raw == nil {
			return nil
		}
		raw[len(raw)-1] ^= 1
		return b.Put([]byte(key), raw)
	})
	if err != nil {
		t.Fatal(err)
	}
}
