package frames

import (
	"sync/atomic"

	"downbeat.local/appliance/wire"
)

// Listener is one connection that reads room frames, and the place where it
// listens. It is the [Reader] that the connection follows.
type Listener struct {
	conn Conn
	log  *Log

	at    atomic.Uint32 // a wire.Place
	since atomic.Uint64 // the log's cursor when it came there: what was before is not for it
	moved atomic.Bool   // it has not read yet what sounds at its place
}

func (l *Listener) place() wire.Place { return wire.Place(l.at.Load()) }

// Move makes the connection listen at another place. It gets what sounds there, so
// that it ends what it hears no longer, and then every note from now on. The caller
// appends no note meanwhile.
func (l *Listener) Move(to wire.Place) {
	l.log.open(to)
	l.since.Store(l.log.end())
	l.at.Store(uint32(to))
	l.moved.Store(true)
}

// Head implements [Reader].
func (l *Listener) Head() uint64 { return l.log.Head() }

// Take implements [Reader].
func (l *Listener) Take(cursor uint64) (wire.Packet, uint64) {
	if l.moved.Load() && l.moved.Swap(false) {
		return l.log.summary(l.place()), max(cursor, l.since.Load())
	}
	for {
		at := l.place()
		p, next := l.log.Take(at, max(cursor, l.since.Load()))
		if l.place() == at { // else it may have taken notes that are not for it
			return p, next
		}
	}
}
