package transport

import (
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// lane is a peer attached to a connection: the way of what is worth nothing
// when it is late. What is lost on it stays lost; senders repeat.
type lane struct {
	peer    *peer
	number  uint32        // what its client calls it
	alone   bool          // its peer is all that its client has
	since   time.Duration // as monotonic time
	every   atomic.Int64  // between frames, as the client wants them: nanoseconds
	heard   atomic.Int64  // when something came over it, as monotonic time
	settled atomic.Bool   // the logs leave by it and no more by the line
	waiting chan laneItem // for its writer
	full    spell         // it takes no more
	over    spell         // its client says more than anybody has to
}

// laneItem is a packet for a lane.
type laneItem struct {
	packet wire.Packet
	stamp  bool // it is a clock reply, stamped when it is written
}

// laneQueue is how many packets wait for a lane's writer. They are handed over
// at once, so that a client whose SCTP is busy holds up nobody else; more than
// a few wait only then, or where every note of a class on the beat leaves by
// itself.
const laneQueue = 128

// defaultLaneInterval is how far apart room frames leave toward a client of
// whose network nothing is known: the least that a radio shared by a class
// bears.
const defaultLaneInterval = 5 * time.Millisecond

func newLane(p *peer, number uint32) *lane {
	l := &lane{peer: p, number: number, since: monotonic(), waiting: make(chan laneItem, laneQueue)}
	l.every.Store(int64(defaultLaneInterval))
	l.heard.Store(int64(l.since))
	return l
}

// loneLane is the lane of a peer that is a connection of its own: there is no
// line for it to take the place of.
func loneLane(p *peer) *lane {
	l := newLane(p, 0)
	l.alone = true
	l.settled.Store(true)
	return l
}

// laneBacklog is how much may wait for one client on its lane, bytes: half a
// dozen full packets. More would arrive too late to be heard, and a summary
// says all of it soon.
const laneBacklog = 8 << 10

// send hands a packet to the writer, and reports whether there was room.
func (l *lane) send(it laneItem) bool {
	select {
	case l.waiting <- it:
		return true
	default:
		return false
	}
}

// write sends a packet, and reports whether the channel took it.
func (l *lane) write(it laneItem) bool {
	if l.peer.notes.BufferedAmount() > laneBacklog {
		return false
	}
	if it.stamp {
		it.packet.Stamp(float64(clock.Now()))
	}
	_, err := l.peer.notes.WriteDataChannel(it.packet.Payload(), !it.packet.Binary()) // queues what cannot leave
	return err == nil
}

// writeLane sends what is handed to a lane until it ends.
func (c *Conn) writeLane(l *lane) {
	defer l.peer.end()
	defer c.recovered()
	for {
		select {
		case it := <-l.waiting:
			if !l.write(it) {
				c.missed(l, monotonic())
				continue
			}
			c.shared.frames.Add(1)
			c.shared.bytes.Add(uint64(len(it.packet.Payload())))
		case <-l.peer.over:
			return
		}
	}
}

// OnLane reports whether what is worth nothing when late leaves over a lane,
// and how far apart the client wants room frames there.
func (c *Conn) OnLane() (every time.Duration, ok bool) {
	l := c.out.lane.Load()
	if l == nil {
		return 0, false
	}
	return time.Duration(l.every.Load()), true
}

// LaneSettled reports whether the lane has taken the place of the line, so that
// a log that has grown needs no Wake.
func (c *Conn) LaneSettled() bool {
	l := c.out.lane.Load()
	return l != nil && l.settled.Load()
}

// SetLaneInterval sets how far apart the client wants room frames, for as long
// as this lane lasts.
func (c *Conn) SetLaneInterval(every time.Duration) {
	if l := c.out.lane.Load(); l != nil {
		l.every.Store(int64(every))
	}
}

// Lossy sends a packet over the lane at once. It is dropped if there is no
// lane, or the client does not keep up.
func (c *Conn) Lossy(p wire.Packet) {
	l := c.out.lane.Load()
	if l != nil && !l.send(laneItem{packet: p}) {
		c.missed(l, monotonic())
	}
}

// fullFor is how long a lane may be full, now and again, before the line takes
// its place: what is told once more on a lane is told for less. It is not full
// any more once it has taken everything for freeFor.
const (
	fullFor = 500 * time.Millisecond
	freeFor = 200 * time.Millisecond
)

// missed counts a packet that a lane did not take, and ends the lane if it has
// been full for long.
func (c *Conn) missed(l *lane, now time.Duration) {
	c.shared.lossy.Add(1)
	if l.full.lasts(now, freeFor) > fullFor {
		c.log.Debug("a lane is full, ending it", "addr", c.RemoteAddr())
		c.detach(l)
	}
}

// spell is a time during which something happens now and again.
type spell struct{ since, last atomic.Int64 } // monotonic time

// lasts says that it happens, and gives for how long it does: since it had not
// happened for gap.
func (s *spell) lasts(now, gap time.Duration) time.Duration {
	if now-time.Duration(s.last.Swap(int64(now))) > gap {
		s.since.Store(int64(now))
	}
	return now - time.Duration(s.since.Load())
}

// Linked reports whether the client said that it would have a lane, and so
// numbers what it sends again.
func (c *Conn) Linked() bool { return c.linked }

// attach gives the connection a lane, in place of the one it has.
func (c *Conn) attach(l *lane) {
	old := c.out.attach(l)
	c.shared.lanes.Add(1)
	if old != nil {
		old.peer.end()
	}
	select {
	case <-c.closed:
		l.peer.end() // the connection ended meanwhile
	default:
	}
}

// detach ends a lane. If it is still the connection's, the logs go on over the
// line.
func (c *Conn) detach(l *lane) {
	if c.out.detach(l) {
		c.Wake()
	}
	l.peer.end()
}

// DropLane ends the lane of that number, which the client has given up. One
// that came up since then stays: what a client says by the line may be late.
func (c *Conn) DropLane(number uint32) {
	if l := c.out.lane.Load(); l != nil && l.number == number {
		c.detach(l)
	}
}

// overFor is how long a client may say more over a lane than anybody has to,
// now and again, before he loses it. The gate makes pauses in a flood, which
// are shorter than calmFor.
const (
	overFor = time.Second
	calmFor = 3 * time.Second
)

// readLane hands what comes over a channel of a lane to the receiver until the
// channel ends, and the lane with it. A message of more than most bytes ends
// it. What comes too fast is read and dropped: left unread it would wait in
// SCTP, where each message costs more the more there are.
func (c *Conn) readLane(l *lane, channel *datachannel.DataChannel, most int) {
	defer l.peer.end()
	defer c.recovered()
	buffer := make([]byte, most)
	for {
		n, text, err := channel.ReadDataChannel(buffer)
		if err != nil {
			c.log.Debug("data channel ended", "addr", c.RemoteAddr(), "err", err)
			return
		}
		at := clock.Now()
		c.reads.Add(1)
		c.heardOn(l, monotonic())
		if c.inPace(n) {
			c.ear.tell(append([]byte(nil), buffer[:n]...), !text, at, l)
		} else if c.shared.flooded.Add(1); l.over.lasts(monotonic(), calmFor) > overFor {
			c.log.Debug("a lane is flooded, ending it", "addr", c.RemoteAddr())
			return
		}
	}
}

// overlap is how long the logs leave by both ways at least, when a lane is new:
// what is appended before the lane, and published after it, is told by nobody
// else. It is longer than room frames are ever apart.
const overlap = 250 * time.Millisecond

// heardOn notes that a lane works.
func (c *Conn) heardOn(l *lane, now time.Duration) {
	last := time.Duration(l.heard.Swap(int64(now)))
	if now/markEvery != last/markEvery {
		c.out.mark(l)
	}
	if !l.settled.Load() && now-l.since > overlap && c.out.settle(l) {
		c.Wake()
	}
}

// laneTimeout is how long a lane may be silent: the client asks for the time
// every two seconds.
const laneTimeout = 10 * time.Second

// lookLane ends a lane that nothing comes over any more; the janitor calls it.
// A peer that stands alone is watched as a line.
func (c *Conn) lookLane(now time.Duration) {
	l := c.out.lane.Load()
	if l != nil && !l.alone && now-time.Duration(l.heard.Load()) > laneTimeout {
		c.detach(l)
	}
}
