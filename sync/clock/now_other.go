//go:build !linux

package clock

import "time"

// started is when this process began. Go cannot read a CLOCK_BOOTTIME on other
// systems, so here a restart of the service moves the box clock. That is good
// enough for development.
var started = time.Now()

// Now is the box clock.
func Now() Millis { return Millis(float64(time.Since(started)) / float64(time.Millisecond)) }
