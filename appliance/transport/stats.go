package transport

import (
	"sync/atomic"

	"downbeat.local/appliance/count"
)

// counters are what connections share: each write adds to them once.
type counters struct {
	frames, bytes, lanes atomic.Uint64
	notes, states, lossy atomic.Uint64 // dropped
	flooded              atomic.Uint64 // messages of clients, dropped
	cut                  *count.Reasons
	refused              *count.Reasons
}

func newCounters() *counters {
	return &counters{
		cut:     count.ByReason(cutDeaf, cutFull, cutSilent, cutIdle, cutFullest),
		refused: count.ByReason("box_full", "caller_full", "awaited"),
	}
}

// add counts what a turn handed to a line.
func (c *counters) add(sum tally) {
	c.frames.Add(sum.frames)
	c.bytes.Add(sum.bytes)
}

// Why the box ends a connection.
const (
	cutDeaf    = "not_reading"
	cutFull    = "queue_full" // of what must not be dropped
	cutSilent  = "silent"
	cutIdle    = "never_joined"
	cutFullest = "all_queues_full" // together
)

// Stats is what a server holds now and what it has done since it was made.
type Stats struct {
	Open    int     // connections
	Waiting int     // bytes for all of them
	Opened  uint64  // connections, ever
	OnLane  int     // of Open, those with a lane
	Lanes   uint64  // that have come up, ever
	Packets Packets // of all lanes
	Flooded uint64  // messages over lanes that came too fast, and were dropped
	Frames  uint64  // sent
	Bytes   uint64  // sent

	Refused map[string]uint64 // connections, by who has no place: the box, or the caller
	Cut     map[string]uint64 // connections that the box ended, by why
	Dropped map[string]uint64 // messages that a client was too slow for, by kind
}

// Packets is the datagrams of lanes, acknowledgements and signs of life among
// them: what fills a radio's time.
type Packets struct {
	Sent, Received uint64
	Refused        uint64 // of strangers, or more than a client has to send
}

// packets is what has passed the socket of the lanes.
func (s *Server) packets() Packets {
	if s.lanes == nil {
		return Packets{}
	}
	g := s.lanes.mux.conn
	return Packets{Sent: g.sent.Load(), Received: g.received.Load(), Refused: g.refused.Load()}
}

// Stats takes a look at the server.
func (s *Server) Stats() Stats {
	st := Stats{
		Waiting: int(s.total.used.Load()),
		Frames:  s.counters.frames.Load(), Bytes: s.counters.bytes.Load(),
		Refused: s.counters.refused.All(), Cut: s.counters.cut.All(), Lanes: s.counters.lanes.Load(),
		Packets: s.packets(), Flooded: s.counters.flooded.Load(),
	}
	gone := drops{notes: s.counters.notes.Load(), states: s.counters.states.Load()}
	for _, c := range s.all() {
		st.Open++
		gone = gone.plus(c.out.dropped())
		if _, ok := c.OnLane(); ok {
			st.OnLane++
		}
	}
	st.Dropped = map[string]uint64{"late_note": gone.notes, "state": gone.states, "lane": s.counters.lossy.Load()}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Opened = s.opened
	return st
}

// drops is how many messages were dropped, by kind. State that was is resynced
// later.
type drops struct{ notes, states uint64 }

func (d drops) plus(e drops) drops { return drops{d.notes + e.notes, d.states + e.states} }
