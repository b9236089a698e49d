package realtime

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/wire"
)

// Channel is everybody who joined a topic.
type Channel struct {
	name  string // in the hub
	topic string // on the wire
	kept  bool   // guarded by the hub

	roll atomic.Pointer[roll] // replaced whole, under mu

	mu     sync.Mutex // guards who enters and leaves, and presence
	crowd  presence
	ghosts []ghost // of those who were lost, oldest first
}

// roll lists a channel's members. It is never changed, so a fan-out needs no
// lock.
type roll struct {
	all    []*Member
	plain  []*Member // those that do not read room frames
	framed []*Member // those that do
}

func newChannel(name, topic string) *Channel {
	ch := &Channel{name: name, topic: topic, crowd: make(presence)}
	ch.roll.Store(&roll{})
	return ch
}

// empty reports whether nobody is in the channel, nor may be back.
func (ch *Channel) empty() bool {
	if len(ch.roll.Load().all) > 0 {
		return false
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return len(ch.ghosts) == 0
}

// add enters a member: welcome answers his join, and then he is told who is
// here before he hears of any change.
func (ch *Channel) add(m *Member, welcome func()) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	old := ch.roll.Load()
	next := &roll{all: appended(old.all, m), plain: old.plain, framed: old.framed}
	if m.Frames() {
		next.framed = appended(old.framed, m)
	} else {
		next.plain = appended(old.plain, m)
	}
	ch.roll.Store(next) // first: who has been told that he is in must miss nothing
	welcome()
	if m.seesPresence() {
		ch.sendPresenceLocked(m)
	}
	if m.part != nil {
		ch.trackLocked(m, nil)
	}
}

func (ch *Channel) remove(m *Member) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	old := ch.roll.Load()
	ch.roll.Store(&roll{all: without(old.all, m), plain: without(old.plain, m), framed: without(old.framed, m)})
	if !ch.lingerLocked(m) {
		ch.untrackLocked(m)
	}
}

func appended(members []*Member, m *Member) []*Member {
	return append(members[:len(members):len(members)], m)
}

func without(members []*Member, m *Member) []*Member {
	kept := make([]*Member, 0, len(members))
	for _, other := range members {
		if other != m {
			kept = append(kept, other)
		}
	}
	return kept
}

// Members is everybody who is in the channel now.
func (ch *Channel) Members() []*Member { return ch.roll.Load().all }

// HasPlain reports whether anybody needs notes and beats as JSON.
func (ch *Channel) HasPlain() bool { return len(ch.roll.Load().plain) > 0 }

// relay sends a member's words to everybody else, and to him if he asked.
func (ch *Channel) relay(out *outgoing, from *Member) {
	out.each(ch.roll.Load().all, from, func(m *Member, p wire.Packet) { m.session.conn.Reply(p) })
}

// Announce sends everybody a change of the directed state. A client that
// does not keep up gets the whole state later instead. payload is JSON.
func (ch *Channel) Announce(event string, payload []byte) {
	out := newOutgoing(ch.topic, event, wire.JSON, payload)
	out.each(ch.roll.Load().all, nil, func(m *Member, p wire.Packet) { m.session.conn.State(p, m) })
}

// Sound sends everybody who does not read room frames something that is
// worth nothing when it is late. from is left out unless he hears himself;
// nil leaves out nobody. payload is JSON.
func (ch *Channel) Sound(event string, payload []byte, from *Member) {
	out := newOutgoing(ch.topic, event, wire.JSON, payload)
	out.each(ch.roll.Load().plain, from, func(m *Member, p wire.Packet) { m.session.conn.Note(p) })
}

// Wake tells everybody who reads room frames that there is one; at once
// delivers it from here, which suits one that does not come with others.
func (ch *Channel) Wake(atOnce bool) {
	for _, m := range ch.roll.Load().framed {
		if m.session.conn.LaneSettled() {
			continue // the frame clock serves him
		}
		if atOnce {
			m.session.conn.Deliver()
		} else {
			m.session.conn.Wake()
		}
	}
}

// AnyInterval stands for all intervals of room frames.
const AnyInterval time.Duration = -1

// Lanes appends the intervals that those want who read room frames over a
// lane, each once.
func (ch *Channel) Lanes(intervals []time.Duration) []time.Duration {
	for _, m := range ch.roll.Load().framed {
		if every, ok := m.session.conn.OnLane(); ok && !slices.Contains(intervals, every) {
			intervals = append(intervals, every)
		}
	}
	return intervals
}

// Lossy sends a packet to everybody who reads room frames over a lane at that
// interval.
func (ch *Channel) Lossy(p wire.Packet, interval time.Duration) {
	for _, m := range ch.roll.Load().framed {
		if every, ok := m.session.conn.OnLane(); ok && (interval == AnyInterval || every == interval) {
			m.session.conn.Lossy(p)
		}
	}
}

// outgoing is one broadcast on its way to many. Each form is encoded when the
// first listener needs it.
type outgoing struct {
	topic, event string
	enc          wire.Encoding
	meta         []byte
	payload      []byte
	verbatim     []byte // the payload of a text broadcast, passed on as it is

	forms [shapes]wire.Packet
	none  [shapes]bool // that there is no such form
}

func newOutgoing(topic, event string, enc wire.Encoding, payload []byte) *outgoing {
	return &outgoing{topic: topic, event: event, enc: enc, payload: payload}
}

func newVerbatim(topic string, payload []byte) *outgoing {
	return &outgoing{topic: topic, verbatim: payload}
}

// each hands every member who may read it his form of the broadcast. from is
// left out unless he hears himself.
func (o *outgoing) each(members []*Member, from *Member, send func(*Member, wire.Packet)) {
	for _, m := range members {
		if m == from && !m.self || !m.rights().BroadcastRead {
			continue
		}
		if p, ok := o.form(m.session.shape()); ok {
			send(m, p)
		}
	}
}

// shape is one of the forms that a broadcast has.
type shape uint8

const (
	oldText shape = iota // serializer 1
	newText              // serializer 2 of stock Phoenix, which knows no kind 4
	binary               // serializer 2 of Supabase
	shapes
)

// form is the message in a shape; false if there is none.
func (o *outgoing) form(as shape) (wire.Packet, bool) {
	if o.forms[as].IsZero() && !o.none[as] {
		p, ok := o.encode(as)
		o.forms[as], o.none[as] = p, !ok
	}
	return o.forms[as], !o.none[as]
}

func (o *outgoing) encode(as shape) (wire.Packet, bool) {
	version := wire.V2
	if as == oldText {
		version = wire.V1
	}
	switch {
	case o.verbatim != nil:
		return wire.Envelope(version, wire.Ref{}, wire.Ref{}, o.topic, "broadcast", o.verbatim), true
	case as == binary:
		p, err := wire.UserBroadcast(o.topic, o.event, o.meta, o.enc, o.payload)
		return p, err == nil
	case o.enc == wire.Binary:
		return wire.Packet{}, false // text has no bytes
	}
	return wire.Envelope(version, wire.Ref{}, wire.Ref{}, o.topic, "broadcast", wire.BroadcastPayload(o.event, o.meta, o.payload)), true
}
