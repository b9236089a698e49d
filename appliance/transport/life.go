package transport

import (
	"sync"
	"time"
)

// sweepEvery is how often the janitor looks: often enough for the shortest
// timeout, and seldom enough to cost nothing.
const sweepEvery = time.Second

// vigil is what the janitor remembers of a connection. The connection counts
// what it does, and only the janitor looks at the time: notes pay for no
// clock.
type vigil struct {
	mu        sync.Mutex // guards what follows
	connected time.Duration
	reads     uint64
	heard     time.Duration // when reads last changed
	writes    uint64
	wrote     time.Duration // when writes last changed
	pinged    time.Duration
}

func (v *vigil) begin(now time.Duration) { v.connected, v.heard, v.wrote = now, now, now }

// look says why the connection should be ended, empty if it should not, and
// asks a silent client for a sign of life.
func (c *Conn) look(now time.Duration, limits Limits) (why string) {
	c.lookLane(now)
	v := &c.vigil
	v.mu.Lock()
	defer v.mu.Unlock()
	if n := c.reads.Load(); n != v.reads {
		v.reads, v.heard = n, now
	}
	if n := c.writes.Load(); n != v.writes {
		v.writes, v.wrote = n, now
	}
	switch {
	case v.writes%2 == 1 && now-v.wrote > limits.WriteTimeout:
		return cutDeaf
	case now-v.heard > limits.IdleTimeout:
		return cutSilent
	case !c.greeted.Load() && now-v.connected > limits.GreetTimeout:
		return cutIdle
	}
	if c.line.pings() && now-max(v.heard, v.pinged) >= pingAfter {
		v.pinged = now
		c.ping()
	}
	return ""
}

// processStart is when the process began to count monotonic time.
var processStart = time.Now()

// monotonic is the time since processStart; it never jumps.
func monotonic() time.Duration { return time.Since(processStart) }
