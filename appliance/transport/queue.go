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
	turn   uint64   // when it came, in the order of the queue
}

// queue is what waits for one client. It has no lock of its own. Notes wait
// apart, for the oldest of them are dropped while words before them stay; they
// leave in the order in which all came.
type queue struct {
	limits Limits
	total  *budget // of all queues
	over   bool    // takes nothing any more
	words  []item  // replies and state
	notes  []item
	turn   uint64     // of the last that came
	bytes  int        // of both
	states int        // among words
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
	if q.over {
		return true
	}
	switch it.kind {
	case note:
		q.pushNote(it)
	case state:
		q.pushState(it)
	case reply, stamp:
		if !q.makeRoom(it) {
			return false
		}
		q.words = q.append(q.words, it)
	}
	return true
}

func (q *queue) pushNote(it item) {
	for len(q.notes) > 0 && (len(q.notes) >= q.limits.Notes || !q.fits(it)) {
		q.dropOldestNote()
	}
	if !q.fits(it) {
		q.dropped.notes++
		return
	}
	q.notes = q.append(q.notes, it)
}

func (q *queue) pushState(it item) {
	switch {
	case q.isStale(it.source): // the snapshot will say it
		q.dropped.states++
	case q.states >= q.limits.State || !q.fits(it):
		q.dropState()
		q.markStale(it.source)
		q.dropped.states++
	default:
		q.states++
		q.words = q.append(q.words, it)
	}
}

// append puts a message behind the others, and counts it.
func (q *queue) append(to []item, it item) []item {
	q.turn++
	it.turn = q.turn
	q.bytes += it.cost()
	q.total.hold(it)
	return append(to, it)
}

func (q *queue) fits(it item) bool { return q.bytes+it.cost() <= q.limits.Bytes }

// makeRoom drops notes, and then state, until it fits. It reports false if it
// does not even so.
func (q *queue) makeRoom(it item) bool {
	for len(q.notes) > 0 && !q.fits(it) {
		q.dropOldestNote()
	}
	if q.states > 0 && !q.fits(it) {
		q.dropState()
	}
	return q.fits(it)
}

func (q *queue) dropOldestNote() {
	q.bytes -= q.notes[0].cost()
	q.total.free(q.notes[0])
	q.notes[0] = item{} // the slice holds it until it grows
	q.notes = q.notes[1:]
	q.dropped.notes++
}

func (q *queue) dropState() {
	kept := q.words[:0]
	for _, it := range q.words {
		if it.kind != state {
			kept = append(kept, it)
			continue
		}
		q.markStale(it.source)
		q.bytes -= it.cost()
		q.total.free(it)
		q.dropped.states++
	}
	clear(q.words[len(kept):])
	q.words, q.states = kept, 0
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

// slim drops all that may be dropped.
func (q *queue) slim() {
	for len(q.notes) > 0 {
		q.dropOldestNote()
	}
	if q.states > 0 {
		q.dropState()
	}
}

// end drops everything, what is still to come too.
func (q *queue) end() {
	items, _ := q.take(nil)
	for _, it := range items {
		q.total.free(it)
	}
	q.over = true
}

// take empties the queue into items and returns it, with the sources that
// owe a snapshot. What it returns is still held.
func (q *queue) take(items []item) ([]item, []Resyncer) {
	notes := q.notes
	for _, it := range q.words {
		for len(notes) > 0 && notes[0].turn < it.turn {
			items, notes = append(items, notes[0]), notes[1:]
		}
		items = append(items, it)
	}
	items = append(items, notes...)
	stale := q.stale
	q.words, q.notes, q.bytes, q.states, q.stale = emptied(q.words), emptied(q.notes), 0, 0, nil
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
