package frames

import (
	"slices"
	"time"
)

// Frames leave for a lane one step apart, and further apart by how long its
// network always queues. A queue that never empties gets shorter with fewer
// packets. A queue that does empty is jitter, and waiting only adds to it
// (RFC 8289, section 3).
const (
	// intervalStep gives lanes with like networks one interval, so that they
	// share frames.
	intervalStep = 5 * time.Millisecond
	// maxInterval is the most that is not heard as a late note.
	maxInterval = 25 * time.Millisecond
	// watched is how many reports must agree that a queue stands. A report has
	// the round trips of one or two bursts of pings. That is too few to see the
	// luckiest packets of a network with jitter.
	watched = 3
)

// QueueWatch chooses how far apart frames leave for one device, by its reports.
// The zero value has seen none.
type QueueWatch struct {
	standing [watched]float64 // of the last reports, ms
	seen     int
}

// Interval takes a report, and returns how far apart frames should leave from now
// on. usual and fastest are how much longer the median and the fastest of recent
// round trips are than the shortest ever, in milliseconds.
//
// Of a few round trips in a network with jitter the fastest waits too. So a queue
// stands only as far as it is longer than it varies.
func (w *QueueWatch) Interval(usual, fastest float64) time.Duration {
	w.standing[w.seen%watched] = max(0, fastest-max(0, usual-fastest))
	w.seen++
	if w.seen < watched {
		return intervalStep
	}
	standing := min(slices.Min(w.standing[:]), float64(maxInterval/time.Millisecond))
	steps := time.Duration(standing / float64(intervalStep/time.Millisecond))
	return min(intervalStep*(1+steps), maxInterval)
}
