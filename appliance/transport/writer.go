package transport

import (
	"net"
	"runtime"
	"time"

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
			return c.hangUp()
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
	stale, last = c.collect(&c.out.batch)
	c.writes.Add(1)
	defer c.writes.Add(1)
	return stale, last, c.out.flush(&c.writes)
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
	if c.out.stuck() || !c.collectPlain(&c.out.batch) || !c.out.try() {
		c.Wake()
	}
}

// collectPlain is collect, unless something waits that only the writer may
// do: a snapshot that is owed, or the end.
func (c *Conn) collectPlain(w *batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.farewell != nil || len(c.queue.stale) > 0 {
		return false
	}
	c.collectLocked(w)
	return true
}

// hangUp ends what we send and gives the client a moment to read it and to end
// its side, for closing a socket with unread data in it would take back what
// was written.
func (c *Conn) hangUp() error {
	if tcp, ok := c.nc.(*net.TCPConn); ok {
		if err := tcp.CloseWrite(); err != nil {
			return err
		}
	}
	return c.nc.SetReadDeadline(time.Now().Add(lingerTime))
}

// lingerTime is how long a client has to answer a close frame.
const lingerTime = time.Second

// collect moves everything that waits into the batch.
func (c *Conn) collect(w *batch) (stale []Resyncer, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	stale = c.collectLocked(w)
	if c.farewell != nil {
		w.add(c.farewell)
	}
	return stale, c.farewell != nil
}

func (c *Conn) collectLocked(w *batch) (stale []Resyncer) {
	if c.answer != nil {
		w.add(c.answer)
		c.answer = nil
	}
	if c.ask {
		w.add(pingFrame)
		c.ask = false
	}
	w.items, stale = c.queue.take(w.items[:0])
	for _, it := range w.items {
		if it.kind == stamp {
			it.packet.Stamp(float64(clock.Now()))
		}
		w.add(it.packet.Frame())
	}
	for _, f := range c.follows {
		f.drain(w)
	}
	w.items = emptied(w.items)
	c.shared.frames.Add(w.frames)
	c.shared.bytes.Add(uint64(len(w.bytes())))
	return stale
}

// pingFrame is a ping without data (RFC 6455 section 5.5.2).
var pingFrame = []byte{0x89, 0}

// drain moves what the client has not read of the log into the batch.
func (f *follow) drain(w *batch) {
	for {
		p, next := f.log.Take(f.cursor)
		if f.cursor = next; p.IsZero() {
			return
		}
		w.add(p.Frame())
	}
}
