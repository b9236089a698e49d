package transport

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
)

// wsStream is a WebSocket. It reads through gorilla and writes frames that were
// encoded once for all clients.
type wsStream struct {
	ws    *websocket.Conn
	nc    net.Conn
	raw   syscall.RawConn // nil if every write may wait
	batch batch
	rest  []byte // of a batch that was written in part

	readLimit atomic.Int64 // bytes; 0 is none
	message   io.LimitedReader

	// write is one non-blocking write of rest; a field, so that no call
	// allocates it.
	write func(fd uintptr) bool
}

func newWSStream(ws *websocket.Conn) *wsStream {
	s := &wsStream{ws: ws, nc: unpaced(ws.NetConn())}
	if tcp, ok := s.nc.(*net.TCPConn); ok {
		s.raw, _ = tcp.SyscallConn() // without it everything goes through the writer
	}
	s.write = func(fd uintptr) bool {
		n, err := syscall.Write(int(fd), s.rest)
		if err == nil {
			s.rest = s.rest[n:]
		}
		return true // try once: the writer waits, and meets the errors
	}
	return s
}

func (s *wsStream) read(piece func()) (message []byte, binary bool, err error) {
	kind, reader, err := s.ws.NextReader()
	if err != nil {
		return nil, false, err
	}
	binary = kind == websocket.BinaryMessage
	limit := s.readLimit.Load()
	if limit == 0 {
		limit = math.MaxInt64 - 1
	}
	s.message = io.LimitedReader{R: reader, N: limit + 1}
	if message, err = io.ReadAll(&s.message); err != nil || int64(len(message)) <= limit {
		return message, binary, err
	}
	message, err = outlineOf(message, reader, binary, piece)
	return message, binary, err
}

// outlineOf reads the rest of a message that is too long, and drops it. The error
// is errTooLong, or that of the reader.
func outlineOf(begun []byte, rest io.Reader, binary bool, piece func()) ([]byte, error) {
	outline := wire.NewOutline(binary)
	_, _ = outline.Write(begun) // never fails
	for buffer := make([]byte, paceDropped); ; {
		n, err := io.ReadFull(rest, buffer)
		_, _ = outline.Write(buffer[:n])
		piece()
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return outline.Frame(), errTooLong
		case err != nil:
			return nil, err
		}
	}
}

func (s *wsStream) setReadLimit(bytes int64) { s.readLimit.Store(bytes) }
func (s *wsStream) addr() net.Addr           { return s.nc.RemoteAddr() }
func (s *wsStream) pings() bool              { return true }
func (s *wsStream) cut()                     { _ = s.nc.Close() } // the reader notices, and the writer if it writes

// hangUp ends what the box sends and gives the client lingerTime to read it and
// to end its side. Closing a socket with unread data would discard what was
// written.
func (s *wsStream) hangUp() error {
	if tcp, ok := s.nc.(*net.TCPConn); ok {
		if err := tcp.CloseWrite(); err != nil {
			return err
		}
	}
	return s.nc.SetReadDeadline(time.Now().Add(lingerTime))
}

// lingerTime is how long a client has to answer a close frame.
const lingerTime = time.Second

func (s *wsStream) add(p wire.Packet) int {
	s.batch.add(p.Frame())
	return len(p.Frame())
}

// stuck is also true of a socket that cannot be tried.
func (s *wsStream) stuck() bool { return s.raw == nil || len(s.rest) > 0 }

func (s *wsStream) try() bool {
	s.rest = s.batch.bytes()
	if len(s.rest) == 0 {
		return true
	}
	if err := s.raw.Write(s.write); err != nil {
		return false // closed: the writer finds out too
	}
	if len(s.rest) > 0 {
		s.rest = append([]byte(nil), s.rest...) // the batch is used again
	}
	s.batch.reset()
	return len(s.rest) == 0
}

func (s *wsStream) flush(progress *atomic.Uint64) error {
	if err := s.send(s.rest, progress); err != nil {
		return err
	}
	s.rest = nil
	if err := s.send(s.batch.bytes(), progress); err != nil {
		return err
	}
	s.batch.reset()
	return nil
}

// piece is how many bytes are written at a time. A client that takes less within
// a write timeout counts as not reading.
const piece = 32 << 10

func (s *wsStream) send(b []byte, progress *atomic.Uint64) error {
	for len(b) > 0 {
		n, err := s.nc.Write(b[:min(len(b), piece)])
		if err != nil {
			return err
		}
		b = b[n:]
		progress.Add(2)
	}
	return nil
}

// handleControls makes a connection answer the control frames of its WebSocket.
func handleControls(ws *websocket.Conn, c *Conn) {
	ws.SetPingHandler(c.readPing)
	ws.SetPongHandler(c.readPong)
	ws.SetCloseHandler(func(code int, _ string) error {
		c.Close(code, "")
		return nil
	})
}

// closeFrame encodes a close frame. A code that must not be sent (RFC 6455
// section 7.4.1) makes an empty one.
func closeFrame(code int, reason string) wire.Packet {
	if code == websocket.CloseNoStatusReceived || code == websocket.CloseAbnormalClosure || code < 1000 {
		return wire.Control(0x88, "")
	}
	data := binary.BigEndian.AppendUint16(nil, uint16(code))
	return wire.Control(0x88, string(data)+reason[:min(len(reason), 123)])
}

// saidGoodbye reports whether reading ended because the client left. Clients
// also send a close frame when their heartbeat gets no reply, but those come
// back.
func saidGoodbye(err error) bool {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	return ok && closed.Code != websocket.CloseAbnormalClosure && closed.Text != "heartbeat timeout"
}
