package transport

import (
	"net"
	"sync/atomic"
	"syscall"
)

// outlet is the way into a socket. What did not fit at once stays in it.
type outlet struct {
	nc    net.Conn
	raw   syscall.RawConn // nil if the socket cannot be written without waiting
	batch batch
	rest  []byte // of a batch that was written in part

	// write is one non-blocking write of rest; a field, so that no call
	// allocates it.
	write func(fd uintptr) bool
}

func (o *outlet) open(nc net.Conn) {
	o.nc = nc
	if tcp, ok := nc.(*net.TCPConn); ok {
		o.raw, _ = tcp.SyscallConn() // without it everything goes through the writer
	}
	o.write = func(fd uintptr) bool {
		n, err := syscall.Write(int(fd), o.rest)
		if err == nil {
			o.rest = o.rest[n:]
		}
		return true // once only: the writer waits, and meets the errors
	}
}

// stuck reports whether the socket did not take everything the last time, or
// takes nothing without waiting.
func (o *outlet) stuck() bool { return o.raw == nil || len(o.rest) > 0 }

// try writes the batch as far as the socket takes it at once, and reports
// whether that was all of it.
func (o *outlet) try() bool {
	o.rest = o.batch.bytes()
	if len(o.rest) == 0 {
		return true
	}
	if err := o.raw.Write(o.write); err != nil {
		return false // closed: the writer finds out too
	}
	if len(o.rest) > 0 {
		o.rest = append([]byte(nil), o.rest...) // the batch is used again
	}
	o.batch.reset()
	return len(o.rest) == 0
}

// flush writes the rest of before and the batch, and waits for the socket.
// It adds 2 to progress for every piece that the socket has taken.
func (o *outlet) flush(progress *atomic.Uint64) error {
	if err := o.send(o.rest, progress); err != nil {
		return err
	}
	o.rest = nil
	if err := o.send(o.batch.bytes(), progress); err != nil {
		return err
	}
	o.batch.reset()
	return nil
}

// piece is how much is written at a time, bytes: who takes less within a write
// timeout does not read.
const piece = 32 << 10

func (o *outlet) send(b []byte, progress *atomic.Uint64) error {
	for len(b) > 0 {
		n, err := o.nc.Write(b[:min(len(b), piece)])
		if err != nil {
			return err
		}
		b = b[n:]
		progress.Add(2)
	}
	return nil
}
