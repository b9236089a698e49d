package clock

import (
	"math"
	"slices"
)

// The numbers of the estimator. Times are milliseconds.
const (
	window   = 60_000 // of the points that are kept: long enough to see skew, short enough to follow its wander
	maxPoint = 1024   // points of each kind; six times what the probe plan makes in a window

	priorSkew = 60e-6  // 1 sigma of an unmeasured crystal
	floorSkew = 0.5e-6 // temperature moves a crystal by this much in minutes
	wander    = 2e-8   // random walk of the skew, per root second
	pull      = 0.1    // ms of room that a skew one sigma off must gain to be chosen
	learnSpan = 15_000 // ms; over a shorter span the slope shows jitter more than skew
	jitter    = 1.0    // ms: how far the ends of an envelope may be from the true line
	solveEach = 2_000  // ms, the pace of bursts; sooner only for a ping that changes an envelope

	maxSkew   = 500e-6 // the range of the search, and the fastest correction of the output
	stepOver  = 20     // ms: an output that is certainly further off jumps at once; envelopes that cross further start over
	settle    = 4_000  // ms, eleven bursts: after the first answer or a step the output moves freely
	crossOver = 1      // ms by which the envelopes may cross
	crossings = 3      // bursts in a row that show that a clock was set
	burstSpan = 100    // ms: pings closer than this are one burst
	backwards = 1_000  // ms back: only a restarted clock goes back this far

	farthest = 1e13 // ms, 300 years; there float64 still has steps of 2 µs
)

// point is one one-way measurement: an offset, and the time of the measurement.
type point struct{ at, offset float64 }

// Estimator learns the offset of the box clock against a device's own clock,
// and how fast it drifts.
//
// Every ping gives two one-sided measurements. From the way there, the offset is
// at most t2−t1; from the way back, it is at least t3−t4. Delays on the air are
// one-sided and unequal, so the two kinds are kept apart. Take all pairs of
// parallel lines, one below all of the first kind, one above all of the second.
// The pair with the most room between has the true slope. The middle is the best
// guess, and half the room bounds its error. (Moon, Skelly and Towsley, INFOCOM
// 1999, give the one-way form.)
//
// The output never runs backwards. It is corrected by at most 500 parts in a
// million, thirty times less than a listener notices. It moves freely only in
// the first seconds, and when the measurements prove it wrong by over 20 ms.
// Without measurements it continues at the last skew.
//
// The zero Estimator is ready. It holds at most 2,048 points of the last
// minute. It is not safe for concurrent use.
type Estimator struct {
	up, down []point // the points of the upper and the lower envelope

	solved    bool    // the envelopes are known
	now       float64 // the device's clock at the last solution
	low, high float64 // the envelopes there
	skew      float64

	mean, variance float64 // of the skew as learned so far; variance 0 means not yet
	learned        float64 // the time of that

	crossed      int     // bursts in a row that no line fits
	crossedSince float64 // when the first of their pings was sent
	crossedLast  float64 // when the last of them was counted

	answered bool    // the output is known
	out      float64 // the last offset that was returned
	outAt    float64 // its time; the output moves from there
	freeTill float64 // the output may move freely until then
	last     float64 // the last box time that was returned
}

// Add takes one ping, in milliseconds: the device's clock when it was sent (t1)
// and answered (t4), and the box clock when the box read it (t2) and wrote the
// answer (t3). It ignores a ping that is not finite, runs backwards or arrives
// before it was sent.
func (e *Estimator) Add(t1, t2, t3, t4 float64) {
	if !plausible(t1, t2, t3, t4) || t4 < t1 || t3 < t2 || t4-t1 < t3-t2-crossOver {
		return
	}
	if e.solved && t4 < e.now-backwards {
		e.startAnew(t4)
	}
	e.outAt = min(e.outAt, t4+backwards) // if the caller asked about the future
	e.freeTill = min(e.freeTill, e.outAt+settle)
	up, down := point{t1, t2 - t1}, point{t4, t3 - t4}
	news := !e.solved || up.offset < e.line(e.high, t1) || down.offset > e.line(e.low, t4)
	e.up = keep(e.up, up, t4-window)
	e.down = keep(e.down, down, t4-window)
	// A ping that does not change the envelopes does not change the best skew.
	if news || e.crossed > 0 || t4-e.now >= solveEach {
		e.solve(max(t4, e.now))
		e.checkCrossing(t1)
	}
}

