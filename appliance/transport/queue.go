package transport

import "downbeat.local/appliance/wire"

// kind says what may be done with a message that waits too long.
type kind uint8

const (
	note         kind = iota // the oldest is dropped
	state                    // all are dropped and a snapshot follows
	reply                    // never dropped
	stampedReply             // a reply that ends with the time when it is written
)

// item is one message that waits.
type item struct {
	packet wire.Packet
	kind   kind
	source Resyncer // of state
	seq    uint64   // its place in the order of the queue
}

// queue holds the messages that wait for one client. overflow.go says what
// happens when it is full. Notes wait apart from words, so that the oldest can
// be dropped cheaply; take puts both in the order in which they came. A queue
// has no lock of its own.
type queue struct {
	limits Limits
	total  *totalBacklog // of all queues
	closed bool          // takes nothing any more
	words  []item        // replies and state
	notes  []item
	seq    uint64     // of the last item
	bytes  int        // of words and notes
	states int        // among words
	stale  []Resyncer // sources whose state was dropped since the last take

	dropped dropCount // ever
}

// itemCost is what a message costs besides its frame, in bytes. Without it
// millions of empty messages would fit.
const itemCost = 128

func (it item) cost() int { return len(it.packet.Frame()) + itemCost }

// append puts a message behind the others and counts it.
func (q *queue) append(to []item, it item) []item {
	q.seq++
	it.seq = q.seq
	q.bytes += it.cost()
	q.total.hold(it)
	return append(to, it)
}

// take empties the queue into items and returns it, with the sources that owe a
// snapshot. The total still counts what it returns.
func (q *queue) take(items []item) ([]item, []Resyncer) {
	notes := q.notes
	for _, it := range q.words {
		for len(notes) > 0 && notes[0].seq < it.seq {
			items, notes = append(items, notes[0]), notes[1:]
		}
		items = append(items, it)
	}
	items = append(items, notes...)
	stale := q.stale
	q.words, q.notes, q.bytes, q.states, q.stale = emptied(q.words), emptied(q.notes), 0, 0, nil
	return items, stale
}

// close drops everything, and from now on whatever is pushed.
func (q *queue) close() {
	items, _ := q.take(nil)
	for _, it := range items {
		q.total.free(it)
	}
	q.closed = true
}

// keepItems is how much room for messages a slice keeps between writes: what a
// busy room needs, not what a client once needed that did not read. A
// connection keeps two such slices, 28 KB in all.
const keepItems = 256

// emptied returns items without what they held, to be used again.
func emptied(items []item) []item {
	if cap(items) > keepItems {
		return nil
	}
	clear(items)
	return items[:0]
}
