package impair

import (
	"math/rand/v2"
	"time"
)

// flow is the packets from one port to another.
type flow struct {
	random *rand.Rand
	left   int       // packets still to lose in a burst
	last   time.Time // when the last packet in order is due
}

// newFlow makes the n-th flow of a direction.
func newFlow(seed uint64, n int) *flow {
	return &flow{random: rand.New(rand.NewPCG(seed, uint64(n)))}
}

// fate decides about the next packet: lost, or due at a time. It draws the same
// number of random numbers for every packet, so that two conditions with one
// seed lose the same packets.
func (f *flow) fate(c Conditions, now time.Time) (due time.Time, lost bool) {
	loss, jitter, late := f.random.Float64(), f.random.Float64(), f.random.Float64()
	if f.left == 0 && loss < c.begins() {
		f.left = max(1, c.Burst)
	}
	if f.left > 0 {
		f.left--
		return time.Time{}, true
	}
	due = now.Add(c.Delay + time.Duration(jitter*float64(c.Jitter)))
	if late < c.Reorder {
		return due.Add(c.Late), false // later packets do not wait for it
	}
	if due.Before(f.last) {
		due = f.last
	}
	f.last = due
	return due, false
}
