package transport

import (
	"math"
	"sync/atomic"

	"downbeat.local/sync/clock"
)

// signs is when a client last showed that it is there, on the box clock. It is
// zero before the first sign.
type signs struct {
	message moment // came over the stream or a lane: the program itself is alive
	control moment // its WebSocket pinged or answered a ping: its network stack is alive
}

// moment is a time on the box clock that goroutines share.
type moment struct{ bits atomic.Uint64 }

func (m *moment) set(at clock.Millis) { m.bits.Store(math.Float64bits(float64(at))) }
func (m *moment) get() clock.Millis   { return clock.Millis(math.Float64frombits(m.bits.Load())) }

// Heard returns when a message of the client was last read, over whichever way,
// on the box clock.
func (c *Conn) Heard() clock.Millis { return c.signs.message.get() }

// Answered returns when the client's WebSocket last answered a [Conn.Probe], or
// sent a ping of its own, on the box clock; 0 if it never did. A browser answers
// by itself, also while the page is frozen.
func (c *Conn) Answered() clock.Millis { return c.signs.control.get() }

// Probe sends the client a WebSocket ping, which every client has to answer (RFC
// 6455 section 5.5.2). It reports false for a client without a WebSocket.
func (c *Conn) Probe() bool {
	if !c.stream.pings() {
		return false
	}
	c.ping()
	return true
}
