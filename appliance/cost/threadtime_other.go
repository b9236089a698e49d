//go:build !linux

package cost

import "time"

var started = time.Now()

// threadTime is the time that has passed: this system has no clock of a thread.
func threadTime() time.Duration { return time.Since(started) }
