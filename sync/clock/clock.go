// Package clock is musical time: the clock of the box, the timeline of beats,
// and a device's estimate of the box clock.
//
// Everything is pure. A [Timeline] gives the beat at any time by arithmetic, so
// that no device relies on ticks: from the box clock and the timeline it knows
// every beat to come. An [Estimator] learns the box clock from pings whose
// delays are unknown and unequal, and bounds its own error. Only [Now] reads
// the machine's clock.
//
// The web engine has the same arithmetic. The vectors in testdata test both.
package clock

import (
	"math"
	"time"
)

// Millis is a moment on the box clock in milliseconds, with microseconds after
// the decimal point. The box clock is CLOCK_BOOTTIME: it starts with the machine,
// never jumps, and counts while the machine sleeps. A restart of the service
// does not move it.
type Millis float64

// Never returns a moment that never comes.
func Never() Millis { return Millis(math.Inf(1)) }

// Add returns the moment d later.
func (m Millis) Add(d time.Duration) Millis {
	return m + Millis(float64(d)/float64(time.Millisecond))
}

// Sub returns the time from o to m, at most a century.
func (m Millis) Sub(o Millis) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	d := float64(m-o) * float64(time.Millisecond)
	return time.Duration(max(-float64(century), min(float64(century), d)))
}
