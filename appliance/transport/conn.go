package transport

import (
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Conn is one client's connection. Its sender holds what waits for the client
// and the reliable stream that it leaves by; its laneSide is the lossy lane
// beside the stream, if there is one; its inbox hands on what the client sends.
//
// Its methods may be called from any goroutine. None of them blocks on the
// client.
type Conn struct {
	sender
	laneSide

	inbox  inbox
	idle   idle
	echoes echoes
	signs  signs
	pace   readPace
	caller Caller
	lone   bool // it is a peer without a WebSocket
	log    *slog.Logger

	once   sync.Once
	closed chan struct{}
}

func newConn(to stream, who Caller, s *Server) *Conn {
	c := &Conn{caller: who, log: s.log, closed: make(chan struct{}), pace: newReadPace(s.limits, who.Staff)}
	c.idle.begin(monotonic())
	c.stream, c.shared, c.wake, c.overflow = to, s.counters, make(chan struct{}, 1), c.dropFull
	c.out.staff, c.out.queue.limits, c.out.queue.total = who.Staff, s.limits, s.total
	c.laneSide.conn = c
	return c
}

// SetReadLimit bounds the messages that the client may send from now on, in
// bytes. A longer one is dropped, and the receiver is told.
func (c *Conn) SetReadLimit(bytes int64) { c.stream.setReadLimit(bytes) }

// Greeted says that the client has joined a channel. Until then it is closed
// after the greet timeout.
func (c *Conn) Greeted() { c.idle.greeted.Store(true) }

// RemoteAddr returns the client's network address.
func (c *Conn) RemoteAddr() net.Addr { return c.stream.addr() }

// MayRepeat reports whether the client may send a message twice, once over a
// lane, and so numbers what it sends.
func (c *Conn) MayRepeat() bool { return c.lone || c.caller.ConnName != "" }

// ReplyStamped is Reply for a clock reply that only this client gets. The box
// clock is put into it just before it is written. Only a [Receiver] may call
// it, about the message that it is handling: the reply leaves the way the
// question came, so that the client measures the path of its notes.
func (c *Conn) ReplyStamped(p wire.Packet) {
	over := c.inbox.lane
	if over == nil {
		c.push(item{packet: p, kind: stampedReply})
		return
	}
	over.send(lanePacket{packet: p, stamp: true}) // asking again beats a late reply
}

// dropFull ends a connection whose queue is full of what must not be dropped.
func (c *Conn) dropFull(why string) {
	c.log.Warn("client does not read, closing it", "addr", c.RemoteAddr(), "why", why)
	c.shared.cut.Add(why)
	c.drop()
}

// drop ends the connection at once, without a close frame.
func (c *Conn) drop() {
	c.once.Do(func() {
		close(c.closed)
		c.stream.cut()
		c.out.discard()
		c.laneSide.end()
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

// run reads and writes until the connection ends, and then makes the receiver's
// last call.
func (c *Conn) run() {
	var writer sync.WaitGroup
	writer.Go(func() { c.guard("writing", func() error { return c.write(c.closed) }) })
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
	c.guard("closing", func() error { c.inbox.close(left); return nil })
}

// guard runs one side of the connection. If writing fails, reading ends too.
func (c *Conn) guard(doing string, side func() error) {
	defer c.recovered()
	if err := side(); err != nil {
		c.log.Debug("connection ended", "doing", doing, "addr", c.RemoteAddr(), "err", err)
		if doing == "writing" {
			c.drop()
		}
	}
}

// recovered logs a bug of this repository and ends only its connection.
func (c *Conn) recovered() {
	if p := recover(); p != nil {
		c.log.Error("bug in a connection, closing it", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		c.drop()
	}
}

func (c *Conn) read() error {
	dropped := c.readPiece
	for {
		message, binary, err := c.stream.read(dropped)
		at := clock.Now()
		if err != nil && err != errTooLong {
			return err
		}
		c.idle.reads.Add(1)
		c.signs.message.set(at)
		if err == nil {
			c.inbox.receive(message, binary, at, nil)
		} else {
			c.inbox.tooLong(message, binary)
		}
		c.pace.wait(len(message), c.closed)
	}
}

// readPiece counts a piece of a message that is dropped. Without a pace, endless
// messages would take a processor.
func (c *Conn) readPiece() {
	c.idle.reads.Add(1)
	c.signs.message.set(clock.Now())
	c.pace.wait(0, c.closed)
}

// readPing answers a ping. The reader calls it.
func (c *Conn) readPing(data string) error {
	c.idle.reads.Add(1)
	c.signs.control.set(clock.Now())
	c.pong(data)
	c.pace.wait(0, c.closed)
	return nil
}

// check returns why the connection should be ended, empty if it should not. The
// janitor calls it.
func (c *Conn) check(now time.Duration, limits Limits) (why string) {
	c.laneSide.check(now)
	why, ping := c.idle.check(now, c.progress.Load(), limits)
	if ping && c.stream.pings() {
		c.ping()
	}
	return why
}