// plausible reports whether all values are numbers that a clock can show.
func plausible(values ...float64) bool {
	for _, v := range values {
		if !(math.Abs(v) <= farthest) {
			return false
		}
	}
	return true
}

// keep adds a point and forgets those before the window.
func keep(points []point, p point, since float64) []point {
	start := 0
	for start < len(points) && (points[start].at < since || len(points)-start >= maxPoint) {
		start++
	}
	return append(slices.Delete(points, 0, start), p)
}

// line follows a line through offset at the last solution to another time.
func (e *Estimator) line(offset, at float64) float64 { return offset + e.skew*(at-e.now) }

// solve finds the envelopes.
func (e *Estimator) solve(now float64) {
	e.move(now) // by the old skew until now
	e.now, e.solved = now, true
	skew := e.search(e.mean, e.sigma())
	e.low, e.high = e.envelopes(skew)
	if !e.crosses() {
		e.skew = skew
		e.learn()
	}
}

// crosses reports whether no line fits the points, because a clock was set.
func (e *Estimator) crosses() bool { return e.high < e.low-crossOver }

// sigma is the uncertainty of the skew.
func (e *Estimator) sigma() float64 {
	if e.variance == 0 {
		return priorSkew
	}
	return math.Sqrt(e.variance)
}

// search finds the skew with the most room between the envelopes. A skew far
// from the expected one needs more room.
func (e *Estimator) search(mean, sigma float64) float64 {
	worth := func(s float64) float64 {
		low, high := e.envelopes(s)
		off := (s - mean) / sigma
		return high - low - pull*off*off
	}
	lo, hi := -maxSkew, maxSkew
	for range 40 { // worth is concave: each step keeps two thirds of the range
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if worth(a) < worth(b) {
			lo = a
		} else {
			hi = b
		}
	}
	return (lo + hi) / 2
}

// envelopes returns the highest lower bound and the lowest upper bound of the
// offset at the last solution, if the skew is s.
func (e *Estimator) envelopes(s float64) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	for _, p := range e.up {
		if v := p.offset - s*(p.at-e.now); v < high {
			high = v
		}
	}
	for _, p := range e.down {
		if v := p.offset - s*(p.at-e.now); v > low {
			low = v
		}
	}
	return low, high
}

// learn updates the skew from the points, as a Kalman filter of one number. The
// measurement does not depend on what was learned before; otherwise a wrong
// start would confirm itself.
func (e *Estimator) learn() {
	span := e.up[len(e.up)-1].at - e.up[0].at
	if span < learnSpan || e.now-e.learned < solveEach {
		return
	}
	if e.variance == 0 {
		e.variance = priorSkew * priorSkew
	} else {
		e.variance += wander * wander * (e.now - e.learned) / 1000
	}
	noise := jitter / span
	gain := e.variance / (e.variance + noise*noise)
	e.mean += gain * (e.search(0, priorSkew) - e.mean)
	e.variance = max(e.variance*(1-gain), floorSkew*floorSkew)
	e.learned = e.now
}

