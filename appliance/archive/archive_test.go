package archive

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/wire"
)

// library is an archive on a clock of its own.
type library struct {
	*Archive
	t    *testing.T
	time time.Time
	up   time.Duration
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	st, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	l := &library{t: t, time: time.Unix(1_700_000_000, 0), up: time.Minute}
	l.start(st, "one")
	return l
}

// start opens the archive in a start of the machine.
func (l *library) start(st *store.Store, boot string) {
	l.t.Helper()
	a, err := open(Config{
		Store: st, Boot: boot, Uptime: func() time.Duration { return l.up }, Log: slog.New(slog.DiscardHandler),
	}, func() time.Time { return l.time })
	if err != nil {
		l.t.Fatal(err)
	}
	l.Archive = a
}

// pass lets time pass.
func (l *library) pass(d time.Duration) { l.time, l.up = l.time.Add(d), l.up+d }

func (l *library) keep(topic, event string, ttl time.Duration) {
	l.t.Helper()
	l.keepBytes(topic, event, ttl, []byte(`{}`))
}

func (l *library) keepBytes(topic, event string, ttl time.Duration, payload []byte) {
	l.t.Helper()
	if err := l.keepFor("", "", topic, event, ttl, payload); err != nil {
		l.t.Fatal(err)
	}
}

// keepFor keeps a broadcast of a writer with a token for a room.
func (l *library) keepFor(writer, room, topic, event string, ttl time.Duration, payload []byte) error {
	_, err := l.Keep(l.t.Context(), realtime.Kept{
		Topic: topic, Event: event, Encoding: wire.Binary, Payload: payload, At: l.time, TTL: ttl,
		Payer: cost.Payer{Client: writer}, Room: room,
	})
	return err
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
	l.time = l.time.Add(realtime.MaxTTL)
	l.want("a", time.UnixMilli(0), 25)
	l.keep("a", "new", 0)
	if rows, err := l.store.List(store.Messages); err != nil || len(rows) != 1 || l.usages.box.rows != 1 {
		t.Errorf("%d rows and %d known, want one: %v", len(rows), l.usages.box.rows, err)
	}
}

// Each bound is filled, and then a writer keeps one more.
func TestNobodyPushesOutAnothers(t *testing.T) {
	type kept struct{ writer, room, topic, event string }
	topic := func(b *bounds, u usage) { b.topic = u }
	writer := func(b *bounds, u usage) { b.writer = u }
	room := func(b *bounds, u usage) { b.room = u }
	box := func(b *bounds, u usage) { b.box = u }
	ana := func(topic, event string) kept { return kept{"ana", "ROOM-1", topic, event} }
	bea := func(topic, event string) kept { return kept{"bea", "ROOM-1", topic, event} }
	cid := func(topic, event string) kept { return kept{"cid", "ROOM-2", topic, event} }
	for name, tt := range map[string]struct {
		bound  func(*bounds, usage)
		before []kept
		one    kept
		fits   bool
		want   string // the events of topic a
	}{
		"a topic: their own oldest goes":        {topic, []kept{bea("a", "1"), ana("a", "2"), ana("a", "3")}, ana("a", "4"), true, "[1 3 4]"},
		"a topic of others":                     {topic, []kept{bea("a", "1"), bea("a", "2"), bea("a", "3")}, ana("a", "4"), false, "[1 2 3]"},
		"a topic that is another":               {topic, []kept{bea("a", "1"), bea("a", "2"), bea("a", "3")}, ana("b", "4"), true, "[1 2 3]"},
		"a writer over many topics":             {writer, []kept{ana("a", "1"), ana("b", "2"), ana("c", "3")}, ana("d", "4"), false, "[1]"},
		"a writer in their topic":               {writer, []kept{ana("a", "1"), ana("b", "2"), ana("c", "3")}, ana("a", "4"), true, "[4]"},
		"another writer":                        {writer, []kept{ana("a", "1"), ana("b", "2"), ana("c", "3")}, bea("a", "4"), true, "[1 4]"},
		"a room":                                {room, []kept{ana("a", "1"), ana("b", "2"), bea("c", "3")}, bea("a", "4"), false, "[1]"},
		"another room":                          {room, []kept{ana("a", "1"), ana("b", "2"), bea("c", "3")}, cid("a", "4"), true, "[1 4]"},
		"the box":                               {box, []kept{ana("a", "1"), bea("b", "2"), bea("c", "3")}, cid("a", "4"), false, "[1]"},
		"the box itself has no bound as writer": {writer, []kept{{topic: "a", event: "1"}, {topic: "b", event: "2"}, {topic: "c", event: "3"}}, kept{topic: "a", event: "4"}, true, "[1 4]"},
	} {
		for unit, most := range map[string]usage{"rows": {3, 1000}, "bytes": {1000, 30}} {
			t.Run(name+" in "+unit, func(t *testing.T) {
				l := newLibrary(t)
				tt.bound(&l.usages.most, most)
				keep := func(k kept) error {
					l.time = l.time.Add(time.Second)
					return l.keepFor(k.writer, k.room, k.topic, k.event, 0, make([]byte, 10))
				}
				for _, k := range tt.before {
					if err := keep(k); err != nil {
						t.Fatalf("%s: %v", k.event, err)
					}
				}
				err := keep(tt.one)
				if (err == nil) != tt.fits || err != nil && !errors.Is(err, realtime.ErrQuota) {
					t.Errorf("got %v, want room: %v", err, tt.fits)
				}
				l.want("a", time.UnixMilli(0), 25, strings.Fields(strings.Trim(tt.want, "[]"))...)
				again, err := Open(Config{Store: l.store, Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				again.usages.most = l.usages.most
				if got, want := fmt.Sprint(again.usages), fmt.Sprint(l.usages); got != want {
					t.Errorf("after a restart: %s, want %s", got, want)
				}
			})
		}
	}
}

func TestExpiredBroadcastsMakeRoom(t *testing.T) {
	l := newLibrary(t)
	l.usages.most.box.rows = 2
	l.keep("a", "1", time.Second)
	l.keep("b", "2", 0)
	l.time = l.time.Add(time.Minute)
	l.keep("c", "3", 0)
	l.want("b", time.UnixMilli(0), 25, "2")
	l.want("c", time.UnixMilli(0), 25, "3")
}

// A store that takes nothing must not make the archive forget what it holds.
func TestARefusedWriteDropsNothing(t *testing.T) {
	l := newLibrary(t)
	l.usages.most.topic.rows = 2
	l.keep("a", "1", 0)
	l.keep("a", "2", 0)
	if err := l.store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.keepFor("", "", "a", "3", 0, []byte(`{}`)); err == nil {
		t.Fatal("a closed store took a broadcast")
	}
	if got := len(l.keys("a", time.UnixMilli(0), 25)); got != 2 {
		t.Errorf("%d broadcasts are left, want 2", got)
	}
	if l.usages.box.rows != 2 {
		t.Errorf("%d rows are counted, want 2", l.usages.box.rows)
	}
}

func TestSweepForgetsUnusedTopics(t *testing.T) {
	l := newLibrary(t)
	l.keep("a", "short", time.Second)
	l.keep("b", "long", 0)
	l.time = l.time.Add(time.Minute)
	l.sweep(t.Context())
	rows, err := l.store.List(store.Messages)
	if err != nil || len(rows) != 1 || l.usages.box.rows != 1 || len(l.topics) != 1 {
		t.Errorf("%d rows, %d known, %d topics, want one each: %v", len(rows), l.usages.box.rows, len(l.topics), err)
	}
	l.want("b", time.UnixMilli(0), 25, "long")
}
