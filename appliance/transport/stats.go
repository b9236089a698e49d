package transport

import "sync/atomic"

// counters are what connections share: each write adds to them once.
type counters struct {
	frames, bytes, dropped, cut, lanes atomic.Uint64
}

// Stats is what a server holds now and what it has done since it was made.
type Stats struct {
	Open    int    // connections
	Waiting int    // bytes in all their queues
	Opened  uint64 // connections, ever
	Full    uint64 // refused: no place
	OnLane  int    // of Open, those with a lane
	Lanes   uint64 // that have come up, ever
	Cut     uint64 // ended by the box: silent, or not reading
	Frames  uint64 // sent
	Bytes   uint64 // sent
	Dropped uint64 // messages that a client was too slow for
}

// Stats takes a look at the server.
func (s *Server) Stats() Stats {
	st := Stats{
		Frames: s.counters.frames.Load(), Bytes: s.counters.bytes.Load(),
		Dropped: s.counters.dropped.Load(), Cut: s.counters.cut.Load(), Lanes: s.counters.lanes.Load(),
	}
	for _, c := range s.all() {
		st.Open++
		st.Dropped += c.Dropped()
		st.Waiting += c.waiting()
		if _, ok := c.OnLane(); ok {
			st.OnLane++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Opened, st.Full = s.opened, s.full
	return st
}

// waiting is how many bytes wait for this client.
func (c *Conn) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.bytes
}
