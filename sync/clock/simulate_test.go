package clock

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	simSeeds   = flag.Int("seeds", 6, "devices to simulate in each network; 60 is the reference's")
	simMinutes = flag.Float64("minutes", 2.5, "minutes to simulate; 10 is the reference's")
)

// network is the model of delays of the timing reference, section 4: one-way,
// in milliseconds, on top of an equal base both ways.
type network struct {
	name     string
	up, down func(r *rand.Rand) float64
	dozes    bool
	// what this method reached in the reference's own simulation
	p95, p999, early float64
}

func exp(r *rand.Rand, mean float64) float64 { return r.ExpFloat64() * mean }

func sometimes(r *rand.Rand, p float64, f func() float64) float64 {
	if r.Float64() < p {
		return f()
	}
	return 0
}

var networks = []network{
	{
		name: "quiet", p95: 0.07, p999: 0.20, early: 0.35,
		up:   func(r *rand.Rand) float64 { return exp(r, 0.7) },
		down: func(r *rand.Rand) float64 { return exp(r, 0.7) },
	},
	{
		name: "busy", p95: 0.11, p999: 0.25, early: 0.5,
		up: func(r *rand.Rand) float64 {
			return exp(r, 3) + sometimes(r, 0.08, func() float64 { return exp(r, 30) })
		},
		down: func(r *rand.Rand) float64 {
			return exp(r, 3) + sometimes(r, 0.08, func() float64 { return exp(r, 30) })
		},
	},
	{
		name: "busy, power save", p95: 0.09, p999: 0.19, early: 0.35, dozes: true,
		up: func(r *rand.Rand) float64 {
			return exp(r, 2) + sometimes(r, 0.05, func() float64 { return exp(r, 25) })
		},
		down: func(r *rand.Rand) float64 {
			return exp(r, 2) + sometimes(r, 0.05, func() float64 { return exp(r, 25) })
		},
	},
	{
		name: "asymmetric", p95: 0.77, p999: 1.2, early: 1.6,
		up:   func(r *rand.Rand) float64 { return exp(r, 1.5) },
		down: func(r *rand.Rand) float64 { return exp(r, 12) + 4*r.Float64() },
	},
}

// device is a Chromebook in the model: its clock drifts and ticks in 0.1 ms.
type device struct {
	r     *rand.Rand
	net   network
	base  float64
	skew  float64 // box against device
	now   float64 // box clock, ms
	local float64 // device clock, exact, at now
	heard float64 // box clock when its radio last did something
}

const (
	boxOrigin  = 5e6
	resolution = 0.1
)

func newDevice(net network, seed uint64) *device {
	r := rand.New(rand.NewPCG(seed, 17))
	return &device{
		r: r, net: net, base: 0.8 + r.Float64(), skew: (2*r.Float64() - 1) * 60e-6,
		now: boxOrigin, local: 1000 * r.Float64(), heard: boxOrigin,
	}
}

// pass lets box time pass.
func (d *device) pass(ms float64) {
	d.skew += d.r.NormFloat64() * 0.02e-6 * math.Sqrt(ms/1000)
	d.local += ms / (1 + d.skew)
	d.now += ms
}

// read is what performance.now says some milliseconds from now, with half its
// step put back.
func (d *device) read(later float64) float64 {
	exact := d.local + later/(1+d.skew)
	return math.Floor(exact/resolution)*resolution + resolution/2
}

// sample is one ping, and when its answer is handled (box clock).
type sample struct{ t1, t2, t3, t4, done float64 }

// burst sends five pings and returns those that are answered.
func (d *device) burst() (samples []sample) {
	for i := range BurstSize {
		later := float64(i) * 20
		up := d.base + d.net.up(d.r)
		down := d.base + d.net.down(d.r)
		if idle := d.now + later - d.heard; d.net.dozes && idle > 60 {
			down += sometimes(d.r, 0.7, func() float64 { return 100 * d.r.Float64() })
		}
		d.heard = d.now + later
		handled := exp(d.r, 0.15) + sometimes(d.r, 0.06, func() float64 { return 16 * d.r.Float64() })
		if d.r.Float64() < 0.01 {
			continue
		}
		t2 := d.now + later + up
		done := up + down + handled + later
		samples = append(samples, sample{d.read(later), t2, t2, d.read(done), d.now + done})
	}
	slices.SortFunc(samples, func(a, b sample) int { return int(math.Copysign(1, a.done-b.done)) })
	return samples
}

