package rtc

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// expedited is the DSCP of voice (EF, RFC 3246) in the IP header. Access
	// points that follow RFC 8325 send it before everything else.
	expedited = 46 << 2
	// voicePriority is the 802.11 user priority of voice, for a box that is its
	// own access point (Linux: 256 + priority).
	voicePriority = 256 + 6
	// plainPriority is the highest that a process may set without a capability.
	plainPriority = 6
)

// markVoice asks the network to send a socket's packets before others. If the
// system refuses, they are sent like all others.
func markVoice(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited)
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, expedited)
		// After IP_TOS, which sets the priority too.
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, voicePriority) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, plainPriority)
		}
	})
}
