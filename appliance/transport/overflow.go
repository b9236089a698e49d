package transport

// push adds a message. This file is what a full queue does.
//
// A queue is full when it holds as many notes, as much state, or as many bytes of
// any kind as [Limits] allows. Then each kind of message makes room in its own
// way:
//
//   - A note drops the oldest notes, because a late note is worse than none.
//   - A part of a state drops all state that waits. Once the queue is empty, the
//     source of each dropped part sends a snapshot in its place.
//   - A reply drops the oldest notes and then all state. If it does not fit even
//     so, push reports false, and the connection is closed with the reason
//     "queue_full". Its client notices and connects again.
//
// All queues together are bounded too, by the Total of [Limits]. Above it,
// [Server.relieve] makes room in the fullest queues.
func (q *queue) push(it item) bool {
	if q.closed {
		return true
	}
	switch it.kind {
	case note:
		q.pushNote(it)
	case state:
		q.pushState(it)
	case reply, stampedReply:
		return q.pushReply(it)
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
	case q.isStale(it.source): // its snapshot will include this
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

func (q *queue) pushReply(it item) (ok bool) {
	for len(q.notes) > 0 && !q.fits(it) {
		q.dropOldestNote()
	}
	if q.states > 0 && !q.fits(it) {
		q.dropState()
	}
	if !q.fits(it) {
		return false
	}
	q.words = q.append(q.words, it)
	return true
}

// slim drops everything that may be dropped.
func (q *queue) slim() {
	for len(q.notes) > 0 {
		q.dropOldestNote()
	}
	if q.states > 0 {
		q.dropState()
	}
}

func (q *queue) fits(it item) bool { return q.bytes+it.cost() <= q.limits.Bytes }

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

func (q *queue) isStale(source Resyncer) bool {
	for _, other := range q.stale {
		if other == source {
			return true
		}
	}
	return false
}

func (q *queue) markStale(source Resyncer) {
	if !q.isStale(source) {
		q.stale = append(q.stale, source)
	}
}
