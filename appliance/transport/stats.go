package transport

import (
	"sync/atomic"

	"downbeat.local/appliance/count"
	"downbeat.local/appliance/rtc"
)

// counters are what all connections count in. A write adds to them once.
type counters struct {
	frames, bytes, lanes atomic.Uint64
	notes, states, lossy atomic.Uint64 // dropped
	flooded              atomic.Uint64 // messages from clients, dropped
	cut                  *count.Reasons
	refused              *count.Reasons
}

func newCounters() *counters {
	return &counters{
		cut:     count.ByReason(cutNotReading, cutQueueFull, cutSilent, cutNeverJoined, cutAllQueuesFull),
		refused: count.ByReason("box_full", "address_full", "caller_full", "awaited"),
	}
}

// add counts what one write handed to a stream.
func (c *counters) add(sum sentCount) {
	c.frames.Add(sum.frames)
	c.bytes.Add(sum.bytes)
}

// Why the box ends a connection.
const (
	cutNotReading    = "not_reading"
	cutQueueFull     = "queue_full" // of what must not be dropped
	cutSilent        = "silent"
	cutNeverJoined   = "never_joined"
	cutAllQueuesFull = "all_queues_full" // together
)

// Stats is what a server holds now and what it has done since it was made.
type Stats struct {
	Open    int         // connections
	Waiting int         // bytes for all of them
	Opened  uint64      // connections, ever
	OnLane  int         // of Open, those with a lane
	Lanes   uint64      // lanes, ever
	Packets rtc.Packets // of all lanes
	Flooded uint64      // messages over lanes that came too fast and were dropped
	Frames  uint64      // sent
	Bytes   uint64      // sent

	Refused map[string]uint64 // connections, by what had no place: the box, or the caller
	Cut     map[string]uint64 // connections that the box ended, by reason
	Dropped map[string]uint64 // messages to clients that were too slow, by kind
}

// packets returns what has passed the peers' socket.
func (s *Server) packets() rtc.Packets {
	if s.listener == nil {
		return rtc.Packets{}
	}
	return s.listener.Packets()
}

// Stats returns the server's figures.
func (s *Server) Stats() Stats {
	st := Stats{
		Waiting: int(s.total.used.Load()),
		Frames:  s.counters.frames.Load(), Bytes: s.counters.bytes.Load(),
		Refused: s.counters.refused.All(), Cut: s.counters.cut.All(), Lanes: s.counters.lanes.Load(),
		Packets: s.packets(), Flooded: s.counters.flooded.Load(),
	}
	dropped := dropCount{notes: s.counters.notes.Load(), states: s.counters.states.Load()}
	for _, c := range s.all() {
		st.Open++
		dropped = dropped.plus(c.out.dropped())
		if _, ok := c.OnLane(); ok {
			st.OnLane++
		}
	}
	st.Dropped = map[string]uint64{"late_note": dropped.notes, "state": dropped.states, "lane": s.counters.lossy.Load()}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Opened = s.opened
	return st
}

// dropCount is how many messages were dropped, by kind. A snapshot makes up for
// state.
type dropCount struct{ notes, states uint64 }

func (n dropCount) plus(m dropCount) dropCount {
	return dropCount{n.notes + m.notes, n.states + m.states}
}
