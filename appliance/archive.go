package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/wire"
)

// How long broadcasts are kept, and how many: 72 hours as Supabase does, and
// no more than fit a small disk.
const (
	archiveTTL      = 72 * time.Hour
	archivePerTopic = 500
	archiveTotal    = 20_000
)

// archive keeps broadcasts in the store. Which there are it knows by heart.
type archive struct {
	store *store.Store
	now   func() time.Time

	mu     sync.Mutex // guards what follows
	topics map[string][]leaf
	total  int
	last   time.Time // of the latest, so that keys go up though clocks go back
}

// leaf is one broadcast: where it lies, and when it was sent and ends.
type leaf struct {
	key      string
	at, ends time.Time
}

// savedBroadcast is a broadcast as the store keeps it.
type savedBroadcast struct {
	ID       string        `json:"id"`
	Topic    string        `json:"topic"`
	Event    string        `json:"event"`
	Encoding wire.Encoding `json:"enc"`
	Payload  []byte        `json:"payload"`
	At       time.Time     `json:"at"`
	Ends     time.Time     `json:"ends"`
}

// openArchive reads which broadcasts the store keeps. A damaged one is left
// out, and stays.
func openArchive(st *store.Store, log *slog.Logger) (*archive, error) {
	rows, err := st.List(store.Messages)
	if err != nil {
		return nil, err
	}
	a := &archive{store: st, now: time.Now, topics: make(map[string][]leaf)}
	for _, row := range rows {
		var b savedBroadcast
		if ok, err := st.Get(store.Messages, row.Key, &b); err != nil || !ok {
			log.Warn("cannot read a kept broadcast, leaving it as it is", "key", row.Key, "err", err)
			continue
		}
		a.addLocked(b.Topic, leaf{key: row.Key, at: b.At, ends: b.Ends})
	}
	return a, nil
}

func (a *archive) addLocked(topic string, l leaf) {
	a.topics[topic] = append(a.topics[topic], l)
	a.total++
	if l.at.After(a.last) {
		a.last = l.at
	}
}

// Keep implements realtime.Archive.
func (a *archive) Keep(ctx context.Context, k realtime.Kept) (string, error) {
	if k.TTL <= 0 || k.TTL > archiveTTL {
		k.TTL = archiveTTL
	}
	b := savedBroadcast{ID: uuid.NewString(), Topic: k.Topic, Event: k.Event, Encoding: k.Encoding, Payload: k.Payload}
	l, stale := a.take(k, &b)
	put, err := store.JSON(store.Messages, l.key, b)
	if err == nil {
		err = a.store.Write(ctx, append(stale, put)...)
	}
	if err != nil {
		a.forget(k.Topic, l.key)
		return "", fmt.Errorf("keep broadcast: %w", err)
	}
	return b.ID, nil
}

// take makes room for a broadcast and gives it its time and its place.
func (a *archive) take(k realtime.Kept, b *savedBroadcast) (l leaf, stale []store.Op) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !k.At.After(a.last) {
		k.At = a.last.Add(time.Microsecond)
	}
	b.At, b.Ends = k.At, k.At.Add(k.TTL)
	l = leaf{key: fmt.Sprintf("%016x %s", k.At.UnixMicro(), b.ID), at: b.At, ends: b.Ends}
	a.addLocked(k.Topic, l)
	return l, a.pruneLocked(k.Topic)
}

// pruneLocked forgets what has ended, the oldest of a topic that has too many,
// and the oldest of all when there are too many; the ops delete their rows.
func (a *archive) pruneLocked(topic string) (stale []store.Op) {
	now := a.now()
	drop := func(topic string, from, n int) {
		for _, l := range a.topics[topic][from : from+n] {
			stale = append(stale, store.Op{Bucket: store.Messages, Key: l.key})
		}
		a.topics[topic] = append(a.topics[topic][:from:from], a.topics[topic][from+n:]...)
		a.total -= n
	}
	for i := len(a.topics[topic]) - 1; i >= 0; i-- {
		if !a.topics[topic][i].ends.After(now) {
			drop(topic, i, 1)
		}
	}
	if n := len(a.topics[topic]) - archivePerTopic; n > 0 {
		drop(topic, 0, n)
	}
	for a.total > archiveTotal {
		oldest := a.oldestLocked()
		drop(oldest, 0, 1)
		if len(a.topics[oldest]) == 0 {
			delete(a.topics, oldest)
		}
	}
	return stale
}

// oldestLocked is the topic of the oldest broadcast.
func (a *archive) oldestLocked() (oldest string) {
	var at time.Time
	for topic, leaves := range a.topics {
		if len(leaves) > 0 && (at.IsZero() || leaves[0].at.Before(at)) {
			oldest, at = topic, leaves[0].at
		}
	}
	return oldest
}

// forget takes back a broadcast that could not be kept.
func (a *archive) forget(topic, key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, l := range a.topics[topic] {
		if l.key == key {
			a.topics[topic] = append(a.topics[topic][:i:i], a.topics[topic][i+1:]...)
			a.total--
			return
		}
	}
}

// Recent implements realtime.Archive.
func (a *archive) Recent(topic string, since time.Time, limit int) ([]realtime.Kept, error) {
	var recent []realtime.Kept
	for _, key := range a.keys(topic, since, limit) {
		var b savedBroadcast
		ok, err := a.store.Get(store.Messages, key, &b)
		if err != nil {
			return nil, err
		}
		if ok {
			recent = append(recent, realtime.Kept{
				ID: b.ID, Topic: b.Topic, Event: b.Event, Encoding: b.Encoding, Payload: b.Payload, At: b.At,
			})
		}
	}
	return recent, nil
}

// keys are where the latest broadcasts of a topic lie, oldest first.
func (a *archive) keys(topic string, since time.Time, limit int) (keys []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for _, l := range a.topics[topic] {
		if !l.at.Before(since) && l.ends.After(now) {
			keys = append(keys, l.key)
		}
	}
	return keys[max(0, len(keys)-limit):]
}
