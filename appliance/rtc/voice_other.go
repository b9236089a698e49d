//go:build !linux

package rtc

import "syscall"

// markVoice does nothing. Only Linux is supported.
func markVoice(string, string, syscall.RawConn) error { return nil }
