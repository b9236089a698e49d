package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Conn is one client's connection. Its methods may be called from any
// goroutine; none of them blocks on the client.
type Conn struct {
	line   line
	log    *slog.Logger
	shared *counters

	wake   chan struct{} // holds one token while something waits
	closed chan struct{}
	once   sync.Once

	linked bool                 // it may get a lane; set, like the next two, before it runs
	caller Caller               // whose it is, for who would give it a lane
	staff  bool                 // what it is of
	coming atomic.Pointer[peer] // that may become the lane

	ear audience
	out outbox

	reads   atomic.Uint64 // messages and pings, for the janitor
	writes  atomic.Uint64 // odd while a write is under way; it changes as that goes on
	greeted atomic.Bool
	vigil   vigil
	pace    *rate.Limiter // see rest

	turn sync.Mutex // held by whoever writes; guards what the line sends
}

func newConn(l line, s *Server) *Conn {
	c := &Conn{
		line: l, shared: s.counters, log: s.log,
		wake: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	c.vigil.begin(monotonic())
	c.out.queue.limits, c.out.queue.total = s.limits, s.total
	c.pace = newPace(s.limits)
	return c
}

// SetReadLimit bounds the messages that the client may send from now on, in
// bytes. A longer one closes the connection. Only a [Receiver] may call it.
func (c *Conn) SetReadLimit(bytes int64) { c.line.setReadLimit(bytes) }

// Greeted says that the client has said what it came for: until then it is
// closed after the greet timeout.
func (c *Conn) Greeted() { c.greeted.Store(true) }

// RemoteAddr is the client's network address.
func (c *Conn) RemoteAddr() net.Addr { return c.line.addr() }

// Reply queues a message that is never dropped: if it does not fit, the
// connection is closed.
func (c *Conn) Reply(p wire.Packet) { c.push(item{packet: p, kind: reply}) }

// ReplyStamped is Reply for a clock reply that nobody else holds; the box
// clock is put into it in the moment before it is written. Only a [Receiver]
// may call it, about the message that it is told: the answer leaves by the way
// by which the question came.
func (c *Conn) ReplyStamped(p wire.Packet) {
	via := c.ear.via
	if via == nil {
		c.push(item{packet: p, kind: stamp})
		return
	}
	via.send(laneItem{packet: p, stamp: true}) // the next question is better than a late answer
}

// Note queues a message that is dropped, oldest first, when the client does
// not keep up.
func (c *Conn) Note(p wire.Packet) { c.push(item{packet: p, kind: note}) }

// State queues a part of source's state. When the client does not keep up it
// is dropped, and source resynced later.
func (c *Conn) State(p wire.Packet, source Resyncer) {
	c.push(item{packet: p, kind: state, source: source})
}

func (c *Conn) push(it item) {
	if why := c.out.push(it, c.staff); why != "" {
		c.log.Warn("client does not read, closing it", "addr", c.RemoteAddr(), "why", why)
		c.shared.cut.Add(why)
		c.drop()
		return
	}
	c.Wake()
}

// Wake makes the writer look for something to send: a log that the client
// follows has grown.
func (c *Conn) Wake() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Follow sends the client everything published in log from now on. The
// caller wakes the connection when the log has grown.
func (c *Conn) Follow(log Log) { c.out.follow(log) }

// Unfollow ends a Follow.
func (c *Conn) Unfollow(log Log) { c.out.unfollow(log) }

// Close sends what waits and then a close frame with an RFC 6455 code, and
// ends the connection. It returns at once.
func (c *Conn) Close(code int, reason string) {
	c.out.end(closeFrame(code, reason))
	c.Wake()
}

// drop ends the connection without a word.
func (c *Conn) drop() {
	c.once.Do(func() {
		close(c.closed)
		c.line.cut()
		c.out.discard()
		if l := c.out.lane.Load(); l != nil {
			l.peer.end()
		}
		if p := c.coming.Load(); p != nil {
			p.end()
		}
		c.Wake()
	})
}

func (c *Conn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// run reads and writes until the connection ends, and then tells the receiver.
func (c *Conn) run() {
	var writer sync.WaitGroup
	writer.Go(func() { c.guard("writing", c.write) })
	left := false
	c.guard("reading", func() error {
		err := c.read()
		left = saidGoodbye(err)
		return err
	})
	// A client that closed properly still gets its close frame back.
	c.Close(websocket.CloseNormalClosure, "")
	writer.Wait()
	c.drop()
	c.guard("closing", func() error { c.ear.dismiss(left); return nil })
}

// guard runs one side of the connection; when it fails, the other ends too.
func (c *Conn) guard(doing string, side func() error) {
	defer c.recovered()
	if err := side(); err != nil {
		c.log.Debug("connection ended", "doing", doing, "addr", c.RemoteAddr(), "err", err)
		if doing == "writing" {
			c.drop()
		}
	}
}

// recovered logs a bug of this repository and lets only its connection die.
func (c *Conn) recovered() {
	if p := recover(); p != nil {
		c.log.Error("bug in a connection, closing it", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		c.drop()
	}
}

func (c *Conn) read() error {
	for {
		message, binary, err := c.line.read()
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) || errors.Is(err, errTooLong) {
				c.Close(websocket.CloseMessageTooBig, "message too big")
			}
			return err
		}
		at := clock.Now()
		c.reads.Add(1)
		c.ear.tell(message, binary, at, nil)
		c.rest(len(message))
	}
}

// pong answers a ping; the reader calls it.
func (c *Conn) pong(data string) error {
	c.reads.Add(1)
	c.out.pong(data)
	c.Wake()
	c.rest(0)
	return nil
}

// ping asks the client for a sign of life; the janitor calls it.
func (c *Conn) ping() {
	c.out.ping()
	c.Wake()
}
