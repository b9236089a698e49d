//go:build !linux

package transport

import "syscall"

// markVoice knows how to mark sockets on Linux only.
func markVoice(string, string, syscall.RawConn) error { return nil }
