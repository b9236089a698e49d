package impair

import (
	"math/rand/v2"
	"time"
)

// flow is the packets from one port to another.
type flow struct {
	random *rand.Rand
	left   int       // of a burst that is being lost
	last   time.Time // when the last packet that kept its place is due
}

// newFlow is the n-th flow of a direction.
func newFlow(seed uint64, n int) *flow {
	return &flow{random: rand.New(rand.NewPCG(seed, uint64(n)))}
}

// fate is what becomes of the next packet: lost, or due at a time. It draws
// as many random numbers for every packet, whatever becomes of it, so that two
// conditions with one seed lose the same ones.
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
		return due.Add(c.Late), false // and those behind do not wait for it
	}
	if due.Before(f.last) {
		due = f.last
	}
	f.last = due
	return due, false
}