// outcome is the absolute errors of one estimator, in milliseconds.
type outcome struct{ steady, early, jumps []float64 }

// estimator is what is simulated: ours, and the one to beat.
type estimator interface {
	Add(t1, t2, t3, t4 float64)
	Offset(at float64) float64
}

// minRTT takes the offset of the quickest ping of the last minute.
type minRTT struct {
	points []struct{ at, rtt, offset float64 }
}

func (m *minRTT) Add(t1, t2, t3, t4 float64) {
	m.points = append(m.points, struct{ at, rtt, offset float64 }{t4, t4 - t1 - (t3 - t2), (t2 - t1 + t3 - t4) / 2})
	for m.points[0].at < t4-window {
		m.points = m.points[1:]
	}
}

func (m *minRTT) Offset(float64) float64 {
	best, offset := math.Inf(1), 0.0
	for _, p := range m.points {
		if p.rtt < best {
			best, offset = p.rtt, p.offset
		}
	}
	return offset
}

func simulate(d *device, minutes float64, estimators []estimator) []outcome {
	out := make([]outcome, len(estimators))
	previous := make([]float64, len(estimators))
	next := boxOrigin
	var pending []sample
	for d.now < boxOrigin+minutes*60_000 {
		if d.now >= next {
			pending = append(pending, d.burst()...)
			next += float64(NextBurst(time.Duration((d.now-boxOrigin)*1e6)) / time.Millisecond)
		}
		d.pass(100)
		for len(pending) > 0 && pending[0].done <= d.now {
			s := pending[0]
			pending = pending[1:]
			for _, e := range estimators {
				e.Add(s.t1, s.t2, s.t3, s.t4)
			}
		}
		age := d.now - boxOrigin
		for i, e := range estimators {
			diff := d.local + e.Offset(d.local) - d.now
			switch {
			case age > 15_000:
				out[i].steady = append(out[i].steady, math.Abs(diff))
				out[i].jumps = append(out[i].jumps, math.Abs(diff-previous[i]))
			case age > 3_000:
				out[i].early = append(out[i].early, math.Abs(diff))
			}
			previous[i] = diff
		}
	}
	return out
}

func percentile(values []float64, p float64) float64 {
	slices.Sort(values)
	return values[min(len(values)-1, int(p*float64(len(values))))]
}

// TestSimulatedNetworks drives the estimator through the networks of the
// reference and prints the table; -seeds 60 -minutes 10 is the whole of it.
func TestSimulatedNetworks(t *testing.T) {
	var table strings.Builder
	fmt.Fprintf(&table, "%-18s %17s %17s %17s %10s\n", "error in ms", "p95 (reference)", "p99.9 (reference)", "s 3-15 (reference)", "min-RTT")
	for _, net := range networks {
		var ours, theirs outcome
		for seed := range *simSeeds {
			got := simulate(newDevice(net, uint64(seed)), *simMinutes, []estimator{&Estimator{}, &minRTT{}})
			ours.steady = append(ours.steady, got[0].steady...)
			ours.early = append(ours.early, got[0].early...)
			ours.jumps = append(ours.jumps, got[0].jumps...)
			theirs.steady = append(theirs.steady, got[1].steady...)
		}
		p95, p999, early := percentile(ours.steady, 0.95), percentile(ours.steady, 0.999), percentile(ours.early, 0.95)
		rival := percentile(theirs.steady, 0.95)
		fmt.Fprintf(&table, "%-18s %8.3f (%5.2f) %9.3f (%5.2f) %9.3f (%5.2f) %10.3f\n", net.name, p95, net.p95, p999, net.p999, early, net.early, rival)
		if p95 > 1.5*net.p95 {
			t.Errorf("%s: p95 of the error is %.3f ms, want at most 1.5 x %.2f", net.name, p95, net.p95)
		}
		if p95 >= rival {
			t.Errorf("%s: p95 of the error is %.3f ms, no better than %.3f of a min-RTT filter", net.name, p95, rival)
		}
		if jump := percentile(ours.jumps, 1); jump > 0.5 {
			t.Errorf("%s: the clock jumped by %.3f ms in 0.1 s", net.name, jump)
		}
	}
	t.Log("\n" + table.String())
}
