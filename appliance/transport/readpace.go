package transport

import (
	"time"

	"golang.org/x/time/rate"
)

// DefaultPace is how many messages of one client are read in a second, and
// paceBurst how many seconds' worth may come at once. Both together are twice
// what the limits of a class let a client send.
const (
	DefaultPace = 400
	paceBurst   = 3
)

// paceBytes is how long a message is that counts as two, in bytes: long
// messages are more work.
const paceBytes = 4 << 10

// paceDropped is how much of a message that is too long counts as one, in bytes.
// It is dropped as it comes, which is less work. With the cost of other messages, one
// of 20 MB would hold back what its client sends next for 20 s.
const paceDropped = 16 << 10

// readPace is how fast a client is read. Staff are read as fast as they send.
type readPace struct {
	limiter *rate.Limiter
	staff   bool
}

func newReadPace(limits Limits, staff bool) readPace {
	return readPace{rate.NewLimiter(rate.Limit(limits.Pace), paceBurst*limits.Pace), staff}
}

// wait delays the next read of a client that sends too fast. Its messages stay
// in its own socket meanwhile. Otherwise a handful of clients would take every
// processor and delay everybody's notes. It returns early when closed is.
func (p readPace) wait(bytes int, closed <-chan struct{}) {
	if p.staff {
		return
	}
	delay := p.limiter.ReserveN(time.Now(), p.cost(bytes)).Delay()
	if delay <= 0 {
		return
	}
	over := time.NewTimer(delay)
	defer over.Stop()
	select {
	case <-over.C:
	case <-closed:
	}
}

// allow reports whether a message comes no faster than it may.
func (p readPace) allow(bytes int) bool {
	return p.staff || p.limiter.AllowN(time.Now(), p.cost(bytes))
}

// cost is how many messages a message counts as.
func (p readPace) cost(bytes int) int { return 1 + min(bytes/paceBytes, p.limiter.Burst()-1) }
