package transport

import (
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// outbox is all that waits for one client: messages, what he has not read of
// the logs that he follows, and what the control frames of a WebSocket ask for.
type outbox struct {
	// lane is by which the logs leave: beside the line while it is new, in
	// place of it once it has settled. Without the lock it may only be looked at.
	lane atomic.Pointer[lane]

	mu      sync.Mutex // guards what follows
	queue   queue
	sending load        // what the line has of it
	answer  wire.Packet // the pong to the latest ping; those before need none (RFC 6455 section 5.5.3)
	ask     bool        // for a sign of life
	follows []*follow
	// farewell is the close frame to send after everything that waits.
	farewell wire.Packet
	items    []item // scratch
}

// push adds a message. It says why the connection should be ended instead,
// empty if it should not.
func (o *outbox) push(it item, staff bool) (why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !o.farewell.IsZero():
		return ""
	case o.queue.total.overrun() && o.queue.bytes > blameless && !staff:
		return cutFullest // nobody has had the time to look who has the most
	case !o.queue.push(it):
		return cutFull
	}
	return ""
}

// end lets a close frame be the last that is sent, unless there is one.
func (o *outbox) end(farewell wire.Packet) {
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
	o.answer = wire.Control(0x8a, data)
}

// ping asks the client for a sign of life. It needs no room in the queue: what
// waits there closes no connection that is only slow.
func (o *outbox) ping() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ask = true
}

// follow adds a log, from its head on.
func (o *outbox) follow(log Log) {
	o.mu.Lock()
	defer o.mu.Unlock()
	head := log.Head()
	o.follows = append(o.follows, &follow{log: log, cursor: head, before: head, latest: head})
}

func (o *outbox) unfollow(log Log) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, f := range o.follows {
		if f.log == log {
			o.follows = append(o.follows[:i:i], o.follows[i+1:]...)
			return
		}
	}
}

// attach lets the logs leave by a lane as well, and gives the one in whose place
// it comes.
func (o *outbox) attach(l *lane) (old *lane) {
	o.mu.Lock()
	defer o.mu.Unlock()
	old = o.lane.Swap(l)
	for _, f := range o.follows {
		if old != nil {
			f.rewind()
		}
		f.mark(true)
	}
	return old
}

// settle lets the logs leave by a lane alone, which has proved to work; false
// if they do so already. What is published by now leaves by the line once more.
func (o *outbox) settle(l *lane) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lane.Load() != l || l.settled.Load() {
		return false
	}
	for _, f := range o.follows {
		f.behind = true
	}
	l.settled.Store(true) // and nobody wakes the line for them any more
	return true
}

// detach lets the logs leave by the line again, from where the lane surely
// worked; false if they do not leave by that lane.
func (o *outbox) detach(l *lane) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lane.CompareAndSwap(l, nil) {
		return false
	}
	for _, f := range o.follows {
		f.rewind()
	}
	return true
}

// mark marks where the logs are, if they leave by a lane that works.
func (o *outbox) mark(l *lane) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lane.Load() != l {
		return
	}
	for _, f := range o.follows {
		f.mark(false)
	}
}

// collect hands everything that waits to the line. stale owe a snapshot, and
// last says that nothing follows.
func (o *outbox) collect(to outlet) (sum tally, stale []Resyncer, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum, stale = o.collectLocked(to)
	if last = !o.farewell.IsZero(); last {
		to.add(o.farewell)
	}
	return sum, stale, last
}

// collectPlain is collect, unless something waits that only the writer may
// do: a snapshot that is owed, or the end.
func (o *outbox) collectPlain(to outlet) (sum tally, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.farewell.IsZero() || len(o.queue.stale) > 0 {
		return tally{}, false
	}
	sum, _ = o.collectLocked(to)
	return sum, true
}

func (o *outbox) collectLocked(to outlet) (sum tally, stale []Resyncer) {
	if !o.answer.IsZero() {
		sum.add(to, o.answer)
		o.answer = wire.Packet{}
	}
	if o.ask {
		sum.add(to, pingFrame)
		o.ask = false
	}
	o.items, stale = o.queue.take(o.items[:0])
	for _, it := range o.items {
		if it.kind == stamp {
			it.packet.Stamp(float64(clock.Now()))
		}
		sum.add(to, it.packet)
	}
	o.queue.total.put(&o.sending, o.items)
	l := o.lane.Load()
	for _, f := range o.follows {
		if l == nil || !l.settled.Load() || f.behind {
			f.drain(to, &sum)
			f.behind = false
		}
	}
	o.items = emptied(o.items)
	return sum, stale
}

// sent says that the line has let go of what it was given.
func (o *outbox) sent() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.total.sent(&o.sending)
}

// waiting is how many bytes wait, in the line too.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.bytes + o.sending.size()
}

// slim drops what waits and may be dropped.
func (o *outbox) slim() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.slim()
}

// discard drops all that waits: nobody is there to read it.
func (o *outbox) discard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.end()
}

// dropped is how many messages this client has missed because it did not
// read them in time.
func (o *outbox) dropped() drops {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.dropped
}

// tally is what one turn hands to the line.
type tally struct{ frames, bytes uint64 }

func (t *tally) add(to outlet, p wire.Packet) {
	t.frames++
	t.bytes += uint64(to.add(p))
}

// pingFrame is a ping without data (RFC 6455 section 5.5.2).
var pingFrame = wire.Control(0x89, "")
