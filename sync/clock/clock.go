// Package clock is musical time: the clock of the box, the line that beats lie
// on, and the estimate that a device makes of the box's clock.
//
// Everything is pure. A [Timeline] says where the beat is at any time by
// arithmetic, so nobody relies on ticks: who knows the box clock and the
// timeline knows every beat to come. An [Estimator] learns the box clock from
// pings whose delays are unknown and unequal, and bounds its own error. The
// only thing that looks at the machine is [Now].
//
// The web engine has the same arithmetic; both are tested with the vectors in
// testdata.
package clock

import (
	"math"
	"time"
)

// Millis is a moment on the box clock in milliseconds, with microseconds
// behind the point. The box clock is CLOCK_BOOTTIME: it starts with the
// machine, never jumps, counts while the machine sleeps, and a restart of the
// service does not move it.
type Millis float64

// Never returns the moment that does not come.
func Never() Millis { return Millis(math.Inf(1)) }

// Add is the moment d later.
func (m Millis) Add(d time.Duration) Millis {
	return m + Millis(float64(d)/float64(time.Millisecond))
}

// Sub is the time from o to m. Moments more than a century apart are a
// century apart.
func (m Millis) Sub(o Millis) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	d := float64(m-o) * float64(time.Millisecond)
	return time.Duration(max(-float64(century), min(float64(century), d)))
}
