package transport

import (
	"sync"
	"sync/atomic"
	"time"
)

// checkEvery is how often the janitor checks all connections: often enough for
// the shortest timeout, and seldom enough to cost nothing.
const checkEvery = time.Second

// idle watches for a connection that does nothing. The connection only counts
// what it does, and only the janitor looks at the time, so notes pay for no
// clock.
type idle struct {
	reads   atomic.Uint64 // messages and pings
	greeted atomic.Bool

	mu        sync.Mutex // guards what follows, as the janitor saw it last
	connected time.Duration
	lastReads uint64
	heard     time.Duration // when reads last changed
	progress  uint64
	wrote     time.Duration // when progress last changed
	pinged    time.Duration
}

func (i *idle) begin(now time.Duration) { i.connected, i.heard, i.wrote = now, now, now }

// check returns why the connection should be ended, empty if it should not, and
// whether a silent client should be pinged. progress is the sender's.
func (i *idle) check(now time.Duration, progress uint64, limits Limits) (why string, ping bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n := i.reads.Load(); n != i.lastReads {
		i.lastReads, i.heard = n, now
	}
	if progress != i.progress {
		i.progress, i.wrote = progress, now
	}
	switch {
	case progress%2 == 1 && now-i.wrote > limits.WriteTimeout:
		return cutNotReading, false
	case now-i.heard > limits.IdleTimeout:
		return cutSilent, false
	case !i.greeted.Load() && now-i.connected > limits.GreetTimeout:
		return cutNeverJoined, false
	case now-max(i.heard, i.pinged) < pingAfter:
		return "", false
	}
	i.pinged = now
	return "", true
}

// processStart is where monotonic time begins.
var processStart = time.Now()

// monotonic returns the time since processStart. It never jumps.
func monotonic() time.Duration { return time.Since(processStart) }
