package transport

import (
	"encoding/binary"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
)

// wsLine is a WebSocket. It reads through gorilla; frames are written ready
// made, for they were encoded once for everybody.
type wsLine struct {
	ws    *websocket.Conn
	nc    net.Conn
	raw   syscall.RawConn // nil if the socket cannot be written without waiting
	batch batch
	rest  []byte // of a batch that was written in part

	// write is one non-blocking write of rest; a field, so that no call
	// allocates it.
	write func(fd uintptr) bool
}

func newWSLine(ws *websocket.Conn) *wsLine {
	l := &wsLine{ws: ws, nc: ws.NetConn()}
	if tcp, ok := l.nc.(*net.TCPConn); ok {
		l.raw, _ = tcp.SyscallConn() // without it everything goes through the writer
	}
	l.write = func(fd uintptr) bool {
		n, err := syscall.Write(int(fd), l.rest)
		if err == nil {
			l.rest = l.rest[n:]
		}
		return true // once only: the writer waits, and meets the errors
	}
	return l
}

func (l *wsLine) read() (message []byte, binary bool, err error) {
	kind, message, err := l.ws.ReadMessage()
	return message, kind == websocket.BinaryMessage, err
}

func (l *wsLine) setReadLimit(bytes int64) { l.ws.SetReadLimit(bytes) }
func (l *wsLine) addr() net.Addr           { return l.nc.RemoteAddr() }
func (l *wsLine) pings() bool              { return true }
func (l *wsLine) cut()                     { _ = l.nc.Close() } // the reader notices, and the writer if it writes

// hangUp ends what we send and gives the client a moment to read it and to end
// its side, for closing a socket with unread data in it would take back what
// was written.
func (l *wsLine) hangUp() error {
	if tcp, ok := l.nc.(*net.TCPConn); ok {
		if err := tcp.CloseWrite(); err != nil {
			return err
		}
	}
	return l.nc.SetReadDeadline(time.Now().Add(lingerTime))
}

// lingerTime is how long a client has to answer a close frame.
const lingerTime = time.Second

func (l *wsLine) add(p wire.Packet) int {
	l.batch.add(p.Frame())
	return len(p.Frame())
}

// stuck also says of a socket that it takes nothing without waiting.
func (l *wsLine) stuck() bool { return l.raw == nil || len(l.rest) > 0 }

func (l *wsLine) try() bool {
	l.rest = l.batch.bytes()
	if len(l.rest) == 0 {
		return true
	}
	if err := l.raw.Write(l.write); err != nil {
		return false // closed: the writer finds out too
	}
	if len(l.rest) > 0 {
		l.rest = append([]byte(nil), l.rest...) // the batch is used again
	}
	l.batch.reset()
	return len(l.rest) == 0
}

func (l *wsLine) flush(progress *atomic.Uint64) error {
	if err := l.send(l.rest, progress); err != nil {
		return err
	}
	l.rest = nil
	if err := l.send(l.batch.bytes(), progress); err != nil {
		return err
	}
	l.batch.reset()
	return nil
}

// piece is how much is written at a time, bytes: who takes less within a write
// timeout does not read.
const piece = 32 << 10

func (l *wsLine) send(b []byte, progress *atomic.Uint64) error {
	for len(b) > 0 {
		n, err := l.nc.Write(b[:min(len(b), piece)])
		if err != nil {
			return err
		}
		b = b[n:]
		progress.Add(2)
	}
	return nil
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

// closeFrame encodes a close frame; codes that must not be sent (RFC 6455
// section 7.4.1) become an empty one.
func closeFrame(code int, reason string) wire.Packet {
	if code == websocket.CloseNoStatusReceived || code == websocket.CloseAbnormalClosure || code < 1000 {
		return wire.Control(0x88, "")
	}
	data := binary.BigEndian.AppendUint16(nil, uint16(code))
	return wire.Control(0x88, string(data)+reason[:min(len(reason), 123)])
}

// saidGoodbye reports whether reading ended with a close frame that means it.
// Clients whose heartbeat was not answered send one too, and come back.
func saidGoodbye(err error) bool {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	return ok && closed.Code != websocket.CloseAbnormalClosure && closed.Text != "heartbeat timeout"
}
