package transport

import (
	"net"
	"runtime"
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
	defer c.out.sent()
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
	c.out.sent()
}

// collectPlain is collect, unless only the writer may send what waits.
func (c *Conn) collectPlain() bool {
	sum, ok := c.out.collectPlain(c.line)
	c.shared.add(sum)
	return ok
}

// collect hands everything that waits to the line.
func (c *Conn) collect() (stale []Resyncer, last bool) {
	sum, stale, last := c.out.collect(c.line)
	c.shared.add(sum)
	return stale, last
}
