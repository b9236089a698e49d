package transport

import (
	"time"

	"golang.org/x/time/rate"
)

// DefaultPace is how many messages of one client are read in a second, and
// paceBurst how many seconds of them at once: twice what the limits of a class
// let a client do.
const (
	DefaultPace = 400
	paceBurst   = 3
)

// paceBytes is how long a message is that counts as two, bytes: long ones are
// more work.
const paceBytes = 4 << 10

// newPace is how fast a client is read. Staff are read as fast as they send.
func newPace(limits Limits) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(limits.Pace), paceBurst*limits.Pace)
}

// rest waits before the next message of a client is read, if he sends more
// than anybody has to say: then he waits in his own socket, and nobody else
// does. Without it a handful of clients would take every processor, and no
// message of others would be in time.
func (c *Conn) rest(bytes int) {
	if c.staff {
		return
	}
	wait := c.pace.ReserveN(time.Now(), c.cost(bytes)).Delay()
	if wait <= 0 {
		return
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	select {
	case <-over.C:
	case <-c.closed:
	}
}

// inPace reports whether a message is one of those that a client has to say.
func (c *Conn) inPace(bytes int) bool {
	return c.staff || c.pace.AllowN(time.Now(), c.cost(bytes))
}

// cost is what a message counts.
func (c *Conn) cost(bytes int) int { return 1 + min(bytes/paceBytes, c.pace.Burst()-1) }
