package clock

import (
	"math"
	"time"
)

// Lead is how far ahead a change of the timeline is planned at least: twice
// the 150 ms by which devices schedule sound, and time to hear of it.
const Lead = 400 * time.Millisecond

// MaxCountIn is the most bars that are counted in: 64 seconds of 4/4 at 30
// beats a minute.
const MaxCountIn = 8

// Wish is what a timeline should become.
type Wish struct {
	BPM     float64 `json:"bpm"`   // 30-300; what is no number leaves the tempo as it is
	Meter   int     `json:"meter"` // 1-16
	Running bool    `json:"running"`
	// CountIn is how many bars to count before the first beat of a start, 0-8.
	CountIn int `json:"count_in"`
}

// within is the wish with everything brought into its range, if t is now.
func (w Wish) within(t Timeline) Wish {
	if math.IsNaN(w.BPM) {
		w.BPM = t.BPM
	}
	if !(w.BPM >= MinBPM) {
		w.BPM = MinBPM
	}
	w.BPM = min(MaxBPM, w.BPM)
	w.Meter = max(MinMeter, min(MaxMeter, w.Meter))
	w.CountIn = max(0, min(MaxCountIn, w.CountIn))
	return w
}

// Change plans the timeline that follows t: on the first bar line at least
// Lead after now and without a jump of the beat while t runs, Lead after now
// if it does not. A start begins at beat 0, after the count-in. The revision
// is one more than t's. The caller keeps t until the result's Time0; a wish
// that comes before then is planned from t as well, and replaces the result.
func (t Timeline) Change(now Millis, w Wish) Timeline {
	w = w.within(t)
	earliest := now.Add(Lead)
	next := Timeline{Revision: t.Revision + 1, Running: w.Running, BPM: w.BPM, Meter: w.Meter, Time0: earliest}
	switch {
	case t.Running:
		// A line that has not begun yet can only be left where it begins.
		next.Time0, next.Beat0 = t.BarLineAfter(max(earliest, t.Time0))
		next.Bar0, _ = t.Bar(next.Beat0)
	case w.Running:
		next.Bar0 = -w.CountIn
		next.Beat0 = float64(-w.CountIn * w.Meter)
	}
	return next
}

// At is the timeline that holds at a moment: next from its Time0 on, t until
// then. next may be nil.
func (t Timeline) At(at Millis, next *Timeline) Timeline {
	if next != nil && at >= next.Time0 {
		return *next
	}
	return t
}
