// Package frames sends a room's notes to the connections in the room, as room
// frames.
//
// A [Log] holds the latest notes. [Listeners] are the connections that read
// room frames, each at a place: a place is where the same notes are heard, as in
// a group of the class. A connection without a lane follows the log: a
// [SocketPacer] says when, and the connection takes what it has not read. A
// connection with a lane gets packets that may be lost: a [LanePacer] sends them,
// repeats each event for a while and summarises what sounds.
//
// Nothing here waits for a connection, and each frame is encoded once for all
// connections that need the same. The package knows no rules of music and no
// channels. Its owner appends a note and pokes both pacers.
package frames

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/wire"
)

// Conn is a client's connection, as far as room frames use it. None of its
// methods blocks.
type Conn interface {
	// Follow sends what is published in a log from now on. The connection looks
	// for it at every Wake and Deliver.
	Follow(log Reader)
	// Unfollow ends a Follow.
	Unfollow(log Reader)
	// Wake sends what waits soon, together with what comes meanwhile.
	Wake()
	// Deliver sends what waits at once, unless the network would block.
	Deliver()
	// MayRepeat reports whether the client may send a message twice, once over a
	// lane, and so numbers what it sends.
	MayRepeat() bool
	// OnLane reports whether the client has a lane, and how far apart it wants
	// room frames there.
	OnLane() (every time.Duration, ok bool)
	// SetLaneInterval sets that interval for as long as the lane lasts.
	SetLaneInterval(every time.Duration)
	// LaneSettled reports whether frames leave by the lane alone. Until then
	// the logs that the client follows leave by its socket too.
	LaneSettled() bool
	// Lossy sends a packet over the lane at once, or drops it.
	Lossy(p wire.Packet)
}

// Reader is the side of a log that connections read, each from its own cursor.
type Reader = interface {
	Head() uint64
	Take(cursor uint64) (p wire.Packet, next uint64)
}

// Listeners is the connections in one room that read room frames. Its methods
// may be called from any goroutine.
type Listeners struct {
	log *Log

	mu   sync.Mutex                  // held while the list is replaced
	list atomic.Pointer[[]*Listener] // never changed, so that sending needs no lock
}

// NewListeners returns an empty list for a log. Connections follow the log
// while they are in the list.
func NewListeners(log *Log) *Listeners {
	l := &Listeners{log: log}
	l.list.Store(new([]*Listener))
	return l
}

// Add adds a connection at a place.
func (l *Listeners) Add(c Conn, at wire.Place) *Listener {
	l.log.open(at)
	one := &Listener{conn: c, log: l.log}
	one.at.Store(uint32(at))
	c.Follow(one)
	l.mu.Lock()
	defer l.mu.Unlock()
	next := append(slices.Clip(*l.list.Load()), one)
	l.list.Store(&next)
	return one
}

// Remove undoes an Add. A client that joins again may be in the list twice for
// a moment.
func (l *Listeners) Remove(one *Listener) {
	one.conn.Unfollow(one)
	l.mu.Lock()
	defer l.mu.Unlock()
	next := slices.Clone(*l.list.Load())
	if i := slices.Index(next, one); i >= 0 {
		next = slices.Delete(next, i, i+1)
	}
	l.list.Store(&next)
}

// Wake wakes the connections whose frames leave by their socket: the log has
// grown, and something new is heard at some places. With atOnce it sends from here,
// which is best for a frame that comes alone.
func (l *Listeners) Wake(heard wire.Places, atOnce bool) {
	for _, one := range *l.list.Load() {
		switch {
		case !heard.Has(one.place()):
		case one.conn.LaneSettled(): // its frames come through Send
		case atOnce:
			one.conn.Deliver()
		default:
			one.conn.Wake()
		}
	}
}

// streamKey says which lanes get the same frames: those at one place that want
// them equally far apart.
type streamKey struct {
	every time.Duration // AnyInterval stands for all intervals
	at    wire.Place
}

// name names the stream in the marks of its frames. Where everything is heard it is
// the interval in milliseconds, which is below groupNames.
func (k streamKey) name() uint8 {
	if k.at == wire.PlaceAll {
		return uint8(max(0, k.every/time.Millisecond))
	}
	return groupNames + uint8(k.at)*(uint8(maxInterval/intervalStep)+1) + uint8(max(0, k.every/intervalStep))
}

// groupNames is the first name of a stream for a place where not everything is heard.
const groupNames = 32

// AnyInterval stands for all intervals of lanes.
const AnyInterval time.Duration = -1

// streams appends the streams that the lanes want, each once. With anyInterval
// there is one for each place.
func (l *Listeners) streams(all []streamKey, anyInterval bool) []streamKey {
	for _, one := range *l.list.Load() {
		every, ok := one.conn.OnLane()
		if anyInterval {
			every = AnyInterval
		}
		if key := (streamKey{every: every, at: one.place()}); ok && !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all
}

// send sends a packet over every lane of a stream.
func (l *Listeners) send(p wire.Packet, to streamKey) {
	for _, one := range *l.list.Load() {
		if every, ok := one.conn.OnLane(); ok && one.place() == to.at && (to.every == AnyInterval || every == to.every) {
			one.conn.Lossy(p)
		}
	}
}
