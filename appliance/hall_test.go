package appliance

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/web"
)

// rows reads what a box that has stopped left in its store.
func rows(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	withStore(t, dir, func(s *store.Store) {
		saved, err := s.List(store.Rooms)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range saved {
			all[row.Key] = string(row.Value)
		}
	})
	return all
}

// withStore opens the store of a box that does not run.
func withStore(t *testing.T, dir string, do func(*store.Store)) {
	t.Helper()
	s, err := store.Open(store.Config{Path: filepath.Join(dir, store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	do(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRoomsThatCannotBeReadAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openBox(t, Config{DataDir: dir})
	first.open("MUSIC-2024")
	first.stop()
	good := rows(t, dir)["MUSIC-2024"]
	damaged := map[string]string{
		"TORN-1000":  good[:len(good)/2],
		"NULL-1000":  "null",
		"OTHER-1000": good, // says that it is MUSIC-2024
		"TEMPO-1000": `{"room":{"code":"TEMPO-1000","name":"x","door":"token","timeline":{"bpm":-1}}}`,
	}
	withStore(t, dir, func(s *store.Store) {
		for code, value := range damaged {
			if err := s.Write(t.Context(), store.Op{Bucket: store.Rooms, Key: code, Value: []byte(value)}); err != nil {
				t.Fatal(err)
			}
		}
	})

	var log bytes.Buffer
	b := openBox(t, Config{DataDir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	b.student("MUSIC-2024")
	for code := range damaged {
		if status := b.call("POST", "/box/v1/join", web.JoinRequest{Code: code}, nil); status != http.StatusNotFound {
			t.Errorf("joining %s: %d", code, status)
		}
		if _, err := b.hall.Create(t.Context(), web.CreateRequest{Code: code}); err != web.ErrCodeTaken {
			t.Errorf("a new room %s: %v, want %v", code, err, web.ErrCodeTaken)
		}
	}
	b.stop()
	if n := bytes.Count(log.Bytes(), []byte("cannot open a saved room")); n != len(damaged) {
		t.Errorf("%d warnings for %d rooms:\n%s", n, len(damaged), &log)
	}
	left := rows(t, dir)
	delete(left, "MUSIC-2024")
	if diff := cmp.Diff(damaged, left); diff != "" {
		t.Errorf("left in the store (-want +got):\n%s", diff)
	}
}

func TestTheClassGoesOnWithoutTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := &disk{}
	b := openBox(t, Config{DataDir: dir}, func(a *Appliance) {
		save := a.hall.saver.write
		a.hall.saver.write = func(ctx context.Context, key string) error {
			if err := d.write(ctx, key); err != nil {
				return err
			}
			return save(ctx, key)
		}
	})
	b.open("MUSIC-2024")
	early := b.student("MUSIC-2024")

	d.fail(true)
	late, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	late.must("play_note", object{"midi": 60})
	early.expect("student_note")
	teacher.must("set_tempo", object{"bpm": 90})
	early.expect("tempo_changed")
	b.open("CHOIR-1000")
	b.student("CHOIR-1000")

	d.fail(false)
	b.stop()
	again := openBox(t, Config{DataDir: dir})
	for code, want := range map[string]int{"MUSIC-2024": 2, "CHOIR-1000": 1} {
		if got := len(again.roster(code)); got != want {
			t.Errorf("%s was kept with %d members, want %d", code, got, want)
		}
	}
}

// TestJoiningWithAClosedStore joins while bbolt itself refuses every write.
func TestJoiningWithAClosedStore(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	zoe, bo := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	zoe.must("play_note", object{"midi": 60})
	if on := bo.hears("student_note"); on.ID != zoe.id {
		t.Errorf("heard %+v", on)
	}
}
