package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

const (
	// sendBuffer keeps notes that a slow client has not read in our queue,
	// where they can be dropped, rather than in the kernel's.
	sendBuffer = 32 << 10
	// notSentLowat makes the socket unwritable while this much is unsent.
	notSentLowat = 4 << 10
)

// tune sets the socket's buffers. If the system refuses, they stay as they are.
func tune(nc net.Conn) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return
	}
	_ = tcp.SetWriteBuffer(sendBuffer)
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentLowat)
	})
}
