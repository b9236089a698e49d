package clock

import (
	"encoding/binary"
	"math"
	"testing"
)

// even is an ideal network: both ways take the same time, and the clocks run at
// the same speed.
type even struct {
	est    Estimator
	local  float64 // device clock, ms
	offset float64 // box clock minus device clock
	oneWay float64
}

// run sends bursts every 2 s for a time. It returns the largest error in the
// second half, and the largest change of the output in 20 ms.
func (n *even) run(t testing.TB, ms float64) (worst, jump float64) {
	t.Helper()
	begin, half := n.local, n.local+ms/2
	before := n.est.Offset(n.local)
	for ; n.local < begin+ms; n.local += 20 {
		if since := math.Mod(n.local-begin, 2000); since < BurstSize*20 {
			n.ping()
		}
		out := n.est.Offset(n.local)
		if n.local > half {
			worst = max(worst, math.Abs(out-n.offset))
		}
		jump = max(jump, math.Abs(out-before))
		before = out
	}
	return worst, jump
}

func (n *even) ping() {
	t1 := n.local - 2*n.oneWay
	t2 := t1 + n.offset + n.oneWay
	n.est.Add(t1, t2, t2, n.local)
}

func newEven() *even { return &even{local: 1000, offset: 5e6, oneWay: 2} }

func TestZeroEstimator(t *testing.T) {
	var e Estimator
	if e.Synced() || e.Offset(5) != 0 || e.Skew() != 0 || !math.IsInf(e.Bound(), 1) || e.Box(0) != 0 {
		t.Errorf("has an estimate before the first ping: %+v", e)
	}
}

func TestOnePing(t *testing.T) {
	var e Estimator
	e.Add(100, 5103, 5104, 109) // 3 ms there, 5 back, 1 in the box
	if got := e.Offset(109); math.Abs(got-4999) > 1e-6 {
		t.Errorf("the offset is %v, want 4999, the middle", got)
	}
	if got := e.Bound(); math.Abs(got-4) > 1e-6 {
		t.Errorf("the bound is %v, want 4, half of the way", got)
	}
	if got := e.Box(109); math.Abs(float64(got)-5108) > 1e-6 {
		t.Errorf("the box clock is %v, want 5108", got)
	}
}

func TestNonsenseIsIgnored(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, p := range [][4]float64{
		{nan, 2, 2, 4},
		{1, nan, 2, 4},
		{1, 2, nan, 4},
		{1, 2, 2, nan},
		{-inf, 2, 2, 4},
		{1, inf, inf, 4},
		{1, -inf, 2, 4},
		{1, 2, 2, inf},
		{1, 1e300, 1e300, 4},
		{4, 2, 2, 1},
		{1, 3, 2, 4},
		{1, 2, 9, 4},
	} {
		n := newEven()
		n.run(t, 5000)
		want := n.est.Offset(n.local)
		n.est.Add(p[0], p[1], p[2], p[3])
		if got := n.est.Offset(n.local); got != want || n.est.Bound() > 3 {
			t.Errorf("after the ping %v the offset is %v ± %v, want %v", p, got, n.est.Bound(), want)
		}
	}
	n := newEven()
	n.run(t, 5000)
	want := n.est.Box(n.local)
	for _, at := range []float64{nan, inf, -inf, 1e300} {
		if n.est.Offset(at); n.est.Box(at) != want {
			t.Errorf("asked at %v the box clock moved from %v to %v", at, want, n.est.Box(at))
		}
	}
}

// The page or the machine slept, and the device's clock stood still.
func TestASetClockIsFollowed(t *testing.T) {
	for _, jump := range []float64{300_000, 25, -25, -500} {
		n := newEven()
		n.run(t, 60_000)
		n.offset += jump
		n.run(t, 6000) // three bursts
		if worst, _ := n.run(t, 10_000); worst > 0.01 {
			t.Errorf("set by %v ms, the estimate is %v ms off", jump, worst)
		}
	}
}

// One ping shows that a clock was set by more than any delay explains.
func TestOnePingShowsAJump(t *testing.T) {
	for _, jump := range []float64{45_000, 500, 25, -25, -500} {
		n := newEven()
		n.run(t, 60_000)
		n.offset += jump
		n.ping()
		if off := n.est.Offset(n.local) - n.offset; math.Abs(off) > 0.01 || n.est.Bound() > 3 {
			t.Errorf("set by %v ms, after one ping the estimate is %v ± %v ms off", jump, off, n.est.Bound())
		}
	}
}

func TestSmallErrorsAreNotJumped(t *testing.T) {
	n := newEven()
	n.run(t, 60_000)
	n.offset += 10
	_, jump := n.run(t, 4000)
	if limit := (maxSkew + priorSkew) * 20; jump > limit {
		t.Errorf("jumps by %v ms in 20, want at most %v", jump, limit)
	}
	if bound := n.est.Bound(); bound < math.Abs(n.est.Offset(n.local)-n.offset) {
		t.Errorf("says %v ms, but is %v off", bound, n.est.Offset(n.local)-n.offset)
	}
	if worst, _ := n.run(t, 60_000); worst > 0.01 {
		t.Errorf("still %v ms off after a minute", worst)
	}
}

func TestTheBoxClockNeverRunsBackwards(t *testing.T) {
	for seed := range uint64(8) {
		d := newDevice(networks[seed%4], seed)
		var e Estimator
		last := Millis(0)
		for d.box < boxOrigin+30_000 {
			for _, p := range d.pass(5) {
				e.Add(p.t1, p.t2, p.t3, p.t4)
			}
			box := e.Box(d.local)
			if box < last {
				t.Fatalf("%s: from %v back to %v", d.net.name, last, box)
			}
			last = box
		}
	}
}

