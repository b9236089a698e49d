package realtime

import "sync/atomic"

// counters count what a hub does; hot paths add to them and nothing more.
type counters struct {
	received, broadcasts, joins, refused, limited, denied, changes atomic.Uint64
}

// Stats is what a hub holds now and what it has done since it was made.
type Stats struct {
	Sessions  int // connections
	Channels  int
	Members   int // of all channels
	Present   int // entries of presence, those too that are only missed
	Listeners int // members who hear changes of tables

	Received   uint64 // messages from clients
	Broadcasts uint64 // that were relayed unchanged
	Joins      uint64
	Refused    uint64 // joins
	Limited    uint64 // messages that were too many or too large
	Denied     uint64 // joins and broadcasts that the policy does not allow
	Changes    uint64 // of tables, once for each listener
}

// Stats takes a look at the hub.
func (h *Hub) Stats() Stats {
	c := &h.counters
	s := Stats{
		Received: c.received.Load(), Broadcasts: c.broadcasts.Load(),
		Joins: c.joins.Load(), Refused: c.refused.Load(),
		Limited: c.limited.Load(), Denied: c.denied.Load(), Changes: c.changes.Load(),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Sessions, s.Channels, s.Listeners = len(h.sessions), len(h.channels), len(h.listeners)
	for _, ch := range h.channels {
		s.Members += len(ch.Members())
		s.Present += ch.present()
	}
	return s
}

func (ch *Channel) present() (n int) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for _, members := range ch.crowd {
		n += len(members)
	}
	return n
}
