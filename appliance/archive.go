package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/wire"
)

// How long broadcasts are kept, and how many: 72 hours as Supabase does, and
// no more than fit a small disk. Bytes are those of payloads; in the file they
// take a third more. What one topic may have leaves space for others: whoever
// has signed in can fill his.
const (
	archiveTTL        = 72 * time.Hour
	archivePerTopic   = 500
	archiveTotal      = 20_000
	archiveTopicBytes = 8 << 20
	archiveTotalBytes = 64 << 20
)

// archiveSweep is how often what has ended is taken out of the file.
const archiveSweep = time.Hour

// archive keeps broadcasts in the store. Which there are it knows by heart.
type archive struct {
	store *store.Store
	log   *slog.Logger
	now   func() time.Time

	mu     sync.Mutex // guards what follows
	topics map[string][]leaf
	total  int
	bytes  int       // of all payloads
	last   time.Time // of the latest, so that keys go up though clocks go back
}

// leaf is one broadcast: where it lies, when it was sent and ends, and how
// long its payload is.
type leaf struct {
	key      string
	at, ends time.Time
	bytes    int
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
	a := &archive{store: st, log: log, now: time.Now, topics: make(map[string][]leaf)}
	for _, row := range rows {
		var b savedBroadcast
		if ok, err := st.Get(store.Messages, row.Key, &b); err != nil || !ok {
			log.Warn("cannot read a kept broadcast, leaving it as it is", "key", row.Key, "err", err)
			continue
		}
		a.addLocked(b.Topic, leaf{key: row.Key, at: b.At, ends: b.Ends, bytes: len(b.Payload)})
	}
	return a, nil
}

// Run takes what has ended out of the file, now and then, until ctx ends: of
// topics that nobody writes to any more, too.
func (a *archive) Run(ctx context.Context) error {
	ticker := time.NewTicker(archiveSweep)
	defer ticker.Stop()
	for {
		a.sweep(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// sweep prunes every topic. What the store does not delete now it finds again
// when it is opened.
func (a *archive) sweep(ctx context.Context) {
	a.mu.Lock()
	var stale []store.Op
	for topic := range a.topics {
		stale = append(stale, a.pruneLocked(topic)...)
	}
	a.mu.Unlock()
	if len(stale) == 0 {
		return
	}
	if err := a.store.Write(ctx, stale...); err != nil && ctx.Err() == nil {
		a.log.Warn("cannot delete old broadcasts", "err", err)
	}
}

func (a *archive) addLocked(topic string, l leaf) {
	a.topics[topic] = append(a.topics[topic], l)
	a.total++
	a.bytes += l.bytes
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
	l = leaf{key: fmt.Sprintf("%016x %s", k.At.UnixMicro(), b.ID), at: b.At, ends: b.Ends, bytes: len(k.Payload)}
	a.addLocked(k.Topic, l)
	return l, a.pruneLocked(k.Topic)
}

// pruneLocked forgets what has ended, the oldest of a topic that has too much,
// and the oldest of all when there is too much; the ops delete their rows.
func (a *archive) pruneLocked(topic string) (stale []store.Op) {
	now := a.now()
	for i := len(a.topics[topic]) - 1; i >= 0; i-- {
		if !a.topics[topic][i].ends.After(now) {
			stale = append(stale, a.dropLocked(topic, i))
		}
	}
	for len(a.topics[topic]) > archivePerTopic || bytesOf(a.topics[topic]) > archiveTopicBytes {
		stale = append(stale, a.dropLocked(topic, 0))
	}
	for a.total > archiveTotal || a.bytes > archiveTotalBytes {
		stale = append(stale, a.dropLocked(a.oldestLocked(), 0))
	}
	return stale
}

// bytesOf is how long the payloads of a topic are together.
func bytesOf(leaves []leaf) (sum int) {
	for _, l := range leaves {
		sum += l.bytes
	}
	return sum
}

// dropLocked forgets the ith broadcast of a topic; the op deletes its row.
func (a *archive) dropLocked(topic string, i int) store.Op {
	leaves := a.topics[topic]
	gone := leaves[i]
	a.total--
	a.bytes -= gone.bytes
	if len(leaves) == 1 {
		delete(a.topics, topic)
	} else {
		a.topics[topic] = slices.Delete(leaves, i, i+1)
	}
	return store.Op{Bucket: store.Messages, Key: gone.key}
}

// oldestLocked is the topic of the oldest broadcast.
func (a *archive) oldestLocked() (oldest string) {
	var at time.Time
	for topic, leaves := range a.topics {
		if at.IsZero() || leaves[0].at.Before(at) {
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
			a.dropLocked(topic, i)
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
