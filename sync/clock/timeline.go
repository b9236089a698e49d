package clock

import (
	"fmt"
	"math"
)

// Bounds of a timeline.
const (
	MinBPM   = 30
	MaxBPM   = 300
	MinMeter = 1
	MaxMeter = 16
)

// Timeline maps time to beats by a straight line. Every timeline begins on a bar
// line. The methods expect one that [Timeline.Validate] accepts. With any other
// they return nothing useful, but do not panic.
type Timeline struct {
	Revision int     `json:"revision"`
	Running  bool    `json:"running"`
	BPM      float64 `json:"bpm"`   // beats a minute, 30-300
	Beat0    float64 `json:"beat0"` // the beat at Time0; negative while counting in
	Time0    Millis  `json:"time0"` // box clock
	Meter    int     `json:"meter"` // beats a bar, 1-16
	Bar0     int     `json:"bar0"`  // the bar that begins at Beat0
}

// farBeat bounds beats and bars: six years at 300 beats a minute. Beyond that,
// arithmetic would lose fractions of a beat.
const farBeat = 1e9

// Validate returns an error for a timeline that cannot be right. It is for
// timelines from a file or the network.
func (t Timeline) Validate() error {
	switch {
	case !(t.BPM >= MinBPM && t.BPM <= MaxBPM):
		return fmt.Errorf("%g beats a minute, want %d to %d", t.BPM, MinBPM, MaxBPM)
	case t.Meter < MinMeter || t.Meter > MaxMeter:
		return fmt.Errorf("%d beats a bar, want %d to %d", t.Meter, MinMeter, MaxMeter)
	case !plausible(float64(t.Time0)):
		return fmt.Errorf("begins at %g ms, which no clock shows", float64(t.Time0))
	case !(math.Abs(t.Beat0) <= farBeat) || t.Beat0 != math.Trunc(t.Beat0):
		return fmt.Errorf("begins at beat %g, want a whole number below %g", t.Beat0, farBeat)
	case t.Bar0 < -farBeat || t.Bar0 > farBeat:
		return fmt.Errorf("begins at bar %d, want less than %g", t.Bar0, farBeat)
	}
	return nil
}

// BeatMillis is the length of a beat in milliseconds.
func (t Timeline) BeatMillis() float64 { return 60_000 / t.BPM }

// BeatAt is the beat at a moment, as if the timeline were running.
func (t Timeline) BeatAt(at Millis) float64 {
	return t.Beat0 + float64(at-t.Time0)/t.BeatMillis()
}

// TimeOf is the moment of a beat.
func (t Timeline) TimeOf(beat float64) Millis {
	return t.Time0 + Millis((beat-t.Beat0)*t.BeatMillis())
}

// Bar returns the bar of a beat, and its place in the bar from 0. It ignores the
// fraction of a beat.
func (t Timeline) Bar(beat float64) (bar, beatInBar int) {
	since := int(math.Floor(beat - t.Beat0 + grain))
	meter := max(t.Meter, MinMeter)
	bars := int(math.Floor(float64(since) / float64(meter)))
	return t.Bar0 + bars, since - bars*meter
}

// grain is the fraction of a beat that rounding may lose. A moment computed from
// a beat must be in that beat again. It is 1 µs at 60 beats a minute.
const grain = 1e-6

// BarLineAfter is the first bar line at or after a moment, and its beat.
func (t Timeline) BarLineAfter(at Millis) (line Millis, beat float64) {
	meter := float64(max(t.Meter, MinMeter))
	bars := math.Ceil((t.BeatAt(at) - t.Beat0 - grain) / meter)
	beat = t.Beat0 + bars*meter
	return t.TimeOf(beat), beat
}

// BeatAfter is the first whole beat after a moment, never one that begins at it.
func (t Timeline) BeatAfter(at Millis) float64 {
	return math.Floor(t.BeatAt(at)+grain) + 1
}
