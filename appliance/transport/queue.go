package transport

import "downbeat.local/appliance/wire"

// kind says what may be done with a message that waits too long.
type kind uint8

const (
	note  kind = iota // the oldest is dropped
	state             // all are dropped and a snapshot follows
	reply             // never dropped
	stamp             // a reply whose end is the time of the write
)

type item struct {
	packet wire.Packet
	kind   kind
	source Resyncer // of state
}

// queue is what waits for one client. It has no lock of its own.
type queue struct {
	limits Limits
	items  []item
	bytes  int
	notes  int
	states int
	stale  []Resyncer // whose state was dropped since the queue was last empty

	dropped drops // ever
}

// itemCost is what a message costs besides its frame, bytes: without it
// millions of empty ones would wait.
const itemCost = 128

func (it item) cost() int { return len(it.packet.Frame()) + itemCost }

// push adds a message, dropping others as its kind demands. It reports false
// if the queue is full of what must not be dropped.
func (q *queue) push(it item) bool {
	switch it.kind {
	case note:
		for q.notes > 0 && (q.notes >= q.limits.Notes || !q.fits(it)) {
			q.dropOldestNote()
		}
		if !q.fits(it) {
			q.dropped.notes++
			return true
		}
		q.notes++
	case state:
		if q.isStale(it.source) {
			q.dropped.states++
			return true // the snapshot will say it
		}
		if q.states >= q.limits.State || !q.fits(it) {
			q.dropState()
			q.markStale(it.source)
			q.dropped.states++
			return true
		}
		q.states++
	case reply, stamp:
		if !q.makeRoom(it) {
			return false
		}
	}
	q.items = append(q.items, it)
	q.bytes += it.cost()
	return true
}

func (q *queue) fits(it item) bool { return q.bytes+it.cost() <= q.limits.Bytes }

// makeRoom drops notes, and then state, until it fits. It reports false if it
// does not even so.
func (q *queue) makeRoom(it item) bool {
	for q.notes > 0 && !q.fits(it) {
		q.dropOldestNote()
	}
	if q.states > 0 && !q.fits(it) {
		q.dropState()
	}
	return q.fits(it)
}

func (q *queue) dropOldestNote() {
	for i, it := range q.items {
		if it.kind == note {
			q.items = append(q.items[:i], q.items[i+1:]...)
			q.bytes -= it.cost()
			q.notes--
			q.dropped.notes++
			return
		}
	}
}

func (q *queue) dropState() {
	kept := q.items[:0]
	for _, it := range q.items {
		if it.kind != state {
			kept = append(kept, it)
			continue
		}
		q.markStale(it.source)
		q.bytes -= it.cost()
		q.dropped.states++
	}
	clear(q.items[len(kept):])
	q.items, q.states = kept, 0
}

func (q *queue) isStale(s Resyncer) bool {
	for _, other := range q.stale {
		if other == s {
			return true
		}
	}
	return false
}

func (q *queue) markStale(s Resyncer) {
	if !q.isStale(s) {
		q.stale = append(q.stale, s)
	}
}

// take empties the queue into items and returns it, with the sources that
// owe a snapshot.
func (q *queue) take(items []item) ([]item, []Resyncer) {
	items = append(items, q.items...)
	stale := q.stale
	q.items, q.bytes, q.notes, q.states, q.stale = emptied(q.items), 0, 0, 0, nil
	return items, stale
}

// keepItems is how many places for messages stay between writes: what a busy
// room needs, not what a client needed that once did not read. Two slices of
// these stay with a connection, 28 KB in all.
const keepItems = 256

// emptied is items without what they held, to be used again.
func emptied(items []item) []item {
	if cap(items) > keepItems {
		return nil
	}
	clear(items)
	return items[:0]
}
