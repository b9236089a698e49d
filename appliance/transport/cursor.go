package transport

import "time"

// cursor is how far a client has read a log that it follows.
type cursor struct {
	log  Log
	next uint64 // where the client reads on
	// older and newer are where the log's head was at the last two marks, while
	// there is a lane.
	older, newer uint64
	// owed says that the stream sends the log once more, though a settled lane
	// carries it.
	owed bool
}

// drain hands what the client has not read of the log to its stream.
func (c *cursor) drain(to sink, sum *sentCount) {
	for {
		p, next := c.log.Take(c.next)
		if c.next = next; p.IsZero() {
			return
		}
		sum.add(to, p)
	}
}

// markEvery is how often a log's head is marked while a lane works.
const markEvery = 2 * time.Second

// begin sets both marks to where the client reads on: a lane is new.
func (c *cursor) begin() { c.older, c.newer = c.next, c.next }

// mark records where the log's head is. The box learns only after a while that
// a lane has failed; at the older of two marks it still worked.
func (c *cursor) mark() { c.older, c.newer = c.newer, c.log.Head() }

// rewind goes back to where the lane still worked. Receivers drop what comes
// twice.
func (c *cursor) rewind() { c.next = c.older }
