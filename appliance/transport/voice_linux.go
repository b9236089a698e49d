package transport

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// expedited is the DSCP of voice (EF, RFC 3246) as the IP header has it:
	// access points that follow RFC 8325 send it before everything else.
	expedited = 46 << 2
	// voicePriority names the 802.11 user priority of voice directly, for a
	// box that is its own access point (Linux: 256 + priority).
	voicePriority = 256 + 6
	// plainPriority is the most that a process may ask without a capability.
	plainPriority = 6
)

// markVoice asks the network to send what leaves a socket first. A system that
// refuses sends it like everything else.
func markVoice(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, expedited)
		// After IP_TOS, which sets it anew.
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, voicePriority) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, plainPriority)
		}
	})
}
