package transport

import (
	"sync/atomic"
	"time"

	"downbeat.local/appliance/rtc"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// lane is a peer attached to a connection. It carries what is useless when late.
// A packet that the lane loses stays lost; senders repeat what matters.
type lane struct {
	conn    *Conn
	peer    *rtc.Peer
	number  uint32          // the client's, to name the lane by
	lone    bool            // the client has no WebSocket
	since   time.Duration   // monotonic
	every   atomic.Int64    // nanoseconds between frames, as the client wants them
	heard   atomic.Int64    // when a message last came over it, monotonic
	settled atomic.Bool     // the logs leave over it and no longer over the stream
	waiting chan lanePacket // for its writer
	full    faultStreak     // it takes no packet
	flooded faultStreak     // its client sends too much
}

// lanePacket is a packet for a lane.
type lanePacket struct {
	packet wire.Packet
	stamp  bool // it is a clock reply, stamped when it is written
}

// laneQueue is how many packets may wait for a lane's writer. The writer takes
// each at once unless the client's SCTP is busy. Apart from that, more than a few
// wait only if a class plays on the beat and each note leaves by itself.
const laneQueue = 128

// defaultLaneInterval is how far apart room frames leave for a client whose
// network is not known: as often as a radio can bear that a class shares.
const defaultLaneInterval = 5 * time.Millisecond

func newLane(c *Conn, p *rtc.Peer, number uint32) *lane {
	l := &lane{conn: c, peer: p, number: number, since: monotonic(), waiting: make(chan lanePacket, laneQueue)}
	l.every.Store(int64(defaultLaneInterval))
	l.heard.Store(int64(l.since))
	return l
}

// newLoneLane makes the lane of a lone peer. It has no WebSocket to take the
// place of, so it starts out settled.
func newLoneLane(c *Conn, p *rtc.Peer) *lane {
	l := newLane(c, p, 0)
	l.lone = true
	l.settled.Store(true)
	return l
}

// laneBacklog is how many bytes may wait in one client's lane: half a dozen full
// packets. More would arrive too late to be heard, and a summary repeats it
// soon.
const laneBacklog = 8 << 10

// send hands a packet to the writer, and reports whether there was room.
func (l *lane) send(p lanePacket) bool {
	select {
	case l.waiting <- p:
		return true
	default:
		return false
	}
}

// write sends what is handed to the lane until it ends.
func (l *lane) write() {
	defer l.peer.End()
	defer l.conn.recovered()
	for {
		select {
		case p := <-l.waiting:
			if !l.writePacket(p) {
				l.missed(monotonic())
				continue
			}
			l.conn.shared.frames.Add(1)
			l.conn.shared.bytes.Add(uint64(len(p.packet.Payload())))
		case <-l.peer.Done():
			return
		}
	}
}

// writePacket reports whether the channel took the packet.
func (l *lane) writePacket(p lanePacket) bool {
	if l.peer.Notes.Waiting() > laneBacklog {
		return false
	}
	if p.stamp {
		p.packet.Stamp(float64(clock.Now()))
	}
	return l.peer.Notes.Write(p.packet.Payload(), !p.packet.Binary()) == nil
}

// fullFor is how long a lane may be full, with breaks, before the stream takes
// its place: a lane sends everything more than once, the stream only once. The
// lane counts as free again once it has taken every packet for freeFor.
const (
	fullFor = 500 * time.Millisecond
	freeFor = 200 * time.Millisecond
)

// missed counts a packet that the lane did not take, and ends the lane if it has
// been full for long.
func (l *lane) missed(now time.Duration) {
	l.conn.shared.lossy.Add(1)
	if l.full.lasts(now, freeFor) > fullFor {
		l.conn.log.Debug("a lane is full, ending it", "addr", l.conn.RemoteAddr())
		l.conn.detach(l)
	}
}

// floodFor is how long a client may send too much over its lane, with breaks,
// before the lane ends. The packet filter makes breaks in a flood, which are
// shorter than calmFor.
const (
	floodFor = time.Second
	calmFor  = 3 * time.Second
)

// read hands what comes over one of the lane's channels to the receiver, until
// the channel ends, and the lane with it. A message that is too long for the
// channel ends it. Messages that come too fast are read and dropped. Left unread
// they would wait in SCTP, where each costs more the more there are.
func (l *lane) read(from *rtc.Channel) {
	defer l.peer.End()
	defer l.conn.recovered()
	c, buffer := l.conn, make([]byte, from.MaxMessage())
	for {
		n, text, err := from.Read(buffer)
		if err != nil {
			c.log.Debug("data channel ended", "addr", c.RemoteAddr(), "err", err)
			return
		}
		at := clock.Now()
		c.idle.reads.Add(1)
		c.signs.message.set(at)
		l.works(monotonic())
		if c.pace.allow(n) {
			c.inbox.receive(append([]byte(nil), buffer[:n]...), !text, at, l)
		} else if c.shared.flooded.Add(1); l.flooded.lasts(monotonic(), calmFor) > floodFor {
			c.log.Debug("a lane is flooded, ending it", "addr", c.RemoteAddr())
			return
		}
	}
}

// overlap is how long the logs leave both ways when a lane is new. What is
// appended before the lane came up and published after it goes over the stream
// alone. overlap is longer than the longest interval between room frames.
const overlap = 250 * time.Millisecond

// works records that a message came over the lane.
func (l *lane) works(now time.Duration) {
	last := time.Duration(l.heard.Swap(int64(now)))
	if now/markEvery != last/markEvery {
		l.conn.out.mark(l)
	}
	if !l.settled.Load() && now-l.since > overlap && l.conn.out.settle(l) {
		l.conn.Wake()
	}
}

// faultStreak measures how long something has been going wrong, with breaks.
type faultStreak struct{ since, last atomic.Int64 } // monotonic

// lasts records a fault and returns how long the streak has lasted. A break
// longer than gap starts a new one.
func (s *faultStreak) lasts(now, gap time.Duration) time.Duration {
	if now-time.Duration(s.last.Swap(int64(now))) > gap {
		s.since.Store(int64(now))
	}
	return now - time.Duration(s.since.Load())
}
