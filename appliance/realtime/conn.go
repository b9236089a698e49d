package realtime

import "downbeat.local/appliance/wire"

// Conn is a client's connection, as a session uses it. None of its methods
// blocks.
type Conn interface {
	// Reply queues a message that is never dropped.
	Reply(p wire.Packet)
	// ReplyStamped queues a clock reply. Its last time is filled in when it is
	// written.
	ReplyStamped(p wire.Packet)
	// Note queues a message that may be dropped when it is late.
	Note(p wire.Packet)
	// State queues a part of source's state. If it is dropped, the connection
	// asks source for the whole state later.
	State(p wire.Packet, source interface{ Resync() })
	// Echo calls heard once the client has answered a ping behind everything that
	// was sent so far, or at once if it cannot be asked. heard must not block.
	Echo(heard func())
	// Greeted says that the client has joined a channel.
	Greeted()
	// SetReadLimit bounds the frames to come, in bytes.
	SetReadLimit(bytes int64)
}
