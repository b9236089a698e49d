package transport

import (
	"net"
	"sync/atomic"

	"downbeat.local/appliance/wire"
)

// line is the way to one client of all that must arrive: a WebSocket, or a
// reliable data channel.
type line interface {
	// read waits for the next message, which the caller may keep.
	read() (message []byte, binary bool, err error)
	// setReadLimit bounds the messages to come, bytes.
	setReadLimit(bytes int64)
	addr() net.Addr
	// pings reports whether a silent client can be asked for a sign of life.
	pings() bool
	// hangUp ends the sending, and lets the client end the rest.
	hangUp() error
	// cut ends everything at once.
	cut()
	outlet
}

// outlet is the sending side of a line. One goroutine at a time uses it.
type outlet interface {
	// add puts a packet behind those that leave with the next try or flush. It
	// gives the bytes that this adds.
	add(p wire.Packet) int
	// stuck reports whether not everything left the last time.
	stuck() bool
	// try sends what can be sent without waiting, and reports whether that was
	// all of it.
	try() bool
	// flush sends everything, and waits for the network. It adds 2 to progress
	// whenever something has left.
	flush(progress *atomic.Uint64) error
}
