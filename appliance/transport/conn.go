package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

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

	linked bool   // it may get a lane; set, like the next two, before it runs
	caller string // whose it is, for who would give it a lane
	staff  bool   // what it is of
	lane   atomic.Pointer[lane]
	coming atomic.Pointer[peer] // that may become the lane
	heard  atomic.Int64         // when something came over the lane, as monotonic time

	receiving sync.Mutex // held while the receiver is told; guards via
	receiver  Receiver
	via       *lane // by which the message came that the receiver is told; nil is the line

	reads   atomic.Uint64 // messages and pings, for the janitor
	writes  atomic.Uint64 // odd while a write is under way; it changes as that goes on
	greeted atomic.Bool
	vigil   vigil
	pace    *rate.Limiter // see rest

	turn  sync.Mutex // held by whoever writes; guards what the line sends, and items
	items []item     // scratch

	mu      sync.Mutex // guards what follows
	queue   queue
	sending load        // what the line has of it
	answer  wire.Packet // the pong to the latest ping; those before need none (RFC 6455 section 5.5.3)
	ask     bool        // for a sign of life
	follows []*follow
	// farewell is the close frame to send after everything that waits.
	farewell wire.Packet
}

// follow is a log and how far this client has read it.
type follow struct {
	log    Log
	cursor uint64
	// before and latest are where the log was some time ago, while a lane
	// takes the place of the line.
	before, latest uint64
}

func newConn(l line, s *Server) *Conn {
	c := &Conn{
		line: l, shared: s.counters, log: s.log,
		wake: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	c.vigil.begin(monotonic())
	c.queue.limits, c.queue.total = s.limits, s.total
	c.pace = newPace(s.limits)
	return c
}

// heed makes the connection answer the control frames of its WebSocket.
func (c *Conn) heed(ws *websocket.Conn) {
	ws.SetPingHandler(c.pong)
	ws.SetPongHandler(func(string) error { return nil })
	ws.SetCloseHandler(func(code int, _ string) error {
		c.Close(code, "")
		return nil
	})
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
	if c.via == nil {
		c.push(item{packet: p, kind: stamp})
		return
	}
	p.Stamp(float64(clock.Now()))
	c.via.send(p) // the next question is better than a late answer
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
	c.mu.Lock()
	why := c.pushLocked(it)
	c.mu.Unlock()
	if why != "" {
		c.log.Warn("client does not read, closing it", "addr", c.RemoteAddr(), "why", why)
		c.shared.cut.Add(why)
		c.drop()
		return
	}
	c.Wake()
}

// pushLocked says why the connection should be ended instead, empty if it
// should not.
func (c *Conn) pushLocked(it item) (why string) {
	switch {
	case !c.farewell.IsZero():
		return ""
	case c.queue.total.overrun() && c.queue.bytes > blameless && !c.staff:
		return cutFullest // nobody has had the time to look who has the most
	case !c.queue.push(it):
		return cutFull
	}
	return ""
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
func (c *Conn) Follow(log Log) {
	c.mu.Lock()
	defer c.mu.Unlock()
	head := log.Head()
	c.follows = append(c.follows, &follow{log: log, cursor: head, before: head, latest: head})
}

// Unfollow ends a Follow.
func (c *Conn) Unfollow(log Log) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.follows {
		if f.log == log {
			c.follows = append(c.follows[:i:i], c.follows[i+1:]...)
			return
		}
	}
}

// Close sends what waits and then a close frame with an RFC 6455 code, and
// ends the connection. It returns at once.
func (c *Conn) Close(code int, reason string) {
	c.mu.Lock()
	if c.farewell.IsZero() {
		c.farewell = closeFrame(code, reason)
	}
	c.mu.Unlock()
	c.Wake()
}

// closeFrame encodes a close frame; codes that must not be sent (RFC 6455
// section 7.4.1) become an empty one.
func closeFrame(code int, reason string) wire.Packet {
	if code == websocket.CloseNoStatusReceived || code == websocket.CloseAbnormalClosure || code < 1000 {
		return wire.Control(0x88, "")
	}
	data := binary.BigEndian.AppendUint16(nil, uint16(code))
	return wire.Control(0x88, string(data)+reason[:min(len(reason), 123)])
}

// drop ends the connection without a word.
func (c *Conn) drop() {
	c.once.Do(func() {
		close(c.closed)
		c.line.cut()
		c.discard()
		if l := c.lane.Load(); l != nil {
			l.peer.end()
		}
		c.Wake()
	})
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
	c.guard("closing", func() error { c.finish(left); return nil })
}

// saidGoodbye reports whether reading ended with a close frame that means it.
// Clients whose heartbeat was not answered send one too, and come back.
func saidGoodbye(err error) bool {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	return ok && closed.Code != websocket.CloseAbnormalClosure && closed.Text != "heartbeat timeout"
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
		c.receive(message, binary, at, nil)
		c.rest(len(message))
	}
}

// receive tells the receiver of one message, whichever way it came.
func (c *Conn) receive(message []byte, binary bool, at clock.Millis, via *lane) {
	c.receiving.Lock()
	defer c.receiving.Unlock()
	c.via = via
	c.receiver.Receive(message, binary, at)
}

// finish makes the call that is the receiver's last.
func (c *Conn) finish(left bool) {
	c.receiving.Lock()
	defer c.receiving.Unlock()
	receiver := c.receiver
	c.receiver = nobody{}
	receiver.Closed(left)
}

// nobody is the receiver of what comes too late.
type nobody struct{}

func (nobody) Receive([]byte, bool, clock.Millis) {}
func (nobody) Closed(bool)                        {}

// pong answers a ping; the reader calls it.
func (c *Conn) pong(data string) error {
	c.reads.Add(1)
	c.mu.Lock()
	c.answer = wire.Control(0x8a, data)
	c.mu.Unlock()
	c.Wake()
	c.rest(0)
	return nil
}

// ping asks the client for a sign of life; the janitor calls it. It needs no
// room in the queue: what waits there closes no connection that is only slow.
func (c *Conn) ping() {
	c.mu.Lock()
	c.ask = true
	c.mu.Unlock()
	c.Wake()
}

// dropped is how many messages this client has missed because it did not
// read them in time.
func (c *Conn) dropped() drops {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.dropped
}

// processStart is when the process began to count monotonic time.
var processStart = time.Now()

// monotonic is the time since processStart; it never jumps.
func monotonic() time.Duration { return time.Since(processStart) }
