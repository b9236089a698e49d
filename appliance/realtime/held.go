package realtime

import (
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// The answer to a write and the change that it made travel over different
// connections, and what leaves later may be read first: in one round of its loop
// a program takes a change from its socket at once, but needs several steps from
// an answer to its next line of code. So the change waits for a moment and then
// for two echoes, which a program answers in that loop. Without them, on a
// machine with 15 times too much to do, 2 of 100 changes came first after 25 ms,
// and in a program that was busy 1 of 20 after 100 ms (2026-11).
const (
	// afterAnswer is how long after the answer the first echo is asked for. It is
	// for browsers, which answer pings outside the page: with 50 ms, 5 of 180
	// changes came first in Chromium on such a machine. supabase/realtime looks for
	// changes every 100 ms, so no program expects its own sooner.
	afterAnswer = 100 * time.Millisecond
	// maxHold bounds the wait for an answer that does not leave and for a client
	// that answers no pings. A busy program needed more than a second.
	maxHold = 5 * time.Second
	// maxHeld bounds what waits for one client, in bytes, and maxHeldByAll what waits
	// for all. Beyond either, everything that waits for the client leaves at once.
	maxHeld      = 8 << 20
	maxHeldByAll = 2 * maxHeld
	// lateFor is how long a client that answered no pings in time gets its changes
	// without them.
	lateFor = time.Minute
)

// heldChanges holds back the changes that a client has made itself until their
// answers have left. Later changes wait behind them, so that all keep their
// order. The changes of others never wait in front.
type heldChanges struct {
	mu    sync.Mutex // guards what follows
	queue []*held
	bytes int
	ofAll *atomic.Int64 // the bytes of all clients
	late  time.Time     // a wait was too long: until then, changes wait for no echoes
}

// held is what waits for one answer.
type held struct {
	request *table.Request
	packets []heldPacket
	ready   bool
}

type heldPacket struct {
	to     *Member
	packet wire.Packet
}

// sendChange sends a change of a row, which a request has made. A client that
// made the request gets the change after the answer.
func (m *Member) sendChange(p wire.Packet, by *table.Request) {
	h := &m.session.held
	own := by.IsOf(m.grants.Load().names)
	h.mu.Lock()
	if !own && len(h.queue) == 0 {
		h.mu.Unlock()
		m.session.conn.Reply(p)
		return
	}
	last, isNew := h.placeLocked(by, own)
	last.packets = append(last.packets, heldPacket{m, p})
	if h.addLocked(len(p.Payload())); h.bytes > maxHeld || h.ofAll.Load() > maxHeldByAll {
		for _, each := range h.queue {
			each.ready = true
		}
	}
	h.sendLocked()
	h.mu.Unlock()
	if isNew && own {
		release := func() { h.release(last) }
		time.AfterFunc(maxHold, func() { h.giveUp(last) })
		by.AfterAnswer(func() { time.AfterFunc(afterAnswer, func() { m.session.afterEchoes(release) }) })
	}
}

// afterEchoes calls f once the client has twice gone through what was sent to it.
func (s *Session) afterEchoes(f func()) {
	s.held.mu.Lock()
	late := time.Now().Before(s.held.late)
	s.held.mu.Unlock()
	if late {
		f()
		return
	}
	s.conn.Echo(func() { s.conn.Echo(f) })
}

// placeLocked returns the place in the queue for a change of a request.
func (h *heldChanges) placeLocked(by *table.Request, own bool) (last *held, isNew bool) {
	if n := len(h.queue); n > 0 && (!own || h.queue[n-1].request == by) {
		return h.queue[n-1], false
	}
	last = &held{request: by, ready: !own}
	h.queue = append(h.queue, last)
	return last, true
}

// giveUp releases a place whose answer or echoes have not come.
func (h *heldChanges) giveUp(one *held) {
	h.mu.Lock()
	if !one.ready {
		h.late = time.Now().Add(lateFor)
	}
	h.mu.Unlock()
	h.release(one)
}

// release lets a place in the queue go, once those before it have gone.
func (h *heldChanges) release(one *held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one.ready = true
	h.sendLocked()
}

// sendLocked sends everything up to the first place that is not ready. A member
// that has left gets nothing.
func (h *heldChanges) sendLocked() {
	for len(h.queue) > 0 && h.queue[0].ready {
		for _, each := range h.queue[0].packets {
			h.addLocked(-len(each.packet.Payload()))
			if !each.to.gone.Load() {
				each.to.session.conn.Reply(each.packet)
			}
		}
		h.queue[0].packets = nil // an echo that never comes keeps the place
		h.queue = h.queue[1:]
	}
}

// addLocked counts bytes that wait from now on or, if negative, no longer.
func (h *heldChanges) addLocked(bytes int) {
	h.bytes += bytes
	h.ofAll.Add(int64(bytes))
}
