package transport

import (
	"slices"
	"sync"
	"sync/atomic"
)

// totalBacklog counts the bytes that wait for all clients together, in their
// queues and in writes that are under way. A large message that waits for many
// clients is one piece of memory and counts once. A nil totalBacklog counts
// nothing.
type totalBacklog struct {
	most  int64         // bytes; above it tight gets its token
	tight chan struct{} // holds one token while the janitor should make room
	used  atomic.Int64  // bytes

	mu     sync.Mutex    // guards shared
	shared map[*byte]int // large frames, by their first byte: how many clients hold them
}

// largeFrame is from how many bytes on a frame is worth sharing in the count.
const largeFrame = 4 << 10

func newTotalBacklog(most int) *totalBacklog {
	return &totalBacklog{most: int64(most), tight: make(chan struct{}, 1), shared: make(map[*byte]int)}
}

// hold counts a message that begins to wait for one client.
func (b *totalBacklog) hold(it item) {
	if b == nil {
		return
	}
	cost := it.cost()
	if frame := it.packet.Frame(); len(frame) >= largeFrame && !b.isFirst(frame) {
		cost = itemCost
	}
	b.add(cost)
}

// free ends a hold.
func (b *totalBacklog) free(it item) {
	if b == nil {
		return
	}
	cost := it.cost()
	if frame := it.packet.Frame(); len(frame) >= largeFrame && !b.isLast(frame) {
		cost = itemCost
	}
	b.add(-cost)
}

// isFirst counts one more client that holds a frame, and reports whether it is
// the only one.
func (b *totalBacklog) isFirst(frame []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shared[&frame[0]]++
	return b.shared[&frame[0]] == 1
}

// isLast counts one client less that holds a frame, and reports whether none
// does any more.
func (b *totalBacklog) isLast(frame []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shared[&frame[0]]--; b.shared[&frame[0]] > 0 {
		return false
	}
	delete(b.shared, &frame[0])
	return true
}

func (b *totalBacklog) add(bytes int) {
	if b.used.Add(int64(bytes)) <= b.most || bytes <= 0 {
		return
	}
	select {
	case b.tight <- struct{}{}:
	default: // it holds one already
	}
}

// overrun reports whether so much waits that the janitor would come too late.
func (b *totalBacklog) overrun() bool { return b != nil && b.used.Load() > b.most+b.most/4 }

// inFlight is what one client's stream has been given: one message that is still
// held, or the bytes of several that were copied.
type inFlight struct {
	one   item
	bytes int
}

// send moves messages that waited into a client's stream. Several together are
// copied.
func (b *totalBacklog) send(f *inFlight, items []item) {
	if b == nil || len(items) == 0 {
		return
	}
	if f.bytes == 0 && f.one.packet.IsZero() && len(items) == 1 {
		f.one = items[0]
		return
	}
	b.copied(f, f.one)
	f.one = item{}
	for _, it := range items {
		b.copied(f, it)
	}
}

// copied turns a message that was held into bytes of a copy.
func (b *totalBacklog) copied(f *inFlight, it item) {
	if it.packet.IsZero() {
		return
	}
	b.free(it)
	b.add(it.cost())
	f.bytes += it.cost()
}

// sent records that the stream has written everything it was given.
func (b *totalBacklog) sent(f *inFlight) {
	if b == nil {
		return
	}
	if !f.one.packet.IsZero() {
		b.free(f.one)
	}
	b.add(-f.bytes)
	*f = inFlight{}
}

// size returns how many bytes the stream has.
func (f *inFlight) size() int {
	if f.one.packet.IsZero() {
		return f.bytes
	}
	return f.one.cost()
}

// blameless is how many bytes may wait for a client that is never closed to make
// room for others: what a member of a busy room has after a short stumble.
const blameless = 64 << 10

// relieve makes room when too much waits for all clients together. In the
// fullest queues it drops notes and state. If that is not enough it closes the
// connection. It goes on down to three quarters of the limit, so that it is not
// needed again at once.
func (s *Server) relieve() {
	enough := s.total.most * 3 / 4
	for _, c := range fullestFirst(s.all()) {
		if s.total.used.Load() > enough {
			c.out.slim()
			c.Wake() // to resync the state that was dropped
		}
		if s.total.used.Load() <= enough {
			return
		}
		s.log.Warn("too much waits for all clients, closing the one with the most", "addr", c.RemoteAddr())
		s.counters.cut.Add(cutAllQueuesFull)
		c.drop()
	}
}

// fullestFirst returns those of some connections for which more than blameless
// waits, the fullest first and staff last.
func fullestFirst(conns []*Conn) []*Conn {
	var full []*Conn
	waiting := make(map[*Conn]int)
	for _, c := range conns {
		if n := c.out.waiting(); n > blameless {
			full, waiting[c] = append(full, c), n
		}
	}
	slices.SortFunc(full, func(a, b *Conn) int {
		switch {
		case a.caller.Staff == b.caller.Staff:
			return waiting[b] - waiting[a]
		case a.caller.Staff:
			return 1
		}
		return -1
	})
	return full
}
