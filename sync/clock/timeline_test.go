package clock

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyTimeline draws a timeline that a room could have after any changes.
func anyTimeline(t *rapid.T) Timeline {
	meter := rapid.IntRange(MinMeter, MaxMeter).Draw(t, "meter")
	bar0 := rapid.IntRange(-4, 10_000).Draw(t, "bar0")
	return Timeline{
		Revision: rapid.IntRange(0, 1000).Draw(t, "revision"),
		Running:  rapid.Bool().Draw(t, "running"),
		BPM:      rapid.Float64Range(MinBPM, MaxBPM).Draw(t, "bpm"),
		Beat0:    float64(rapid.IntRange(-64, 100_000).Draw(t, "beat0")),
		Time0:    Millis(rapid.Float64Range(0, 1e10).Draw(t, "time0")), // four months after the start
		Meter:    meter,
		Bar0:     bar0,
	}
}

// during draws a moment up to a day into a timeline.
func during(t *rapid.T, line Timeline) Millis {
	return line.Time0 + Millis(rapid.Float64Range(0, 86_400_000).Draw(t, "since"))
}

func TestBeatsAndTimesAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := anyTimeline(t)
		at := during(t, line)
		if back := line.TimeOf(line.BeatAt(at)); math.Abs(float64(back-at)) > 1e-3 {
			t.Fatalf("%v is beat %v, which is at %v", at, line.BeatAt(at), back)
		}
		beat := math.Floor(line.BeatAt(at))
		if again := line.BeatAfter(line.TimeOf(beat)); again != beat+1 {
			t.Fatalf("after the moment of beat %v comes beat %v", beat, again)
		}
		bar, inBar := line.Bar(line.BeatAt(line.TimeOf(beat)))
		if wantBar, wantIn := line.Bar(beat); bar != wantBar || inBar != wantIn {
			t.Fatalf("beat %v is %d/%d, and at its moment %d/%d", beat, wantBar, wantIn, bar, inBar)
		}
	})
}

func TestBeatsOnlyGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := anyTimeline(t)
		a := during(t, line)
		b := a + Millis(rapid.Float64Range(0.001, 10_000).Draw(t, "later"))
		if line.BeatAt(b) <= line.BeatAt(a) || line.BeatAfter(b) < line.BeatAfter(a) {
			t.Fatalf("from %v to %v the beat goes from %v to %v", a, b, line.BeatAt(a), line.BeatAt(b))
		}
	})
}

func TestBarsCountTheirBeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := anyTimeline(t)
		beat := line.BeatAfter(during(t, line))
		bar, inBar := line.Bar(beat)
		if inBar < 0 || inBar >= line.Meter {
			t.Fatalf("beat %d of a bar of %d", inBar, line.Meter)
		}
		if got := line.Beat0 + float64((bar-line.Bar0)*line.Meter+inBar); got != beat {
			t.Fatalf("bar %d beat %d is beat %v, want %v", bar, inBar, got, beat)
		}
	})
}

func TestBarLineAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := anyTimeline(t)
		at := during(t, line)
		when, beat := line.BarLineAfter(at)
		if _, inBar := line.Bar(beat); inBar != 0 {
			t.Fatalf("beat %v is number %d of its bar", beat, inBar)
		}
		bar := Millis(float64(line.Meter) * line.BeatMillis())
		if when < at-0.01 || when >= at+bar+0.01 {
			t.Fatalf("the bar line after %v is at %v, with bars of %v", at, when, bar)
		}
		if again, _ := line.BarLineAfter(when); again != when {
			t.Fatalf("the bar line at %v is followed by itself at %v", when, again)
		}
	})
}

func TestAt(t *testing.T) {
	line, next := Timeline{Revision: 1, BPM: 60, Meter: 4}, Timeline{Revision: 2, BPM: 90, Meter: 4, Time0: 1000}
	for _, c := range []struct {
		at   Millis
		next *Timeline
		want int
	}{{999.9, &next, 1}, {1000, &next, 2}, {5000, &next, 2}, {5000, nil, 1}} {
		if got := line.At(c.at, c.next); got.Revision != c.want {
			t.Errorf("At(%v) has revision %d, want %d", c.at, got.Revision, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Timeline{BPM: 120, Beat0: -4, Time0: 5e6, Meter: 4, Bar0: -1}
	if err := good.Validate(); err != nil {
		t.Errorf("%+v: %v", good, err)
	}
	for name, spoil := range map[string]func(*Timeline){
		"no tempo":        func(l *Timeline) { l.BPM = 0 },
		"too fast":        func(l *Timeline) { l.BPM = 300.1 },
		"tempo not a num": func(l *Timeline) { l.BPM = math.NaN() },
		"no meter":        func(l *Timeline) { l.Meter = 0 },
		"long bars":       func(l *Timeline) { l.Meter = 17 },
		"between beats":   func(l *Timeline) { l.Beat0 = 0.5 },
		"beat not a num":  func(l *Timeline) { l.Beat0 = math.NaN() },
		"far beat":        func(l *Timeline) { l.Beat0 = 1e12 },
		"never":           func(l *Timeline) { l.Time0 = Never() },
		"time not a num":  func(l *Timeline) { l.Time0 = Millis(math.NaN()) },
		"far bar":         func(l *Timeline) { l.Bar0 = math.MinInt },
	} {
		l := good
		if spoil(&l); l.Validate() == nil {
			t.Errorf("%s: %+v is accepted", name, l)
		}
	}
}

// anyFloat draws numbers, NaN and infinities.
func anyFloat(t *rapid.T, name string) float64 {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0})).Draw(t, name)
}

// No timeline and no argument makes a method panic, and a plan from a valid
// timeline is valid.
func TestNothingPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := Timeline{
			BPM: anyFloat(t, "bpm"), Beat0: anyFloat(t, "beat0"), Time0: Millis(anyFloat(t, "time0")),
			Meter: rapid.Int().Draw(t, "meter"), Bar0: rapid.Int().Draw(t, "bar0"), Running: rapid.Bool().Draw(t, "running"),
		}
		wish := Wish{
			BPM: anyFloat(t, "wish bpm"), Meter: rapid.Int().Draw(t, "wish meter"),
			Running: rapid.Bool().Draw(t, "wish running"), CountIn: rapid.Int().Draw(t, "count in"),
		}
		at := Millis(anyFloat(t, "at"))
		line.Bar(line.BeatAt(at))
		line.BarLineAfter(at)
		line.BeatAfter(line.TimeOf(float64(at)))
		line.Change(at, wish)
		good := anyTimeline(t)
		if next := good.Change(during(t, good), wish); next.Validate() != nil {
			t.Fatalf("%+v becomes %+v by %+v", good, next, wish)
		}
	})
}

func TestMillis(t *testing.T) {
	type pair struct {
		Added Millis
		Since time.Duration
	}
	got := pair{Millis(1.5).Add(2500 * time.Microsecond), Millis(10).Sub(7.5)}
	if diff := cmp.Diff(pair{4, 2500 * time.Microsecond}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d := Never().Sub(0); d < 99*365*24*time.Hour {
		t.Errorf("never is in %v", d)
	}
	if d := Millis(0).Sub(Never()); d > -99*365*24*time.Hour {
		t.Errorf("never was %v ago", -d)
	}
}

func TestNowRunsOn(t *testing.T) {
	first, last := Now(), Millis(0)
	for last = Now(); last == first; last = Now() {
	}
	if last < first || last.Sub(first) > time.Minute {
		t.Errorf("now is %v after %v", last, first)
	}
}
