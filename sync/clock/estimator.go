package clock

import (
	"math"
	"time"
)

// The numbers of the estimator. Times are milliseconds.
const (
	window   = 60_000 // of points kept: long enough to see skew, short enough to follow its wander
	maxPoint = 1024   // of each kind; far more than the probe plan makes in a window

	priorSkew = 60e-6  // 1 sigma of a crystal nobody has measured
	floorSkew = 0.5e-6 // temperature moves a crystal by this much in minutes
	wander    = 2e-8   // random walk of the skew, per root second
	lambda    = 0.1    // ms that a skew one sigma off must gain to be believed
	learnSpan = 15_000 // before this span the slope says more of the jitter than of the skew
	learnEach = 2_000
	jitter    = 1.0 // ms: how far the ends of an envelope may be from the true line

	maxSkew   = 500e-6 // what is searched, and how fast the output may be corrected
	stepOver  = 20     // ms: more is not corrected but jumped
	settle    = 4_000  // ms: until then the output jumps freely
	crossOver = 1      // ms by which the envelopes may cross
	crossings = 3      // crossings in a row after which the clocks are taken to have been set
	restart   = 1_000  // ms back: no estimate is that wrong, so the box was restarted
)

// point is one one-way measurement: an offset and when it was made.
type point struct{ at, offset float64 }

// Estimator learns the offset of the box clock against a device's own clock,
// and how fast it drifts.
//
// Every ping gives two one-sided measurements. The way there says that the
// offset is at most T2−T1, the way back that it is at least T3−T4; delays on
// the air are one-sided and unequal, so both are kept apart. The line that
// stays under all of the first and over all of the second, with the most room
// between, is the best guess, and half that room is a hard bound on its
// error. (Moon, Skelly and Towsley, INFOCOM 1999, give the one-way form.)
//
// The output never runs backwards, and is corrected by at most 500 parts in a
// million, thirty times less than anybody hears; only errors over 20 ms, and
// those of the first seconds, are jumped over.
//
// The zero Estimator is ready. It is not safe for concurrent use.
type Estimator struct {
	up, down []point // the upper and the lower envelope's points

	now        float64 // the device's clock at the last solution
	low, high  float64 // the envelopes there
	skew       float64
	mean, vari float64 // of the skew, as far as known; vari 0 means nothing is
	learned    float64
	first      float64 // when the first point came
	crossed    int

	solved   bool
	out      float64 // the offset last given out
	outAt    float64
	answered bool
	last     float64 // the box time last given out
}

// Add takes one ping: the device's clock when it was sent (t1) and answered
// (t4), the box clock when the box read it (t2) and wrote the answer (t3), all
// in milliseconds. What is not finite or runs backwards is ignored.
func (e *Estimator) Add(t1, t2, t3, t4 float64) {
	if !finite(t1, t2, t3, t4) || t4 < t1 || t3 < t2 {
		return
	}
	if !e.solved {
		e.first = t4
	}
	e.up = keep(e.up, point{t1, t2 - t1}, t4-window)
	e.down = keep(e.down, point{t4, t3 - t4}, t4-window)
	e.solve(max(t4, e.now))
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.Abs(v) > 1e15 { // 30,000 years
			return false
		}
	}
	return true
}

// keep adds a point and forgets those from before the window.
func keep(points []point, p point, since float64) []point {
	start := 0
	for start < len(points) && (points[start].at < since || len(points)-start >= maxPoint) {
		start++
	}
	return append(points[:copy(points, points[start:])], p)
}

// solve finds the line.
func (e *Estimator) solve(now float64) {
	mean, sigma := e.mean, math.Sqrt(e.vari)
	if e.vari == 0 {
		sigma = priorSkew
	}
	worth := func(s float64) float64 {
		low, high := e.envelopes(s, now)
		off := (s - mean) / sigma
		return high - low - lambda*off*off
	}
	lo, hi := -maxSkew, maxSkew
	for range 40 { // worth is concave: each step keeps two thirds
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if worth(a) < worth(b) {
			lo = a
		} else {
			hi = b
		}
	}
	e.settleOutput(now)
	e.skew, e.now, e.solved = (lo+hi)/2, now, true
	e.low, e.high = e.envelopes(e.skew, now)
	e.learn()
	e.checkCrossing()
}

