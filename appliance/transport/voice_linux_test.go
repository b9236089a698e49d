package transport

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestVoice: every packet of the lanes says that it is voice.
func TestVoice(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	raw, err := b.lanes.mux.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var tos int
	if err := raw.Control(func(fd uintptr) { tos, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS) }); err != nil {
		t.Fatal(err)
	}
	if err != nil || tos != expedited {
		t.Errorf("the socket is marked %#x, %v, want %#x", tos, err, expedited)
	}
}
