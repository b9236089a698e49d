// Package transport is a client's connection to the box: encoded messages on one
// side, sockets on the other.
//
// A [Conn] has a reliable stream, which is a WebSocket or the reliable data
// channel of a WebRTC peer. Everything that waits for the client leaves over it
// in one write: the messages in its queue, and the unread part of each log that
// it follows. Queues are bounded; overflow.go says what a full one does.
//
// Besides its stream a connection may have a lane: the data channels of a peer,
// over which packets may get lost. What is useless when late leaves over the
// lane at once. Once the lane has settled, the logs leave over it alone. When
// the lane ends, they go on over the stream from where the lane still worked.
// A lane has a writer of its own, so a client that blocks its lane delays
// no other.
//
// What a client sends, over the stream or the lane, goes to one [Receiver]. A
// client is read at a limited pace. Beyond it, messages wait in the client's own
// socket, and messages over a lane are dropped.
//
// A [Server] upgrades requests, answers offers and owns every connection. Its
// Run returns after the last connection has ended. Connections have no timers:
// one janitor checks all of them once a second, and closes those that are
// silent, do not read, or never joined.
//
// The package knows bytes and times, not topics, rooms or notes.
package transport

import (
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Limits bound what one connection may hold or keep waiting. Zero fields mean
// the defaults named beside them.
type Limits struct {
	Clients      int           // connections at once: DefaultClients
	Each         int           // of Clients, for one caller: DefaultEach
	Shared       int           // of Clients, for one address with only a key: DefaultShared
	Network      int           // of Clients, for one network without staff: DefaultNetwork
	Reserve      int           // of Clients, for staff alone: DefaultReserve
	Notes        int           // note messages that may wait: DefaultNotes
	State        int           // state messages that may wait: DefaultState
	Bytes        int           // bytes that may wait, of all kinds: DefaultBytes
	Total        int           // bytes that may wait for all connections: DefaultTotal
	Pace         int           // messages a second read from one client: DefaultPace
	WriteTimeout time.Duration // how long one write may block: DefaultWriteTimeout
	IdleTimeout  time.Duration // silence, pongs included, before closing: DefaultIdleTimeout
	GreetTimeout time.Duration // from connecting to the first join: DefaultGreetTimeout
	// Refused is told of a caller that found no place, or lost one to another. It
	// must not block. Nil tells nobody.
	Refused func(Caller)
}

// Defaults of [Limits].
const (
	DefaultClients = 512
	// DefaultEach allows a student many tabs, those included whose end the box
	// has not noticed yet.
	DefaultEach = 8
	// DefaultShared allows a program that connects for a whole class.
	DefaultShared = 128
	// DefaultNetwork allows a class of forty behind one address, each with two
	// tabs, and as many again whose end the box has not noticed yet.
	DefaultNetwork = 160
	// DefaultReserve keeps places for teachers when students have taken the
	// rest.
	DefaultReserve = 32
	// DefaultNotes is two bars of sixteenths by four players. Older notes are
	// not worth hearing.
	DefaultNotes = 128
	DefaultState = 256
	// DefaultBytes has room for the largest frame of a service key.
	DefaultBytes = 2 * wire.MaxServiceFrame
	// DefaultTotal is enough for a class that is a second of notes behind and a
	// dozen clients that read nothing. A small computer has that to spare.
	DefaultTotal = 64 << 20
	// DefaultWriteTimeout is what Tailscale's DERP gives a slow reader.
	DefaultWriteTimeout = 2 * time.Second
	// DefaultIdleTimeout is Phoenix's own.
	DefaultIdleTimeout  = 60 * time.Second
	DefaultGreetTimeout = 30 * time.Second
)

// pingAfter is how long a connection may be silent before the box pings it.
// Browsers answer pings even in a throttled tab.
const pingAfter = 10 * time.Second

func (l Limits) withDefaults() Limits {
	fill := func(n *int, def int) {
		if *n == 0 {
			*n = def
		}
	}
	fillTime := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	fill(&l.Clients, DefaultClients)
	fill(&l.Each, DefaultEach)
	fill(&l.Shared, DefaultShared)
	fill(&l.Network, DefaultNetwork)
	fill(&l.Reserve, DefaultReserve)
	fill(&l.Notes, DefaultNotes)
	fill(&l.State, DefaultState)
	fill(&l.Bytes, DefaultBytes)
	fill(&l.Total, DefaultTotal)
	fill(&l.Pace, DefaultPace)
	fillTime(&l.WriteTimeout, DefaultWriteTimeout)
	fillTime(&l.IdleTimeout, DefaultIdleTimeout)
	fillTime(&l.GreetTimeout, DefaultGreetTimeout)
	return l
}

// Receiver takes what a client sends. Its methods are called one at a time and
// must not block. Messages over one stream or channel come in order.
type Receiver interface {
	// Receive takes one message, which it may keep. at is the box clock when
	// the message was read.
	Receive(message []byte, binary bool, at clock.Millis)
	// TooLong says that a message over the read limit was dropped. outline is what
	// is left of it (wire.Outline).
	TooLong(outline []byte, binary bool)
	// Closed is the last call. left says that the client hung up on purpose.
	// Otherwise the network lost it, and it may be back in a moment.
	Closed(left bool)
}

// Log is a shared record that connections follow, each with a cursor of its own.
// It is an alias, so that packages can use a Conn's Follow without importing
// this one.
type Log = interface {
	// Head returns the cursor behind the last entry.
	Head() uint64
	// Take returns one message of what was published from cursor on, or zero if
	// nothing was, and the cursor for the next call.
	Take(cursor uint64) (p wire.Packet, next uint64)
}

// Resyncer is a source of state that can send all of it at once.
type Resyncer = interface {
	// Resync sends a snapshot in place of the state messages that were dropped.
	// The connection's writer calls it without holding a lock.
	Resync()
}
