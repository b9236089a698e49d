//go:build !linux

package clock

import "time"

// started is when this process began. Other systems have no CLOCK_BOOTTIME
// within reach, so here a restart of the service does move the box clock:
// good enough to develop on.
var started = time.Now()

// Now is the box clock.
func Now() Millis { return Millis(float64(time.Since(started)) / float64(time.Millisecond)) }
