package appliance

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/wire"
)

// library is an archive on a clock of its own.
type library struct {
	*archive
	t    *testing.T
	time time.Time
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	st, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	a, err := openArchive(st, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l := &library{archive: a, t: t, time: time.Unix(1_700_000_000, 0)}
	a.now = func() time.Time { return l.time }
	return l
}

func (l *library) keep(topic, event string, ttl time.Duration) {
	l.t.Helper()
	l.keepBytes(topic, event, ttl, []byte(`{}`))
}

func (l *library) keepBytes(topic, event string, ttl time.Duration, payload []byte) {
	l.t.Helper()
	k := realtime.Kept{Topic: topic, Event: event, Encoding: wire.Binary, Payload: payload, At: l.time, TTL: ttl}
	if _, err := l.Keep(l.t.Context(), k); err != nil {
		l.t.Fatal(err)
	}
}

func (l *library) want(topic string, since time.Time, limit int, events ...string) {
	l.t.Helper()
	recent, err := l.Recent(topic, since, limit)
	if err != nil {
		l.t.Fatal(err)
	}
	var got []string
	for _, k := range recent {
		got = append(got, k.Event)
	}
	if fmt.Sprint(got) != fmt.Sprint(events) {
		l.t.Errorf("%s since %v: got %v, want %v", topic, since, got, events)
	}
}

func TestArchiveGivesTheLatestInOrder(t *testing.T) {
	l := newLibrary(t)
	start := l.time
	l.keep("a", "1", 0)
	l.keep("b", "other", 0)
	l.time = l.time.Add(time.Second)
	l.keep("a", "2", 0)
	l.time = start // the clock is set back
	l.keep("a", "3", 0)
	l.want("a", time.UnixMilli(0), 25, "1", "2", "3")
	l.want("a", time.UnixMilli(0), 2, "2", "3")
	l.want("a", start.Add(time.Second), 25, "2", "3")
	l.want("nobody", start, 25)
}

func TestArchiveForgets(t *testing.T) {
	l := newLibrary(t)
	l.keep("a", "short", time.Second)
	l.keep("a", "long", 0)
	l.time = l.time.Add(time.Minute)
	l.want("a", time.UnixMilli(0), 25, "long")
	l.time = l.time.Add(archiveTTL)
	l.want("a", time.UnixMilli(0), 25)
	l.keep("a", "new", 0)
	if rows, err := l.store.List(store.Messages); err != nil || len(rows) != 1 || l.total != 1 {
		t.Errorf("%d rows and %d known, want one: %v", len(rows), l.total, err)
	}
}

func TestArchiveIsBounded(t *testing.T) {
	l := newLibrary(t)
	l.keep("oldest", "1", 0)
	l.time = l.time.Add(time.Second)
	l.keep("a", "2", 0)
	l.mu.Lock()
	l.total += archiveTotal - 2 // as if there were so many others
	l.mu.Unlock()
	l.keep("a", "3", 0)
	l.want("oldest", time.UnixMilli(0), 25)
	l.want("a", time.UnixMilli(0), 25, "2", "3")
}

func TestArchiveIsBoundedInBytes(t *testing.T) {
	l := newLibrary(t)
	begun := l.time
	since := func(seconds int) int { // how many of the topic are left
		return len(l.keys("full", begun.Add(time.Duration(seconds)*time.Second), 25))
	}
	for range 5 {
		l.keepBytes("full", "x", 0, make([]byte, archiveTopicBytes/4))
		l.time = l.time.Add(time.Second)
	}
	if all, but := since(0), since(1); all != 4 || but != 4 {
		t.Errorf("a topic keeps %d, and %d without the oldest, want 4", all, but)
	}
	l.mu.Lock()
	l.bytes += archiveTotalBytes - archiveTopicBytes // as if there were others
	l.mu.Unlock()
	l.keep("one more", "y", 0)
	if all, but := since(0), since(2); all != 3 || but != 3 {
		t.Errorf("a full box keeps %d, and %d without the oldest, want 3", all, but)
	}
	if rows, err := l.store.List(store.Messages); err != nil || len(rows) != 4 {
		t.Errorf("%d rows are in the file, want 4: %v", len(rows), err)
	}
}

func TestSweepForgetsTopicsThatNobodyUses(t *testing.T) {
	l := newLibrary(t)
	l.keep("a", "short", time.Second)
	l.keep("b", "long", 0)
	l.time = l.time.Add(time.Minute)
	l.sweep(t.Context())
	rows, err := l.store.List(store.Messages)
	if err != nil || len(rows) != 1 || l.total != 1 || len(l.topics) != 1 {
		t.Errorf("%d rows, %d known, %d topics, want one each: %v", len(rows), l.total, len(l.topics), err)
	}
	l.want("b", time.UnixMilli(0), 25, "long")
}
