// Package archive keeps broadcasts of private channels for clients that ask for
// replay.
//
// An [Archive] is what realtime asks: Keep returns after the store has committed
// the broadcast, and Recent reads the latest of a topic in their order. The
// number and the bytes of broadcasts are bounded for each topic, writer and room,
// and for the box. Beyond a bound a writer's new broadcast takes the place of their
// own oldest one in the topic, or is refused: nobody pushes out what the box has
// acknowledged to another.
package archive

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

// sweepEvery is how often expired broadcasts are deleted.
const sweepEvery = time.Hour

// Archive keeps broadcasts in the store, and an index of them in memory.
type Archive struct {
	store  *store.Store
	log    *slog.Logger
	now    func() time.Time
	boot   string
	uptime func() time.Duration

	mu     sync.Mutex           // guards what follows
	starts map[string]time.Time // when each start of the machine was, by its id
	topics map[string][]entry
	usages usages
	last   time.Time // of the latest, so that keys grow even if the clock is set back
}

// entry is one broadcast in the index: its key, when it was sent, when it
// expires, the size of its payload, and whose it is.
type entry struct {
	key      string
	at, ends time.Time
	bytes    int
	owner
	moment moment
}

// Config configures an Archive.
type Config struct {
	Store *store.Store
	// Boot is the id of this start of the machine, and Uptime the time since
	// then. Without them broadcasts expire by the wall clock alone, which is wrong
	// for a while on a machine without a clock battery.
	Boot   string
	Uptime func() time.Duration
	Log    *slog.Logger
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
	Writer   string        `json:"writer,omitempty"`
	Room     string        `json:"room,omitempty"`
	Moment   moment        `json:"moment"`
}

// Open reads the index from the store. A damaged row is left out of the index
// and stays in the store.
func Open(cfg Config) (*Archive, error) {
	return open(cfg, time.Now)
}

func open(cfg Config, now func() time.Time) (*Archive, error) {
	a := &Archive{
		store: cfg.Store, log: cfg.Log, now: now, boot: cfg.Boot, uptime: cfg.Uptime,
		starts: make(map[string]time.Time), topics: make(map[string][]entry), usages: newUsages(),
	}
	if _, err := a.store.Get(store.Settings, startsKey, &a.starts); err != nil {
		a.log.Warn("cannot read when the machine started", "err", err)
	}
	if err := a.load(); err != nil {
		return nil, err
	}
	a.look(context.Background())
	return a, nil
}

func (a *Archive) load() error {
	rows, err := a.store.List(store.Messages)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var b savedBroadcast
		if ok, err := a.store.Get(store.Messages, row.Key, &b); err != nil || !ok {
			a.log.Warn("cannot read a kept broadcast, leaving it as it is", "key", row.Key, "err", err)
			continue
		}
		of := owner{topic: b.Topic, writer: b.Writer, room: b.Room}
		at, ends := a.dated(b)
		a.addLocked(entry{key: row.Key, at: at, ends: ends, bytes: len(b.Payload), owner: of, moment: b.Moment})
	}
	a.sortLocked()
	return nil
}

