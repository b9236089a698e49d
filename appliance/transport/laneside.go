package transport

import (
	"sync/atomic"
	"time"

	"downbeat.local/appliance/rtc"
	"downbeat.local/appliance/wire"
)

// laneSide is the half of a connection that may lose packets: its lane, if it
// has one.
type laneSide struct {
	conn   *Conn
	coming atomic.Pointer[rtc.Peer] // that may become the lane once it has connected
}

// OnLane reports whether the connection has a lane, and how far apart the
// client wants room frames there.
func (s *laneSide) OnLane() (every time.Duration, ok bool) {
	l := s.lane()
	if l == nil {
		return 0, false
	}
	return time.Duration(l.every.Load()), true
}

// LaneSettled reports whether logs leave over the lane alone, so that a log that
// has grown needs no Wake.
func (s *laneSide) LaneSettled() bool {
	l := s.lane()
	return l != nil && l.settled.Load()
}

// SetLaneInterval sets how far apart the client wants room frames, for as long
// as this lane lasts.
func (s *laneSide) SetLaneInterval(every time.Duration) {
	if l := s.lane(); l != nil {
		l.every.Store(int64(every))
	}
}

// Lossy sends a packet over the lane at once. It drops the packet if there is no
// lane, or if the client does not keep up.
func (s *laneSide) Lossy(p wire.Packet) {
	if l := s.lane(); l != nil && !l.send(lanePacket{packet: p}) {
		l.missed(monotonic())
	}
}

// DropLane ends the lane of that number, which the client has given up. A lane
// that came up since stays, because the client's word may be late.
func (s *laneSide) DropLane(number uint32) {
	if l := s.lane(); l != nil && l.number == number {
		s.detach(l)
	}
}

func (s *laneSide) lane() *lane { return s.conn.out.lane.Load() }

// expect makes a peer the one that may become the lane. It ends the one that was
// expected before, because a connection needs only one.
func (s *laneSide) expect(p *rtc.Peer) {
	if old := s.coming.Swap(p); old != nil {
		old.End()
	}
}

// attach gives the connection a lane, in place of the one it has.
func (s *laneSide) attach(l *lane) {
	old := s.conn.out.attach(l)
	s.conn.shared.lanes.Add(1)
	if old != nil {
		old.peer.End()
	}
	if s.conn.isClosed() {
		l.peer.End() // the connection ended meanwhile
	}
}

// detach ends a lane. If it is still the connection's, the logs go on over the
// stream.
func (s *laneSide) detach(l *lane) {
	if s.conn.out.detach(l) {
		s.conn.Wake()
	}
	l.peer.End()
}

// end ends the lane and the peer that may become one.
func (s *laneSide) end() {
	if l := s.lane(); l != nil {
		l.peer.End()
	}
	if p := s.coming.Load(); p != nil {
		p.End()
	}
}

// laneTimeout is how long a lane may be silent. Clients ask for the time every
// two seconds.
const laneTimeout = 10 * time.Second

// check ends a silent lane. A lone peer is watched by its stream instead.
func (s *laneSide) check(now time.Duration) {
	l := s.lane()
	if l != nil && !l.lone && now-time.Duration(l.heard.Load()) > laneTimeout {
		s.detach(l)
	}
}
