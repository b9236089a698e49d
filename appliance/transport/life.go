package transport

import (
	"time"

	"downbeat.local/appliance/wire"
)

// hopeless says why the connection should be ended; empty if it should not.
func (c *Conn) hopeless(now time.Duration, limits Limits) string {
	if since := c.writing.Load(); since != 0 && now-time.Duration(since) > limits.WriteTimeout {
		return "it does not read"
	}
	if now-time.Duration(c.lastRead.Load()) > limits.IdleTimeout {
		return "it is silent"
	}
	if !c.greeted.Load() && now-c.connected > limits.GreetTimeout {
		return "it never joined a channel"
	}
	return ""
}

// pingIfSilent asks a silent client for a sign of life.
func (c *Conn) pingIfSilent(now time.Duration) {
	quiet := max(time.Duration(c.lastRead.Load()), time.Duration(c.lastPing.Load()))
	if now-quiet < pingAfter {
		return
	}
	c.lastPing.Store(int64(now))
	c.push(item{packet: wire.Control(0x89, ""), kind: reply})
}
