// Package frames sends a room's notes to the connections in the room, as room
// frames.
//
// A [Log] holds the latest notes. [Listeners] are the connections that read
// room frames. A connection without a lane follows the log: a [SocketPacer]
// says when, and the connection takes what it has not read. A connection with
// a lane gets packets that may be lost: a [LanePacer] sends them, repeats each
// event for a while and summarises what sounds.
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
	log Reader

	mu   sync.Mutex             // held while the list is replaced
	list atomic.Pointer[[]Conn] // never changed, so that sending needs no lock
}

// NewListeners returns an empty list for a log. Connections follow the log
// while they are in the list.
func NewListeners(log Reader) *Listeners {
	l := &Listeners{log: log}
	l.list.Store(new([]Conn))
	return l
}

// Add adds a connection.
func (l *Listeners) Add(c Conn) {
	c.Follow(l.log)
	l.mu.Lock()
	defer l.mu.Unlock()
	next := append(slices.Clip(*l.list.Load()), c)
	l.list.Store(&next)
}

// Remove undoes one Add. A client that joins again may be in the list twice for
// a moment.
func (l *Listeners) Remove(c Conn) {
	c.Unfollow(l.log)
	l.mu.Lock()
	defer l.mu.Unlock()
	next := slices.Clone(*l.list.Load())
	if i := slices.Index(next, c); i >= 0 {
		next = slices.Delete(next, i, i+1)
	}
	l.list.Store(&next)
}

// Wake wakes the connections whose frames leave by their socket: the log has
// grown. With atOnce it sends from here, which is best for a frame that comes
// alone.
func (l *Listeners) Wake(atOnce bool) {
	for _, c := range *l.list.Load() {
		switch {
		case c.LaneSettled(): // its frames come through Send
		case atOnce:
			c.Deliver()
		default:
			c.Wake()
		}
	}
}

// AnyInterval stands for all intervals of lanes.
const AnyInterval time.Duration = -1

// Intervals appends the intervals that the lanes want, each once.
func (l *Listeners) Intervals(all []time.Duration) []time.Duration {
	for _, c := range *l.list.Load() {
		if every, ok := c.OnLane(); ok && !slices.Contains(all, every) {
			all = append(all, every)
		}
	}
	return all
}

// Send sends a packet over every lane that wants frames at that interval.
func (l *Listeners) Send(p wire.Packet, interval time.Duration) {
	for _, c := range *l.list.Load() {
		if every, ok := c.OnLane(); ok && (interval == AnyInterval || every == interval) {
			c.Lossy(p)
		}
	}
}
