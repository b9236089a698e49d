package clock

import (
	"math"
	"math/rand/v2"
	"slices"
)

// network models the air: one-way delays in milliseconds, on top of an equal
// base both ways.
type network struct {
	name     string
	up, down func(r *rand.Rand) float64
	dozes    bool // the device's radio sleeps and delays the first packet after a pause
	// The 95th and 99.9th percentile of the error that this method reached in
	// this model over 60 devices and 10 minutes, and the 95th in seconds 3 to 15,
	// in ms; 0 is unknown.
	p95, p999, early float64
}

func exp(r *rand.Rand, mean float64) float64 { return r.ExpFloat64() * mean }

// busy is a queue that is sometimes long.
func busy(mean, often, long float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 {
		d := exp(r, mean)
		if r.Float64() < often {
			d += exp(r, long)
		}
		return d
	}
}

var networks = []network{
	{name: "quiet", up: busy(0.7, 0, 0), down: busy(0.7, 0, 0), p95: 0.07},
	{name: "busy", up: busy(3, 0.08, 30), down: busy(3, 0.08, 30), p95: 0.11},
	{name: "busy, power save", up: busy(2, 0.05, 25), down: busy(2, 0.05, 25), dozes: true, p95: 0.09, p999: 0.19, early: 0.35},
	{
		name: "asymmetric", p95: 0.77,
		up:   busy(1.5, 0, 0),
		down: func(r *rand.Rand) float64 { return exp(r, 12) + 4*r.Float64() },
	},
}

const (
	boxOrigin  = 5e6
	resolution = 0.1 // ms: the steps of performance.now without cross-origin isolation
	loss       = 0.01
)

// device is a Chromebook in the model. Its crystal is up to 60 parts in a
// million off and wanders. Its clock moves in steps, and its page is sometimes
// busy when an answer arrives.
type device struct {
	r     *rand.Rand
	net   network
	base  float64 // of the delays, either way
	skew  float64 // of the box relative to the device
	box   float64 // box clock, ms
	local float64 // the device's clock at the same time, exact
	heard float64 // box clock when its radio was last active

	bursts  float64 // box clock when the first burst was due
	next    float64 // box clock when the next one is due
	waiting []ping
}

// ping is one ping with its answer, and the box clock when the page handles it.
type ping struct{ t1, t2, t3, t4, done float64 }

func newDevice(net network, seed uint64) *device {
	r := rand.New(rand.NewPCG(seed, 17))
	return &device{
		r: r, net: net, base: 0.8 + r.Float64(), skew: (2*r.Float64() - 1) * 60e-6,
		box: boxOrigin, local: 1000 * r.Float64(), heard: boxOrigin, bursts: boxOrigin, next: boxOrigin,
	}
}

// read is the reading of the device's clock some milliseconds from now. Half a
// step is added, so that it is right on average.
func (d *device) read(later float64) float64 {
	exact := d.local + later/(1+d.skew)
	return math.Floor(exact/resolution)*resolution + resolution/2
}

// pass advances the time and returns the pings that were answered meanwhile. A
// burst begins at the start of a pass.
func (d *device) pass(ms float64) (answered []ping) {
	if d.box >= d.next {
		d.burst()
		d.next = d.box + pauseAfter(d.box-d.bursts)
	}
	d.skew += d.r.NormFloat64() * 0.02e-6 * math.Sqrt(ms/1000)
	d.local += ms / (1 + d.skew)
	d.box += ms
	for len(d.waiting) > 0 && d.waiting[0].done <= d.box {
		answered = append(answered, d.waiting[0])
		d.waiting = d.waiting[1:]
	}
	return answered
}

// burst sends pings.
func (d *device) burst() {
	for i := range BurstSize {
		later := float64(i) * float64(BurstGap.Milliseconds())
		up, down := d.base+d.net.up(d.r), d.base+d.net.down(d.r)
		if idle := d.box + later - d.heard; d.net.dozes && idle > 60 && d.r.Float64() < 0.7 {
			down += 100 * d.r.Float64()
		}
		d.heard = d.box + later
		handled := exp(d.r, 0.15)
		if d.r.Float64() < 0.06 {
			handled += 16 * d.r.Float64()
		}
		if d.r.Float64() < loss {
			continue
		}
		t2, done := d.box+later+up, later+up+down+handled
		d.waiting = append(d.waiting, ping{d.read(later), t2, t2, d.read(done), d.box + done})
	}
	slices.SortFunc(d.waiting, func(a, b ping) int { return int(math.Copysign(1, a.done-b.done)) })
}
