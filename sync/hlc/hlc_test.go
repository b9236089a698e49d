package hlc_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"downbeat.local/sync/hlc"
)

// hands are the clocks of a machine, moved by hand.
type hands struct {
	wall time.Time
	up   time.Duration
}

func (h *hands) clock(last hlc.Time) *hlc.Clock {
	return hlc.New(hlc.Config{
		Last: last,
		Wall: func() time.Time { return h.wall }, Uptime: func() time.Duration { return h.up },
	})
}

func (h *hands) pass(d time.Duration) { h.wall, h.up = h.wall.Add(d), h.up+d }

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func TestTimesAreMomentsWithACounter(t *testing.T) {
	if got := hlc.Of(noon).Wall(); !got.Equal(noon) {
		t.Errorf("got %v, want %v", got, noon)
	}
	if got := hlc.Of(time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)); got != 0 {
		t.Errorf("before 1970: got %v, want 0", got)
	}
	last := hlc.Of(time.Date(6429, 1, 1, 0, 0, 0, 0, time.UTC))
	if last <= hlc.Of(noon) {
		t.Errorf("the year 6429 is %d, before %d", last, hlc.Of(noon))
	}
	full := hlc.Of(noon) + 1<<16
	if want := noon.Add(time.Millisecond); !full.Wall().Equal(want) {
		t.Errorf("after a full counter: got %v, want %v", full.Wall(), want)
	}
}

func TestClocksWithoutABattery(t *testing.T) {
	for name, c := range map[string]struct {
		wall    time.Time // after the restart, an hour later
		want    time.Time
		quality hlc.Quality
	}{
		"right":            {noon.Add(time.Hour), noon.Add(time.Hour), hlc.Estimated},
		"back in 1970":     {time.Unix(0, 0), noon, hlc.Unknown},
		"a year behind":    {noon.AddDate(-1, 0, 0), noon, hlc.Unknown},
		"ten years ahead":  {noon.AddDate(10, 0, 0), noon.AddDate(10, 0, 0), hlc.Estimated},
		"ahead of nothing": {noon, noon, hlc.Estimated},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hands{wall: c.wall}
			clock := h.clock(hlc.Of(noon))
			h.pass(time.Second)
			got, quality := clock.Now()
			if want := c.want.Add(time.Second); !got.Wall().Equal(want) || quality != c.quality {
				t.Errorf("got %v (quality %d), want %v (%d)", got, quality, want, c.quality)
			}
		})
	}
}

func TestACorrectionMovesTheTimeAndNeverTheStampsBack(t *testing.T) {
	h := &hands{wall: noon.AddDate(10, 0, 0)}
	clock := h.clock(0)
	ahead, _ := clock.Now()
	if behind := clock.Correct(noon); behind > -9*365*24*time.Hour {
		t.Errorf("got %v, want minus ten years", behind)
	}
	if got := clock.Moment(); !got.Equal(noon) {
		t.Errorf("got %v, want %v", got, noon)
	}
	if got, quality := clock.Now(); got != ahead+1 || quality != hlc.Synced {
		t.Errorf("got %v (quality %d), want %v", got, quality, ahead+1)
	}
	clock.Rewind(hlc.Of(noon))
	h.pass(time.Minute)
	h.wall = noon.AddDate(-20, 0, 0) // nothing that counts any more
	if got, _ := clock.Now(); !got.Wall().Equal(noon.Add(time.Minute)) {
		t.Errorf("got %v, want a minute after noon", got)
	}
}

// Whatever the wall clock does, and however often the box restarts, a stamp is
// greater than all before it.
func TestStampsOnlyGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &hands{wall: noon}
		clock := h.clock(0)
		var last hlc.Time
		jump := rapid.Int64Range(-20*365*24*3600, 20*365*24*3600)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				h.wall = h.wall.Add(time.Duration(jump.Draw(t, "jump")) * time.Second)
			case 1:
				h.pass(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "pass")))
			case 2:
				clock.Observe(hlc.Of(noon.Add(time.Duration(jump.Draw(t, "other")) * time.Second)))
			case 3:
				clock.Correct(noon.Add(time.Duration(jump.Draw(t, "true")) * time.Second))
			case 4:
				h.up = 0
				clock = h.clock(clock.Last())
			default:
				got, _ := clock.Now()
				if got <= last {
					t.Fatalf("%v after %v", got, last)
				}
				last = got
			}
		}
	})
}
