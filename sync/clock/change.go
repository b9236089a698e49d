package clock

import (
	"math"
	"time"
)

// Lead is how far ahead a change of the timeline is planned, at least: the
// 250 ms by which devices schedule sound, and 150 ms for the message.
const Lead = 400 * time.Millisecond

// MaxCountIn is the longest count-in in bars: 64 seconds of 4/4 at 30 beats a
// minute.
const MaxCountIn = 8

// Wish is what a timeline should become.
type Wish struct {
	BPM     float64 `json:"bpm"`   // 30-300; NaN keeps the tempo
	Meter   int     `json:"meter"` // 1-16
	Running bool    `json:"running"`
	// CountIn is how many bars to count before the first beat of a start, 0-8.
	CountIn int `json:"count_in"`
}

// within brings every field of the wish into its range; t is the timeline now.
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

// Change plans the timeline that follows t. While t runs, it begins on the first
// bar line at least Lead after now, without a jump of the beat. Otherwise it
// begins Lead after now. A start begins at beat 0, after the count-in. A timeline
// that has not begun is replaced at its beginning or later. The revision is one
// more than t's. [Plan] knows what may still be replaced.
func (t Timeline) Change(now Millis, w Wish) Timeline {
	w = w.within(t)
	earliest := now.Add(Lead)
	next := Timeline{Revision: t.Revision + 1, Running: w.Running, BPM: w.BPM, Meter: w.Meter, Time0: earliest}
	switch {
	case t.Running:
		next.Time0, next.Beat0 = t.BarLineAfter(max(earliest, t.Time0))
		next.Bar0, _ = t.Bar(next.Beat0)
	case w.Running:
		next.Bar0 = -w.CountIn
		next.Beat0 = float64(-w.CountIn * w.Meter)
	}
	return next
}

// At returns the timeline at a moment: next from its Time0 on, t before that.
// next may be nil.
func (t Timeline) At(at Millis, next *Timeline) Timeline {
	if next != nil && at >= next.Time0 {
		return *next
	}
	return t
}
