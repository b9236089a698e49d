package appliance

import (
	"testing"
	"time"

	"downbeat.local/sync/clock"
)

// TestPace plays one note, and then notes that keep coming, and writes down
// when frames leave.
func TestPace(t *testing.T) {
	for name, test := range map[string]struct {
		pace  pace
		notes []clock.Millis
		want  []clock.Millis // until 200 ms
	}{
		"one note":           {pace{every: 5 * time.Millisecond}, []clock.Millis{0}, []clock.Millis{0, 15, 40, 90, 155}},
		"one note, once":     {pace{every: 5 * time.Millisecond, once: true}, []clock.Millis{0}, []clock.Millis{0}},
		"a chord":            {pace{every: 5 * time.Millisecond}, []clock.Millis{0, 1, 4}, []clock.Millis{0, 5, 19, 44, 94, 159}},
		"a chord, slowly":    {pace{every: 25 * time.Millisecond}, []clock.Millis{0, 1, 4}, []clock.Millis{0, 25, 44, 94, 159}},
		"a run, once":        {pace{every: 15 * time.Millisecond, once: true}, []clock.Millis{0, 10, 20, 30}, []clock.Millis{0, 15, 30}},
		"as they come":       {pace{once: true}, []clock.Millis{0, 1, 2}, []clock.Millis{0, 1, 2}},
		"two beats":          {pace{every: 5 * time.Millisecond}, []clock.Millis{0, 100}, []clock.Millis{0, 15, 40, 90, 100, 115, 140, 190}},
		"just after a frame": {pace{every: 10 * time.Millisecond}, []clock.Millis{0, 15.5}, []clock.Millis{0, 15, 25, 30.5, 55.5, 105.5, 170.5}},
	} {
		if got := framesOf(test.pace, test.notes, 200); !equalMillis(got, test.want) {
			t.Errorf("%s: frames leave at %v, want %v", name, got, test.want)
		}
	}
}

// TestRest: two seconds after the last note nothing leaves any more, and until
// then no radio dozes.
func TestRest(t *testing.T) {
	frames := framesOf(pace{every: 5 * time.Millisecond}, []clock.Millis{0}, 10_000)
	for i := 1; i < len(frames); i++ {
		if gap := frames[i] - frames[i-1]; gap > 80 {
			t.Errorf("nothing leaves for %v ms at %v", gap, frames[i-1])
		}
	}
	if last := frames[len(frames)-1]; last != 2000 {
		t.Errorf("the last frame leaves at %v ms, want 2000", last)
	}
}

// framesOf is when frames leave for notes that come at those moments.
func framesOf(p pace, notes []clock.Millis, until clock.Millis) (frames []clock.Millis) {
	p.last, p.newest = -1e6, -1e6
	now := clock.Millis(0)
	for now < until {
		if len(notes) > 0 && notes[0] <= now {
			p.newest, p.pending = now, true
			notes = notes[1:]
		}
		if p.due(now) <= now {
			frames = append(frames, now)
			p.last, p.pending = now, false
		}
		next := p.due(now)
		if len(notes) > 0 {
			next = min(next, notes[0])
		}
		if next == clock.Never() {
			return frames
		}
		now = max(next, now)
	}
	return frames
}

func equalMillis(a, b []clock.Millis) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if d := a[i] - b[i]; d > 0.001 || d < -0.001 {
			return false
		}
	}
	return true
}
