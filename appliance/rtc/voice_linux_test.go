package rtc

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestVoice checks that every packet is marked as voice.
func TestVoice(t *testing.T) {
	raw, err := listen(t).mux.filter.SyscallConn()
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
