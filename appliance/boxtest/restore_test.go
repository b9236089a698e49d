package boxtest

import (
	"bytes"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/web"
)

// rows reads the store of a stopped box.
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

// withStore opens the store of a stopped box.
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
	first := openBox(t, appliance.Config{DataDir: dir})
	first.open("MUSIC-2024")
	first.stop()
	good := rows(t, dir)["MUSIC-2024"]
	damaged := map[string]string{
		"TORN-1000":  good[:len(good)/2],
		"NULL-1000":  "null",
		"OTHER-1000": good, // the snapshot is of MUSIC-2024
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
	b := openBox(t, appliance.Config{DataDir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	b.student("MUSIC-2024")
	for code := range damaged {
		if status := b.call("POST", "/box/v1/join", web.JoinRequest{Code: code}, nil); status != http.StatusNotFound {
			t.Errorf("joining %s: %d", code, status)
		}
		if status := b.staffCall("POST", "/box/v1/rooms", web.CreateRequest{Code: code}, nil); status != http.StatusConflict {
			t.Errorf("a new room %s: %d", code, status)
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