// Run deletes expired broadcasts every sweepEvery until ctx ends, also in topics
// without new broadcasts, and looks every lookEvery whether the wall clock was set.
func (a *Archive) Run(ctx context.Context) error {
	sweep, look := time.NewTicker(sweepEvery), time.NewTicker(lookEvery)
	defer sweep.Stop()
	defer look.Stop()
	a.sweep(ctx)
	for {
		select {
		case <-sweep.C:
			a.sweep(ctx)
		case <-look.C:
			a.look(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// sweep drops what has expired. If the store cannot delete a row now, Open finds
// it again.
func (a *Archive) sweep(ctx context.Context) {
	a.mu.Lock()
	stale := a.dropExpiredLocked()
	a.mu.Unlock()
	if len(stale) == 0 {
		return
	}
	if err := a.store.Write(ctx, deletes(stale)...); err != nil && ctx.Err() == nil {
		a.log.Warn("cannot delete old broadcasts", "err", err)
	}
}

// dropExpiredLocked drops what has expired, in every topic.
func (a *Archive) dropExpiredLocked() (stale []entry) {
	for topic := range a.topics {
		stale = append(stale, a.dropExpiredOfLocked(topic)...)
	}
	return stale
}

func (a *Archive) dropExpiredOfLocked(topic string) (stale []entry) {
	now := a.now()
	for _, l := range a.topics[topic] {
		if !l.ends.After(now) {
			stale = append(stale, l)
		}
	}
	for _, l := range stale {
		a.dropLocked(l)
	}
	return stale
}

// deletes are the ops that delete the rows of entries.
func deletes(stale []entry) (ops []store.Op) {
	for _, l := range stale {
		ops = append(ops, store.Op{Bucket: store.Messages, Key: l.key})
	}
	return ops
}

func (a *Archive) addLocked(l entry) {
	a.topics[l.topic] = append(a.topics[l.topic], l)
	a.usages.add(l.owner, usage{1, l.bytes})
	if l.at.After(a.last) {
		a.last = l.at
	}
}

// Keep implements realtime.Archive.
func (a *Archive) Keep(ctx context.Context, k realtime.Kept) (string, error) {
	if k.TTL <= 0 || k.TTL > realtime.MaxTTL {
		k.TTL = realtime.MaxTTL
	}
	b := savedBroadcast{
		ID: uuid.NewString(), Topic: k.Topic, Event: k.Event, Encoding: k.Encoding, Payload: k.Payload,
		Writer: k.Payer.Owner(), Room: k.Room, Moment: a.moment(),
	}
	l, stale, err := a.take(k, &b)
	if err != nil {
		return "", err
	}
	put, err := store.JSON(store.Messages, l.key, b)
	if err == nil {
		err = a.store.Write(ctx, append(deletes(stale), put)...)
	}
	if err != nil {
		a.undo(l, stale)
		return "", fmt.Errorf("keep broadcast: %w", err)
	}
	return b.ID, nil
}

// take makes room for a broadcast and gives it a time and a key. The error is
// realtime.ErrQuota.
func (a *Archive) take(k realtime.Kept, b *savedBroadcast) (l entry, stale []entry, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !k.At.After(a.last) {
		k.At = a.last.Add(time.Microsecond)
	}
	b.At, b.Ends = k.At, k.At.Add(k.TTL)
	l = entry{
		key: fmt.Sprintf("%016x %s", k.At.UnixMicro(), b.ID), at: b.At, ends: b.Ends, bytes: len(k.Payload),
		owner: owner{topic: b.Topic, writer: b.Writer, room: b.Room}, moment: b.Moment,
	}
	if stale = a.dropExpiredOfLocked(l.topic); !a.usages.fits(l.owner, usage{1, l.bytes}) {
		stale = append(stale, a.dropExpiredLocked()...)
	}
	own, ok := a.ownLocked(l)
	if !ok {
		return l, nil, a.refuseLocked(stale)
	}
	for _, old := range own {
		a.dropLocked(old)
	}
	a.addLocked(l)
	return l, append(stale, own...), nil
}

// refuseLocked takes back what was dropped for a broadcast that finds no room
// even so.
func (a *Archive) refuseLocked(stale []entry) error {
	for _, l := range stale {
		a.addLocked(l)
	}
	return realtime.ErrQuota
}

// ownLocked returns the oldest broadcasts of the writer in the topic that have to
// go before a new one fits. It reports false if it does not fit even so.
func (a *Archive) ownLocked(l entry) (own []entry, ok bool) {
	need := usage{1, l.bytes}
	if a.usages.fits(l.owner, need) {
		return nil, true
	}
	for _, old := range a.topics[l.topic] {
		if old.owner != l.owner {
			continue
		}
		own = append(own, old)
		need.rows--
		need.bytes -= old.bytes
		if a.usages.fits(l.owner, need) {
			return own, true
		}
	}
	return nil, false
}

// dropLocked takes a broadcast out of the index.
func (a *Archive) dropLocked(l entry) {
	kept := slices.DeleteFunc(a.topics[l.topic], func(one entry) bool { return one.key == l.key })
	if len(kept) == 0 {
		delete(a.topics, l.topic)
	} else {
		a.topics[l.topic] = kept
	}
	a.usages.add(l.owner, usage{-1, -l.bytes})
}

// undo forgets a broadcast that the store did not take, and takes back those that
// it has not deleted.
func (a *Archive) undo(l entry, stale []entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dropLocked(l)
	for _, old := range stale {
		a.addLocked(old)
		slices.SortFunc(a.topics[old.topic], byTime)
	}
}

// Recent implements realtime.Archive.
func (a *Archive) Recent(topic string, since time.Time, limit int) ([]realtime.Kept, error) {
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

// keys lists the keys of a topic's latest broadcasts, oldest first.
func (a *Archive) keys(topic string, since time.Time, limit int) (keys []string) {
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
