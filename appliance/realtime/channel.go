package realtime

import (
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// Channel is one topic and its members.
type Channel struct {
	name   string // in the hub
	topic  string // on the wire
	pinned bool   // guarded by the hub

	roster atomic.Pointer[roster] // replaced whole, under mu

	mu        sync.Mutex // guards joining, leaving and presence
	presence  presence
	lingering []lingering // oldest first
}

// roster lists a channel's members. It is never changed, so a fan-out needs no
// lock.
type roster struct {
	all   []*Member
	plain []*Member // all that do not read room frames
}

func newChannel(name, topic string) *Channel {
	ch := &Channel{name: name, topic: topic, presence: make(presence)}
	ch.roster.Store(&roster{})
	return ch
}

// empty reports whether the channel has no members, lingering ones included.
func (ch *Channel) empty() bool {
	if len(ch.roster.Load().all) > 0 {
		return false
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return len(ch.lingering) == 0
}

// add adds a member. welcome answers their join; then the state of presence
// goes to them, before any change of it.
func (ch *Channel) add(m *Member, welcome func()) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	old := ch.roster.Load()
	next := &roster{all: appended(old.all, m), plain: old.plain}
	if !m.Frames() {
		next.plain = appended(old.plain, m)
	}
	ch.roster.Store(next) // before the answer: from then on the member must miss nothing
	welcome()
	if m.seesPresence() {
		ch.sendPresenceLocked(m)
	}
	if m.participant != nil {
		ch.trackLocked(m, nil)
	}
}

func (ch *Channel) remove(m *Member) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	old := ch.roster.Load()
	ch.roster.Store(&roster{all: without(old.all, m), plain: without(old.plain, m)})
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

// Members lists the members. The slice must not be changed.
func (ch *Channel) Members() []*Member { return ch.roster.Load().all }

// HasPlain reports whether any member needs notes and beats as JSON.
func (ch *Channel) HasPlain() bool { return len(ch.roster.Load().plain) > 0 }

// relay sends a broadcast to all members, and to its sender only if they want
// their own broadcasts back.
func (ch *Channel) relay(out *outgoing, from *Member) {
	out.each(ch.roster.Load().all, from, func(m *Member, p wire.Packet) { m.session.conn.Reply(p) })
}

// relayChange sends a broadcast about a row to all members, as sendChange does.
func (ch *Channel) relayChange(out *outgoing, by *table.Request) {
	out.each(ch.roster.Load().all, nil, func(m *Member, p wire.Packet) { m.sendChange(p, by) })
}

// Announce sends all members a change of the director's state. A client that
// does not keep up gets the whole state later instead. payload is JSON.
func (ch *Channel) Announce(event string, payload []byte) {
	out := newOutgoing(ch.topic, event, wire.JSON, payload)
	out.each(ch.roster.Load().all, nil, func(m *Member, p wire.Packet) { m.session.conn.State(p, m) })
}

// SendPlain sends a message that is worthless when late to the members that do
// not read room frames, those that may have it: nil is all. It skips the sender
// from, unless they want their own broadcasts back; from may be nil. payload is
// JSON.
func (ch *Channel) SendPlain(event string, payload []byte, from *Member, may func(Participant) bool) {
	out := newOutgoing(ch.topic, event, wire.JSON, payload)
	out.each(ch.roster.Load().plain, from, func(m *Member, p wire.Packet) {
		if m == from || may == nil || may(m.participant) {
			m.session.conn.Note(p)
		}
	})
}
