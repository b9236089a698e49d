package clock

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func anyWish(t *rapid.T) Wish {
	return Wish{
		BPM:     rapid.Float64Range(MinBPM, MaxBPM).Draw(t, "wish bpm"),
		Meter:   rapid.IntRange(MinMeter, MaxMeter).Draw(t, "wish meter"),
		Running: rapid.Bool().Draw(t, "wish running"),
		CountIn: rapid.IntRange(0, MaxCountIn).Draw(t, "count in"),
	}
}

func TestChanges(t *testing.T) {
	stopped := Timeline{Revision: 1, BPM: 100, Meter: 4}
	running := Timeline{Revision: 2, Running: true, BPM: 120, Time0: 1000, Meter: 4} // bars of 2 s
	counting := Timeline{Revision: 2, Running: true, BPM: 120, Beat0: -8, Time0: 1000, Meter: 4, Bar0: -2}
	for _, c := range []struct {
		name string
		line Timeline
		now  Millis
		wish Wish
		want Timeline
	}{
		{
			"start at once", stopped, 1000,
			Wish{BPM: 90, Meter: 3, Running: true},
			Timeline{Revision: 2, Running: true, BPM: 90, Time0: 1400, Meter: 3},
		},
		{
			"start with count-in", stopped, 1000,
			Wish{BPM: 90, Meter: 3, Running: true, CountIn: 2},
			Timeline{Revision: 2, Running: true, BPM: 90, Beat0: -6, Time0: 1400, Meter: 3, Bar0: -2},
		},
		{
			"tempo while stopped", stopped, 1000,
			Wish{BPM: 90, Meter: 3, CountIn: 2},
			Timeline{Revision: 2, BPM: 90, Time0: 1400, Meter: 3},
		},
		{
			"faster on the next bar line", running, 1100,
			Wish{BPM: 180, Meter: 4, Running: true},
			Timeline{Revision: 3, Running: true, BPM: 180, Beat0: 4, Time0: 3000, Meter: 4, Bar0: 1},
		},
		{
			"400 ms ahead is far enough", running, 2600,
			Wish{BPM: 180, Meter: 4, Running: true},
			Timeline{Revision: 3, Running: true, BPM: 180, Beat0: 4, Time0: 3000, Meter: 4, Bar0: 1},
		},
		{
			"399 ms ahead is not", running, 2601,
			Wish{BPM: 180, Meter: 4, Running: true},
			Timeline{Revision: 3, Running: true, BPM: 180, Beat0: 8, Time0: 5000, Meter: 4, Bar0: 2},
		},
		{
			"new meter counts bars on", running, 1100,
			Wish{BPM: 120, Meter: 7, Running: true},
			Timeline{Revision: 3, Running: true, BPM: 120, Beat0: 4, Time0: 3000, Meter: 7, Bar0: 1},
		},
		{
			"stop at the end of the bar", running, 1100,
			Wish{BPM: 120, Meter: 4},
			Timeline{Revision: 3, BPM: 120, Beat0: 4, Time0: 3000, Meter: 4, Bar0: 1},
		},
		{
			"stop while counting in", counting, 1100,
			Wish{BPM: 120, Meter: 4},
			Timeline{Revision: 3, BPM: 120, Beat0: -4, Time0: 3000, Meter: 4, Bar0: -1},
		},
		{
			"before the line begins", running, 100,
			Wish{BPM: 60, Meter: 4, Running: true},
			Timeline{Revision: 3, Running: true, BPM: 60, Time0: 1000, Meter: 4},
		},
		{
			"out of range", stopped, 1000,
			Wish{BPM: 1e9, Meter: -3, Running: true, CountIn: 99},
			Timeline{Revision: 2, Running: true, BPM: 300, Beat0: -8, Time0: 1400, Meter: 1, Bar0: -8},
		},
		{
			"tempo that is no number", stopped, 1000,
			Wish{BPM: math.NaN(), Meter: 4},
			Timeline{Revision: 2, BPM: 100, Time0: 1400, Meter: 4},
		},
	} {
		if diff := cmp.Diff(c.want, c.line.Change(c.now, c.wish)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// A change of a running timeline keeps the phase, begins on a bar line, soon but
// not too soon, and continues the count of bars.
func TestChangesKeepTheBeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := anyTimeline(t)
		line.Running = true
		now := during(t, line)
		next := line.Change(now, anyWish(t))
		if jump := next.BeatAt(next.Time0) - line.BeatAt(next.Time0); math.Abs(jump) > grain {
			t.Fatalf("the beat jumps by %g", jump)
		}
		bar, inBar := line.Bar(line.BeatAt(next.Time0))
		if inBar != 0 || bar != next.Bar0 {
			t.Fatalf("takes effect on beat %d of bar %d and says bar %d", inBar, bar, next.Bar0)
		}
		ahead, barLength := float64(next.Time0-now), float64(line.Meter)*line.BeatMillis()
		if ahead < 399.99 || ahead > 400.01+barLength {
			t.Fatalf("takes effect %g ms ahead, with bars of %g", ahead, barLength)
		}
	})
}

// Through any number of changes, replaced or not, a device never sees the beat
// go back while the room plays.
func TestBeatsOnlyGrowThroughChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := Millis(rapid.Float64Range(0, 1e9).Draw(t, "now"))
		line := Timeline{BPM: 100, Meter: 4}.Change(now, Wish{BPM: 120, Meter: 4, Running: true, CountIn: 1})
		now = line.Time0
		var next *Timeline
		beat := math.Inf(-1)
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			wish := anyWish(t)
			wish.Running = true
			planned := line.Change(now, wish)
			next = &planned
			until := now + Millis(rapid.Float64Range(1, 20_000).Draw(t, "wait"))
			for ; now < until; now += 50 {
				if now >= next.Time0 {
					line = *next
				}
				got := line.At(now, next).BeatAt(now)
				if got < beat-grain {
					t.Fatalf("at %v the beat goes from %v back to %v", now, beat, got)
				}
				beat = got
			}
		}
	})
}
