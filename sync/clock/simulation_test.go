package clock

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The full simulation is 60 devices for 10 minutes:
//
//	go test -run Simulated -v ./sync/clock -devices 60 -minutes 10
var (
	simDevices = flag.Int("devices", 10, "devices to simulate in each network")
	simMinutes = flag.Float64("minutes", 4, "minutes to simulate")
)

func pauseAfter(ms float64) float64 {
	return float64(NextBurst(time.Duration(ms*1e6))) / float64(time.Millisecond)
}

// rival is the usual method: the offset of the fastest ping of the last span ms.
type rival struct {
	span   float64
	points []quick
	offset float64
}

// quick is a ping as the usual method uses it.
type quick struct{ at, rtt, offset float64 }

func (m *rival) add(p ping) {
	m.points = append(m.points, quick{p.t4, p.t4 - p.t1 - (p.t3 - p.t2), (p.t2 - p.t1 + p.t3 - p.t4) / 2})
	for m.points[0].at < p.t4-m.span {
		m.points = m.points[1:]
	}
	best := math.Inf(1)
	for _, q := range m.points {
		if q.rtt < best {
			best, m.offset = q.rtt, q.offset
		}
	}
}

// result is the absolute errors of all devices of one network, in milliseconds,
// ten a second.
type result struct {
	steady      []float64 // from second 15 on
	early       []float64 // from second 3 to 15
	long, short []float64 // rivals with a window of a minute and of 10 s, from second 15 on
	jump        float64   // the most that the error changed in 0.1 s, from second 15 on
	unbound     int       // errors over the bound, from second 3 on
}

func simulate(net network, devices int, minutes float64) (res result) {
	for seed := range devices {
		d := newDevice(net, uint64(seed))
		var est Estimator
		long, short := &rival{span: 60_000}, &rival{span: 10_000}
		previous := 0.0
		for d.box < boxOrigin+minutes*60_000 {
			for _, p := range d.pass(100) {
				est.Add(p.t1, p.t2, p.t3, p.t4)
				long.add(p)
				short.add(p)
			}
			off := func(offset float64) float64 { return d.local + offset - d.box }
			diff, age := off(est.Offset(d.local)), d.box-boxOrigin
			if age > 3_000 && math.Abs(diff) > est.Bound()+resolution/2 {
				res.unbound++
			}
			switch {
			case age > 15_000:
				res.steady = append(res.steady, math.Abs(diff))
				res.long = append(res.long, math.Abs(off(long.offset)))
				res.short = append(res.short, math.Abs(off(short.offset)))
				res.jump = max(res.jump, math.Abs(diff-previous))
			case age > 3_000:
				res.early = append(res.early, math.Abs(diff))
			}
			previous = diff
		}
	}
	for _, v := range [][]float64{res.steady, res.early, res.long, res.short} {
		slices.Sort(v)
	}
	return res
}

// percentile is a percentile of sorted values.
func percentile(sorted []float64, p float64) float64 {
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

// known formats a number of the table, if there is one.
func known(v float64) string {
	if v == 0 {
		return "(-)"
	}
	return fmt.Sprintf("(%.2f)", v)
}

// TestSimulatedNetworks runs the estimator in the model networks and prints its
// errors beside the known ones. They may be at most 1.5 times as large.
func TestSimulatedNetworks(t *testing.T) {
	results := make([]result, len(networks))
	var wg sync.WaitGroup
	for i, net := range networks {
		wg.Go(func() { results[i] = simulate(net, *simDevices, *simMinutes) })
	}
	wg.Wait()
	var table strings.Builder
	table.WriteString("error in ms       p95   (known)   p99.9 (known)   3-15 s (known)  jump/0.1s  min-RTT 60 s  10 s  over bound\n")
	for i, net := range networks {
		r := results[i]
		early := percentile(r.early, 0.95)
		over := 100 * float64(r.unbound) / float64(len(r.steady)+len(r.early))
		p95, p999 := percentile(r.steady, 0.95), percentile(r.steady, 0.999)
		long, short := percentile(r.long, 0.95), percentile(r.short, 0.95)
		fmt.Fprintf(&table, "%-17s %5.3f %7s   %5.3f %7s   %5.3f %7s  %9.3f  %10.3f %5.3f %9.3f%%\n",
			net.name, p95, known(net.p95), p999, known(net.p999), early, known(net.early), r.jump, long, short, over)
		if p95 > 1.5*net.p95 {
			t.Errorf("%s: p95 of the error is %.3f ms, want at most 1.5 x %.2f", net.name, p95, net.p95)
		}
		if net.p999 > 0 && p999 > 1.5*net.p999 {
			t.Errorf("%s: p99.9 of the error is %.3f ms, want at most 1.5 x %.2f", net.name, p999, net.p999)
		}
		if net.early > 0 && early > 1.5*net.early {
			t.Errorf("%s: p95 of the error in seconds 3 to 15 is %.3f ms, want at most 1.5 x %.2f", net.name, early, net.early)
		}
		if p95 >= min(long, short) {
			t.Errorf("%s: p95 of the error is %.3f ms, a min-RTT filter's is %.3f", net.name, p95, min(long, short))
		}
		if r.jump > 0.12 {
			t.Errorf("%s: the error changed by %.3f ms in 0.1 s, want at most 0.12", net.name, r.jump)
		}
		if over > 0.5 {
			t.Errorf("%s: the error is over its bound in %.3f %% of the time, want at most 0.5", net.name, over)
		}
	}
	t.Log("\n" + table.String())
}
