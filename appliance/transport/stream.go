package transport

import (
	"net"
	"sync/atomic"

	"downbeat.local/appliance/wire"
)

// stream is the reliable path to one client: a WebSocket, or the reliable data
// channel of a peer. One goroutine reads it.
type stream interface {
	// read waits for the next message, which the caller may keep. With the error
	// errTooLong the message is what is left of one over the read limit (see
	// wire.Outline), and the stream goes on. It calls piece for each piece
	// of such a message that it reads and drops.
	read(piece func()) (message []byte, binary bool, err error)
	// setReadLimit bounds the messages to come, in bytes.
	setReadLimit(bytes int64)
	addr() net.Addr
	// pings reports whether the stream carries pings. A data channel needs
	// none: ICE checks that the client is there.
	pings() bool
	// hangUp ends the sending side, so that the client ends the other.
	hangUp() error
	// cut ends both sides at once.
	cut()
	sink
}

// sink is the sending side of a stream. One goroutine at a time uses it.
type sink interface {
	// add puts a packet behind those that leave with the next try or flush. It
	// returns how many bytes that adds.
	add(p wire.Packet) int
	// stuck reports whether packets are left over from the last try.
	stuck() bool
	// try sends what can be sent without waiting, and reports whether that was
	// all of it.
	try() bool
	// flush sends everything and waits for the network. It adds 2 to progress
	// whenever something has left.
	flush(progress *atomic.Uint64) error
}
