package transport

import (
	"net"
	"runtime"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// write sends what waits whenever it is woken, everything in one write.
func (c *Conn) write() error {
	for {
		<-c.wake
		select {
		case <-c.closed:
			return net.ErrClosed
		default:
		}
		// Let whatever is about to run run first: in a busy room that is more
		// notes for the same write.
		runtime.Gosched()
		stale, last, err := c.writeTurn()
		if err != nil {
			return err
		}
		if last {
			return c.line.hangUp()
		}
		for _, s := range stale {
			s.Resync()
		}
	}
}

// writeTurn sends everything that waits, however long that takes.
func (c *Conn) writeTurn() (stale []Resyncer, last bool, err error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	stale, last = c.collect()
	c.writes.Add(1)
	defer c.writes.Add(1)
	defer c.sent()
	return stale, last, c.line.flush(&c.writes)
}

// Deliver sends what waits at once, from the caller's goroutine, if that needs
// no waiting; otherwise it is a Wake. Waking a writer costs more than half of
// what its write does, so a note after quiet is delivered, and notes that come
// thick are left to the writers, who take many at a time.
func (c *Conn) Deliver() {
	if !c.turn.TryLock() {
		c.Wake()
		return
	}
	defer c.turn.Unlock()
	if c.line.stuck() || !c.collectPlain() || !c.line.try() {
		c.Wake()
		return
	}
	c.sent()
}

// collectPlain is collect, unless something waits that only the writer may
// do: a snapshot that is owed, or the end.
func (c *Conn) collectPlain() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.farewell.IsZero() || len(c.queue.stale) > 0 {
		return false
	}
	c.collectLocked()
	return true
}

// collect hands everything that waits to the line.
func (c *Conn) collect() (stale []Resyncer, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	stale = c.collectLocked()
	if last = !c.farewell.IsZero(); last {
		c.line.add(c.farewell)
	}
	return stale, last
}

func (c *Conn) collectLocked() (stale []Resyncer) {
	var sum tally
	if !c.answer.IsZero() {
		sum.add(c.line, c.answer)
		c.answer = wire.Packet{}
	}
	if c.ask {
		sum.add(c.line, pingFrame)
		c.ask = false
	}
	c.items, stale = c.queue.take(c.items[:0])
	for _, it := range c.items {
		if it.kind == stamp {
			it.packet.Stamp(float64(clock.Now()))
		}
		sum.add(c.line, it.packet)
	}
	c.queue.total.put(&c.sending, c.items)
	if c.lane.Load() == nil {
		for _, f := range c.follows {
			f.drain(c.line, &sum)
		}
	}
	c.items = emptied(c.items)
	c.shared.frames.Add(sum.frames)
	c.shared.bytes.Add(sum.bytes)
	return stale
}

// tally is what one turn hands to the line.
type tally struct{ frames, bytes uint64 }

func (t *tally) add(to outlet, p wire.Packet) {
	t.frames++
	t.bytes += uint64(to.add(p))
}

// pingFrame is a ping without data (RFC 6455 section 5.5.2).
var pingFrame = wire.Control(0x89, "")

// drain hands what the client has not read of the log to its line.
func (f *follow) drain(to outlet, sum *tally) {
	for {
		p, next := f.log.Take(f.cursor)
		if f.cursor = next; p.IsZero() {
			return
		}
		sum.add(to, p)
	}
}