// checkCrossing forgets the points before a crossing: one of the clocks was set,
// or the machine slept. One ping shows that if the envelopes cross by more than
// stepOver; no delay explains it. Less may be the noise of a clock, and takes
// several bursts. t1 is when the last ping was sent.
func (e *Estimator) checkCrossing(t1 float64) {
	switch {
	case !e.crosses():
		e.crossed = 0
		return
	case e.low-e.high > stepOver:
		e.startOver(e.up[len(e.up)-1:], e.down[len(e.down)-1:])
		return
	case e.crossed == 0:
		e.crossedSince = t1
	case e.now-e.crossedLast < burstSpan:
		return
	}
	e.crossed++
	e.crossedLast = e.now
	if e.crossed < crossings {
		return
	}
	before := func(p point) bool { return p.at < e.crossedSince }
	e.startOver(slices.DeleteFunc(e.up, before), slices.DeleteFunc(e.down, before))
}

// startOver finds the envelopes of these points alone.
func (e *Estimator) startOver(up, down []point) {
	e.up, e.down, e.crossed = up, down, 0
	e.mean, e.variance = 0, 0 // it may be another box with another crystal
	e.solve(e.now)
}

// startAnew forgets everything but the output, because the device's clock was
// restarted and shows at.
func (e *Estimator) startAnew(at float64) {
	e.Reset()
	e.mean, e.variance, e.learned = 0, 0, 0
	e.now, e.outAt = at, at
}

// Reset forgets every measurement, after a sleep or a change of network. It
// keeps the learned skew, and the output continues from where it is until new
// measurements correct it.
func (e *Estimator) Reset() {
	e.up, e.down = e.up[:0], e.down[:0]
	e.solved, e.crossed = false, 0
}

// Synced reports whether there is an estimate.
func (e *Estimator) Synced() bool { return e.answered || e.solved }

// Skew is how much faster the box clock runs than the device's: 1e-6 is one
// part in a million.
func (e *Estimator) Skew() float64 { return e.skew }

// Bound bounds the error of the last offset that was returned, in milliseconds,
// if the skew is right. It is half the room between the envelopes, plus the
// correction to come, plus what the skew may have changed since the last ping.
// It is infinite without measurements and while they contradict each other.
// Coarse steps of the device's clock come on top.
func (e *Estimator) Bound() float64 {
	if !e.solved || e.crosses() {
		return math.Inf(1)
	}
	bound := max(0, e.high-e.low) / 2
	if e.answered {
		bound += math.Abs(e.target(e.outAt) - e.out)
	}
	return bound + 3*e.sigma()*max(0, e.outAt-e.now)
}

// target is the best guess of the offset at a device time.
func (e *Estimator) target(at float64) float64 { return e.line((e.low+e.high)/2, at) }

// Offset is the box clock minus the device's clock at a device time, smoothed.
// Times must not go back from call to call. Without an estimate it is 0.
func (e *Estimator) Offset(at float64) float64 {
	e.move(at)
	return e.out
}

// move brings the output to a device time, and toward the target.
func (e *Estimator) move(at float64) {
	if !e.Synced() || !plausible(at) {
		return
	}
	passed := max(0, at-e.outAt)
	kept := e.out + e.skew*passed // the output without a correction
	switch {
	case !e.answered:
		e.out, e.freeTill = e.target(at), at+settle
	case !e.solved || e.crosses():
		e.out = kept
	case e.misses(kept, at) > stepOver:
		e.out, e.freeTill = e.target(at), at+settle
	case at < e.freeTill:
		e.out = e.target(at)
	default:
		limit := maxSkew * passed
		e.out = kept + max(-limit, min(limit, e.target(at)-kept))
	}
	e.outAt, e.answered = max(at, e.outAt), true
}

// misses is how far an offset is outside the envelopes. Inside them nothing
// proves it wrong, however far from the middle it is.
func (e *Estimator) misses(offset, at float64) float64 {
	low, high := e.line(e.low, at), e.line(e.high, at)
	return max(0, low-offset, offset-high)
}

// Box is the box clock at a device time. It never runs backwards, unless the
// box was restarted and counts from zero again.
func (e *Estimator) Box(at float64) Millis {
	if box := at + e.Offset(at); plausible(box) && (box > e.last || e.last-box > backwards) {
		e.last = box
	}
	return Millis(e.last)
}
