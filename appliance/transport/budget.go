package transport

import (
	"slices"
	"sync"
	"sync/atomic"
)

// budget is what waits for all clients together, in their queues and in
// writes that are under way. A large message that waits for many is one piece
// of memory and counts once. A nil budget counts nothing.
type budget struct {
	most  int64         // bytes; over it tight is told
	tight chan struct{} // holds one token when somebody should make room
	used  atomic.Int64  // bytes

	mu     sync.Mutex    // guards shared
	shared map[*byte]int // large frames by their first byte: how many hold them
}

// largeFrame is how long a frame is worth finding others who hold it, bytes.
const largeFrame = 4 << 10

func newBudget(most int) *budget {
	return &budget{most: int64(most), tight: make(chan struct{}, 1), shared: make(map[*byte]int)}
}

// hold counts a message that begins to wait for one client.
func (b *budget) hold(it item) {
	if b == nil {
		return
	}
	cost := it.cost()
	if frame := it.packet.Frame(); len(frame) >= largeFrame && !b.first(frame) {
		cost = itemCost
	}
	b.add(cost)
}

// free ends a hold.
func (b *budget) free(it item) {
	if b == nil {
		return
	}
	cost := it.cost()
	if frame := it.packet.Frame(); len(frame) >= largeFrame && !b.last(frame) {
		cost = itemCost
	}
	b.add(-cost)
}

// first reports whether nobody else holds a frame that one more holds now.
func (b *budget) first(frame []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shared[&frame[0]]++
	return b.shared[&frame[0]] == 1
}

// last reports whether nobody holds a frame any more that one holds no longer.
func (b *budget) last(frame []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shared[&frame[0]]--; b.shared[&frame[0]] > 0 {
		return false
	}
	delete(b.shared, &frame[0])
	return true
}

func (b *budget) add(bytes int) {
	if b.used.Add(int64(bytes)) <= b.most || bytes <= 0 {
		return
	}
	select {
	case b.tight <- struct{}{}:
	default: // it is known
	}
}

// overrun reports whether more waits than could be mended in time.
func (b *budget) overrun() bool { return b != nil && b.used.Load() > b.most+b.most/4 }

// load is what one client is being sent: a message that it still holds, or so
// many bytes that were copied.
type load struct {
	one   item
	bytes int
}

// put makes messages that waited a part of a load. Several together are copied.
func (b *budget) put(l *load, items []item) {
	if b == nil || len(items) == 0 {
		return
	}
	if l.bytes == 0 && l.one.packet.IsZero() && len(items) == 1 {
		l.one = items[0]
		return
	}
	b.copied(l, l.one)
	l.one = item{}
	for _, it := range items {
		b.copied(l, it)
	}
}

// copied makes a message that was held some bytes of a load.
func (b *budget) copied(l *load, it item) {
	if it.packet.IsZero() {
		return
	}
	b.free(it)
	b.add(it.cost())
	l.bytes += it.cost()
}

// sent ends a load.
func (b *budget) sent(l *load) {
	if b == nil {
		return
	}
	if !l.one.packet.IsZero() {
		b.free(l.one)
	}
	b.add(-l.bytes)
	*l = load{}
}

// size is how many bytes a client is being sent.
func (l *load) size() int {
	if l.one.packet.IsZero() {
		return l.bytes
	}
	return l.one.cost()
}

// blameless is how much may wait for a client without his being closed for
// what waits for all, bytes: what a member of a busy room has when he stumbles.
const blameless = 64 << 10

// relieve makes room when too much waits for all clients together: whoever has
// most waiting loses notes and state, and if that is not enough the connection.
// It goes on to three quarters of what may wait, so that it is not needed again
// at once.
func (s *Server) relieve() {
	enough := s.total.most * 3 / 4
	for _, c := range s.fullestFirst() {
		if s.total.used.Load() > enough {
			c.out.slim()
			c.Wake() // state is owed a snapshot
		}
		if s.total.used.Load() <= enough {
			return
		}
		s.log.Warn("too much waits for all clients, closing the one with the most", "addr", c.RemoteAddr())
		s.counters.cut.Add(cutFullest)
		c.drop()
	}
}

// fullestFirst is the connections for which much waits, most first; staff come
// last.
func (s *Server) fullestFirst() []*Conn {
	var full []*Conn
	waiting := make(map[*Conn]int)
	for _, c := range s.all() {
		if n := c.out.waiting(); n > blameless {
			full, waiting[c] = append(full, c), n
		}
	}
	slices.SortFunc(full, func(a, b *Conn) int {
		switch {
		case a.staff == b.staff:
			return waiting[b] - waiting[a]
		case a.staff:
			return 1
		}
		return -1
	})
	return full
}