// The machine of the box was restarted, and its clock counts from zero.
func TestARestartedBoxIsFollowed(t *testing.T) {
	n := newEven()
	n.run(t, 60_000)
	n.est.Box(n.local)
	n.offset = 3000 - n.local
	n.run(t, 10_000)
	if got, want := n.est.Box(n.local), Millis(n.local+n.offset); math.Abs(float64(got-want)) > 0.01 {
		t.Errorf("the box clock is %v, want %v", got, want)
	}
}

func TestARestartedDeviceIsFollowed(t *testing.T) {
	n := newEven()
	n.run(t, 60_000)
	n.offset += n.local
	n.local = 0
	if worst, _ := n.run(t, 4000); worst > 0.01 {
		t.Errorf("%v ms off", worst)
	}
}

// A reset keeps the beat where it is until there are new measurements.
func TestReset(t *testing.T) {
	n := newEven()
	n.run(t, 60_000)
	n.est.Reset()
	if !n.est.Synced() || !math.IsInf(n.est.Bound(), 1) {
		t.Errorf("after a reset synced is %v and the bound %v, want an output without a bound", n.est.Synced(), n.est.Bound())
	}
	if worst, jump := n.run(t, 20_000); worst > 0.01 || jump > 0.01 {
		t.Errorf("a reset for nothing moved the output by %v ms, and left it %v off", jump, worst)
	}
	n.est.Reset()
	n.offset += 1000
	n.ping()
	if got := n.est.Offset(n.local); math.Abs(got-n.offset) > 0.01 {
		t.Errorf("after a reset for a reason the first ping leaves the offset %v off", got-n.offset)
	}
}

// After two minutes of pings a device keeps time without Wi-Fi.
func TestSilence(t *testing.T) {
	for _, net := range networks[:3] {
		for seed := range uint64(4) {
			d := newDevice(net, 100+seed)
			var e Estimator
			for d.box < boxOrigin+120_000 {
				for _, p := range d.pass(100) {
					e.Add(p.t1, p.t2, p.t3, p.t4)
				}
			}
			for d.box < boxOrigin+180_000 {
				d.pass(100)
				diff := math.Abs(d.local + e.Offset(d.local) - d.box)
				if diff > 0.5 || diff > e.Bound()+resolution {
					t.Fatalf("%s: %v ms off, said to be at most %v, after %v s of silence",
						net.name, diff, e.Bound(), (d.box-boxOrigin)/1000-120)
				}
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var e Estimator
	for i := range 20_000 { // a thousand a second
		at := float64(i)
		delay := 2 + float64(i)/1000
		e.Add(at-2*delay, at+100-delay, at+100-delay, at)
	}
	if len(e.up) > maxPoint || len(e.down) > maxPoint || cap(e.up) > 2*maxPoint {
		t.Errorf("keeps %d and %d points in room for %d", len(e.up), len(e.down), cap(e.up))
	}
}

func TestProbePlan(t *testing.T) {
	var bursts int
	var since, last float64
	for since < 13_000 {
		bursts++
		last = pauseAfter(since)
		since += last
	}
	if bursts != 15 || last != 2000 {
		t.Errorf("%d bursts in 13 s, the last pause %v ms; want 10 in 3 s, then one every 2 s", bursts, last)
	}
}

// FuzzEstimator feeds meaningless pings, then good ones. The estimator must be
// right again after the length of the window and the time to correct 20 ms.
func FuzzEstimator(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add(binary.BigEndian.AppendUint64(nil, math.Float64bits(math.NaN())), true)
	var good []byte
	for _, v := range []float64{1000, 5e6 + 1e3 + 2, 5e6 + 1e3 + 2, 1004, 1e9, 2, 3, 4e9, 900, 1e12, 1e12, 1e12} {
		good = binary.BigEndian.AppendUint64(good, math.Float64bits(v))
	}
	f.Add(good, true)
	f.Fuzz(func(t *testing.T, raw []byte, reset bool) {
		n := newEven()
		raw = raw[:min(len(raw), 32*100)]
		for len(raw) >= 32 {
			var v [4]float64
			for i := range v {
				v[i] = math.Float64frombits(binary.BigEndian.Uint64(raw[8*i:]))
			}
			raw = raw[32:]
			n.est.Add(v[0], v[1], v[2], v[3])
			if out := n.est.Offset(v[3]); math.IsNaN(out) || math.IsInf(out, 0) {
				t.Fatalf("the offset is %v after %v", out, v)
			}
			if box := float64(n.est.Box(v[0])); !plausible(box) {
				t.Fatalf("the box clock is %v after %v", box, v)
			}
			if bound := n.est.Bound(); bound < 0 || math.IsNaN(bound) {
				t.Fatalf("the bound is %v after %v", bound, v)
			}
		}
		if reset {
			n.est.Reset()
		}
		n.run(t, window+20/maxSkew+10_000)
		if off := math.Abs(n.est.Offset(n.local) - n.offset); off > 0.01 {
			t.Fatalf("still %v ms off", off)
		}
		if box := float64(n.est.Box(n.local)) - n.local - n.offset; math.Abs(box) > 0.01 {
			t.Fatalf("the box clock is still %v ms off", box)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	d := newDevice(networks[1], 1)
	var pings []ping
	for d.box < boxOrigin+600_000 {
		pings = append(pings, d.pass(100)...)
	}
	var e Estimator
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(pings) {
			i, e = 0, Estimator{}
		}
		p := pings[i]
		e.Add(p.t1, p.t2, p.t3, p.t4)
		i++
	}
}
