package transport

import (
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// outbox holds all that waits for one client: its queue, the unread part of the
// logs that it follows, and the control frames of a WebSocket.
type outbox struct {
	staff bool

	// lane carries the logs: besides the stream while it is new, in place of it
	// once it has settled. It may be read without the lock.
	lane atomic.Pointer[lane]

	mu       sync.Mutex // guards what follows
	queue    queue
	inFlight inFlight    // what the stream has of it
	pongDue  wire.Packet // for the latest ping; earlier ones need none (RFC 6455 section 5.5.3)
	pingDue  bool
	cursors  []*cursor
	farewell wire.Packet // the close frame to send after everything that waits
	items    []item      // scratch
}

// push adds a message. It returns why the connection should be ended instead,
// empty if it should not.
func (o *outbox) push(it item) (why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !o.farewell.IsZero():
		return ""
	case o.queue.total.overrun() && o.queue.bytes > blameless && !o.staff:
		return cutAllQueuesFull // there was no time to find the fullest queue
	case !o.queue.push(it):
		return cutQueueFull
	}
	return ""
}

// close makes a close frame the last packet, unless there is one already.
func (o *outbox) close(farewell wire.Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.farewell.IsZero() {
		o.farewell = farewell
	}
}

// pong answers the client's ping.
func (o *outbox) pong(data string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pongDue = wire.Control(0x8a, data)
}

// ping asks the client for a pong. It takes no room in the queue, so a slow
// client is not closed for being asked.
func (o *outbox) ping() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pingDue = true
}

// follow adds a log, from its head on.
func (o *outbox) follow(log Log) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := &cursor{log: log, next: log.Head()}
	c.begin()
	o.cursors = append(o.cursors, c)
}

func (o *outbox) unfollow(log Log) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, c := range o.cursors {
		if c.log == log {
			o.cursors = append(o.cursors[:i:i], o.cursors[i+1:]...)
			return
		}
	}
}

// attach makes the logs leave over a lane as well, and returns the lane that it
// replaces.
func (o *outbox) attach(l *lane) (old *lane) {
	o.mu.Lock()
	defer o.mu.Unlock()
	old = o.lane.Swap(l)
	for _, c := range o.cursors {
		if old != nil {
			c.rewind()
		}
		c.begin()
	}
	return old
}

// settle makes the logs leave over a lane alone, once it has proved to work. It
// reports false if they do already. What is published by now leaves over the
// stream once more.
func (o *outbox) settle(l *lane) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lane.Load() != l || l.settled.Load() {
		return false
	}
	for _, c := range o.cursors {
		c.owed = true
	}
	l.settled.Store(true) // from now on the stream is not woken for logs
	return true
}

// detach makes the logs leave over the stream again, from where the lane still
// worked. It reports false if the lane is not the connection's.
func (o *outbox) detach(l *lane) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lane.CompareAndSwap(l, nil) {
		return false
	}
	for _, c := range o.cursors {
		c.rewind()
	}
	return true
}

// mark marks how far the logs are, while they leave over a lane that works.
func (o *outbox) mark(l *lane) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lane.Load() != l {
		return
	}
	for _, c := range o.cursors {
		c.mark()
	}
}

// collect hands everything that waits to the stream. The sources in stale owe a
// snapshot. last says that the close frame was handed over too.
func (o *outbox) collect(to sink) (sum sentCount, stale []Resyncer, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum, stale = o.collectLocked(to)
	if last = !o.farewell.IsZero(); last {
		to.add(o.farewell)
	}
	return sum, stale, last
}

// collectPlain is collect, unless something waits that only the writer may
// send: a snapshot that is owed, or the close frame.
func (o *outbox) collectPlain(to sink) (sum sentCount, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.farewell.IsZero() || len(o.queue.stale) > 0 {
		return sentCount{}, false
	}
	sum, _ = o.collectLocked(to)
	return sum, true
}

func (o *outbox) collectLocked(to sink) (sum sentCount, stale []Resyncer) {
	if !o.pongDue.IsZero() {
		sum.add(to, o.pongDue)
		o.pongDue = wire.Packet{}
	}
	if o.pingDue {
		sum.add(to, pingFrame)
		o.pingDue = false
	}
	o.items, stale = o.queue.take(o.items[:0])
	for _, it := range o.items {
		if it.kind == stampedReply {
			it.packet.Stamp(float64(clock.Now()))
		}
		sum.add(to, it.packet)
	}
	o.queue.total.send(&o.inFlight, o.items)
	l := o.lane.Load()
	for _, c := range o.cursors {
		if l == nil || !l.settled.Load() || c.owed {
			c.drain(to, &sum)
			c.owed = false
		}
	}
	o.items = emptied(o.items)
	return sum, stale
}

// sent records that the stream has written everything it was given.
func (o *outbox) sent() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.total.sent(&o.inFlight)
}

// waiting returns how many bytes wait, those in the stream included.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.bytes + o.inFlight.size()
}

// slim drops what waits and may be dropped.
func (o *outbox) slim() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.slim()
}

// discard drops all that waits: the client is gone.
func (o *outbox) discard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.close()
}

// dropped returns how many messages were dropped because this client did not
// read them in time.
func (o *outbox) dropped() dropCount {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.dropped
}

// sentCount is what one write hands to the stream.
type sentCount struct{ frames, bytes uint64 }

func (n *sentCount) add(to sink, p wire.Packet) {
	n.frames++
	n.bytes += uint64(to.add(p))
}

// pingFrame is a ping without data (RFC 6455 section 5.5.2).
var pingFrame = wire.Control(0x89, "")