// envelopes are the highest lower and the lowest upper bound of the offset
// now, if the skew is s.
func (e *Estimator) envelopes(s, now float64) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	for _, p := range e.up {
		high = min(high, p.offset-s*(p.at-now))
	}
	for _, p := range e.down {
		low = max(low, p.offset-s*(p.at-now))
	}
	return low, high
}

// learn lets what the envelopes say of the skew into what is known of it: a
// Kalman filter of one number.
func (e *Estimator) learn() {
	span := e.up[len(e.up)-1].at - e.up[0].at
	if span < learnSpan || e.now-e.learned < learnEach {
		return
	}
	if e.vari == 0 {
		e.vari = priorSkew * priorSkew
	} else {
		e.vari += wander * wander * (e.now - e.learned) / 1000
	}
	noise := jitter / span
	gain := e.vari / (e.vari + noise*noise)
	e.mean += gain * (e.skew - e.mean)
	e.vari = max(e.vari*(1-gain), floorSkew*floorSkew)
	e.learned = e.now
}

// checkCrossing starts anew when no line fits what was measured: one of the
// clocks was set, or the machine slept.
func (e *Estimator) checkCrossing() {
	if e.high >= e.low-crossOver {
		e.crossed = 0
		return
	}
	if e.crossed++; e.crossed < crossings {
		return
	}
	lastUp, lastDown := e.up[len(e.up)-1], e.down[len(e.down)-1]
	e.Reset()
	e.up, e.down = append(e.up, lastUp), append(e.down, lastDown)
	e.first, e.now, e.solved = lastDown.at, lastDown.at, true
	e.low, e.high = e.envelopes(0, e.now)
}

// Reset forgets every measurement; what was learned of the skew stays, and
// the output goes on from where it is until there is something better.
func (e *Estimator) Reset() {
	e.up, e.down = e.up[:0], e.down[:0]
	e.solved, e.crossed = false, 0
}

// Synced reports whether there is an estimate.
func (e *Estimator) Synced() bool { return e.solved }

// Skew is how much faster the box clock runs than the device's: 1e-6 is one
// part in a million.
func (e *Estimator) Skew() float64 { return e.skew }

// Bound is the most that the estimate may be wrong, in milliseconds, if the
// skew is right; infinite before there is one.
func (e *Estimator) Bound() float64 {
	if !e.solved {
		return math.Inf(1)
	}
	return max(0, (e.high-e.low)/2)
}

// target is the best guess of the offset at a device time.
func (e *Estimator) target(at float64) float64 {
	return (e.low+e.high)/2 + e.skew*(at-e.now)
}

// Offset is the box clock minus the device's at a device time, smoothed.
// Times must not run backwards from call to call. It is 0 before there is an
// estimate.
func (e *Estimator) Offset(at float64) float64 {
	e.settleOutput(at)
	return e.out
}

// settleOutput moves the output towards the target.
func (e *Estimator) settleOutput(at float64) {
	if !e.solved || !finite(at) {
		return
	}
	target, passed := e.target(at), max(0, at-e.outAt)
	residual := target - (e.out + e.skew*passed)
	switch {
	case !e.answered || at-e.first < settle || math.Abs(residual) > stepOver:
		e.out = target
	default:
		limit := maxSkew * passed
		e.out += e.skew*passed + max(-limit, min(limit, residual))
	}
	e.outAt, e.answered = max(at, e.outAt), true
}

// Box is the box clock at a device time. It never runs backwards, unless the
// box itself was restarted and counts from zero again.
func (e *Estimator) Box(at float64) Millis {
	if box := at + e.Offset(at); finite(box) && (box > e.last || e.last-box > restart) {
		e.last = box
	}
	return Millis(e.last)
}

// The probe plan: bursts, because the first ping wakes a dozing radio and the
// others then see it awake; often at first, to be right within a second.
const (
	BurstSize  = 5
	BurstGap   = 20 * time.Millisecond
	firstPhase = 3 * time.Second
	firstPause = 300 * time.Millisecond
	laterPause = 2 * time.Second
)

// NextBurst is how long to wait from the start of one burst to that of the
// next, when the first of all began that long ago.
func NextBurst(since time.Duration) time.Duration {
	if since < firstPhase {
		return firstPause
	}
	return laterPause
}
