package transport

import (
	"bufio"
	"context"
	"net"
	"net/http"

	"golang.org/x/time/rate"
)

// pacedConn is a client's connection that is read no faster than twice what its
// pace allows for the largest messages. Empty fragments are no messages and
// never end: without this, a socket full of them takes a processor.
type pacedConn struct {
	net.Conn
	limiter *rate.Limiter // of bytes
}

func newPacedConn(c net.Conn, limits Limits) *pacedConn {
	perSecond := 2 * limits.Pace * paceBytes
	return &pacedConn{c, rate.NewLimiter(rate.Limit(perSecond), paceBurst*perSecond)}
}

// Read reads, and waits before it returns if too much has come.
func (c *pacedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b[:min(len(b), c.limiter.Burst())])
	if n > 0 {
		_ = c.limiter.WaitN(context.Background(), n) // never longer than a second; n is within the burst
	}
	return n, err
}

// unpaced is the connection below.
func unpaced(c net.Conn) net.Conn {
	if paced, ok := c.(*pacedConn); ok {
		return paced.Conn
	}
	return c
}

// pacedUpgrade is a ResponseWriter whose connection is paced.
type pacedUpgrade struct {
	http.ResponseWriter
	limits Limits
}

// Hijack implements http.Hijacker.
func (w pacedUpgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return newPacedConn(c, w.limits), buffered, nil
}
