// Package transport is a client's connection to the box, with sockets on one
// side and encoded messages on the other.
//
// A [Conn] has a line, which is a WebSocket or a reliable data channel, with one
// reader and one writer. Whatever waits for the client leaves in one write: its
// queue, and the part of each log that it follows. The queue is bounded, and
// what happens when it is full depends on what waits:
//
//   - Notes: the oldest is dropped, for a late note is worse than none.
//   - State: all of it is dropped, and once the client reads again its source
//     is asked for a snapshot.
//   - Replies and words: none is dropped. Notes and then state make room for
//     them; where that is not enough the connection is closed, which its client
//     notices and mends.
//
// A client is read no faster than anybody has to speak; who sends more waits in
// his own socket, or, if he is a peer that stands alone, in SCTP, which gives
// him up when he goes on.
//
// All queues together are bounded too. When they hold too much, whoever has
// most waiting makes room in the same order: notes and state, and then the
// connection. Staff come last.
//
// Beside its line a connection may have a lane, the data channels of a WebRTC
// peer. While it has one, what is worth nothing when it is late leaves over it
// at once, and once the lane has settled the logs that the connection follows
// rest; when the lane ends they go on over the line, from where the lane surely
// worked. What a client sends over either is told to the same [Receiver]. A
// lane has a writer of its own, so that whatever a client does to his end holds
// up nobody else, and what comes over it faster than anybody has to say is
// dropped. All peers share one UDP port, whose gate holds strangers and floods
// back.
//
// A [Server] upgrades requests, answers offers and owns every connection: its
// Run returns after the last of them has ended. It keeps no timer and no
// deadline for a connection that is there; one janitor looks at all of them
// once a second and closes those that are silent, that never read, or that
// never said what they came for.
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
	Each         int           // of them of one caller: DefaultEach
	Shared       int           // of them of one address with a key alone: DefaultShared
	Reserve      int           // of them that only staff may have: DefaultReserve
	Notes        int           // note messages that may wait: DefaultNotes
	State        int           // state messages that may wait: DefaultState
	Bytes        int           // bytes that may wait, all kinds: DefaultBytes
	Total        int           // bytes that may wait for all connections: DefaultTotal
	Pace         int           // messages a second that are read of it: DefaultPace
	WriteTimeout time.Duration // how long one write may block: DefaultWriteTimeout
	IdleTimeout  time.Duration // silence, pongs included, before closing: DefaultIdleTimeout
	GreetTimeout time.Duration // from connecting to the first join: DefaultGreetTimeout
}

// Defaults of [Limits].
const (
	DefaultClients = 512
	// DefaultEach is a child with many tabs, or tabs that have not ended yet.
	DefaultEach = 8
	// DefaultShared is a program that speaks for a class.
	DefaultShared = 128
	// DefaultReserve lets the teachers in when a class has taken the rest.
	DefaultReserve = 32
	// DefaultNotes is two bars of sixteenths by four players; what is older
	// than that is not worth hearing.
	DefaultNotes = 128
	DefaultState = 256
	// DefaultBytes lets the largest frame of a service key wait whole.
	DefaultBytes = 2 * wire.MaxServiceFrame
	// DefaultTotal is a class of whom each is a second of notes behind, and a
	// dozen who read nothing; a small computer has that to spare.
	DefaultTotal = 64 << 20
	// DefaultWriteTimeout is how long DERP gives a slow reader.
	DefaultWriteTimeout = 2 * time.Second
	// DefaultIdleTimeout is Phoenix' own.
	DefaultIdleTimeout  = 60 * time.Second
	DefaultGreetTimeout = 30 * time.Second
)

// pingAfter is how long a connection may be silent before it is asked for a
// sign of life. Browsers answer pings even in a throttled tab.
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

// Receiver is told what a client sends. Its methods are called one at a time,
// for each way by which messages come in their order, and must not block.
type Receiver interface {
	// Receive takes one message, which it may keep, and the box clock when
	// it was read.
	Receive(message []byte, binary bool, at clock.Millis)
	// Closed is the last call. left says that the client hung up on purpose;
	// otherwise the network lost it, and it may be back in a moment.
	Closed(left bool)
}

// Log is a shared record that connections follow, each with a cursor of its
// own. It is an alias, so that packages which do not know this one can ask
// for a Conn that follows.
type Log = interface {
	// Head is the cursor of whoever has read everything.
	Head() uint64
	// Take returns one message of what was published from cursor on, zero if
	// nothing was, and the cursor to ask with next.
	Take(cursor uint64) (p wire.Packet, next uint64)
}

// Resyncer is a source of state that can be asked for all of it at once.
type Resyncer = interface {
	// Resync sends a snapshot in place of the state messages that were
	// dropped. The connection's writer calls it, holding no lock.
	Resync()
}
