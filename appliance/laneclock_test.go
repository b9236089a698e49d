package appliance

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"downbeat.local/sync/clock"
)

// TestFrameClock plays one note, and then notes that come close, and writes down
// when frames leave within 200 ms.
func TestFrameClock(t *testing.T) {
	every := func(ms int) laneConfig {
		return laneConfig{fixed: true, interval: time.Duration(ms) * time.Millisecond}
	}
	once := func(ms int) laneConfig { c := every(ms); c.once = true; return c }
	for name, test := range map[string]struct {
		cfg   laneConfig
		notes []clock.Millis
		want  []clock.Millis
	}{
		"one note":           {every(5), []clock.Millis{0}, []clock.Millis{0, 15, 40, 90, 140}},
		"one note, once":     {once(5), []clock.Millis{0}, []clock.Millis{0}},
		"a chord":            {every(5), []clock.Millis{0, 1, 4}, []clock.Millis{0, 5, 20, 45, 95, 145}},
		"a chord, slowly":    {every(25), []clock.Millis{0, 1, 4}, []clock.Millis{0, 25, 40, 65, 115, 165}},
		"a run, once":        {once(15), []clock.Millis{0, 10, 20, 30}, []clock.Millis{0, 15, 30}},
		"as they come":       {once(0), []clock.Millis{0, 1, 2}, []clock.Millis{0, 1, 2}},
		"two beats":          {every(5), []clock.Millis{0, 100}, []clock.Millis{0, 15, 40, 90, 100, 115, 140, 190}},
		"just after a frame": {every(10), []clock.Millis{0, 15.5}, []clock.Millis{0, 15, 25, 40, 65, 115, 165}},
		"a chord on Wi-Fi":   {laneConfig{}, []clock.Millis{0, 1, 4}, []clock.Millis{0, 5, 20, 45, 95, 145}},
	} {
		if got := framesOf(test.cfg, test.notes, 200); !equalMillis(got, test.want) {
			t.Errorf("%s: frames leave at %v, want %v", name, got, test.want)
		}
	}
}

// TestRest: two seconds after the last note nothing leaves any more, and until
// then no radio dozes.
func TestRest(t *testing.T) {
	frames := framesOf(laneConfig{}, []clock.Millis{0}, 10_000)
	for i := 1; i < len(frames); i++ {
		if gap := frames[i] - frames[i-1]; gap > 80 {
			t.Errorf("nothing leaves for %v ms at %v", gap, frames[i-1])
		}
	}
	if last := frames[len(frames)-1]; last != 2000 {
		t.Errorf("the last frame leaves at %v ms, want 2000", last)
	}
}

// TestFramesHeal: whatever is played, each note soon has its first frame, and
// four more within repeatFor; nobody waits for one longer than his radio stays
// awake; and when all have rested, the frames end.
func TestFramesHeal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		notes := rapid.SliceOfN(rapid.Float64Range(0, 120), 1, 60).Draw(t, "pauses")
		at := make([]clock.Millis, len(notes))
		for i, pause := range notes {
			at[i] = clock.Millis(pause)
			if i > 0 {
				at[i] += at[i-1]
			}
		}
		end := at[len(at)-1]
		frames := framesOf(laneConfig{}, at, end+10_000)
		for _, note := range at {
			i, _ := slices.BinarySearch(frames, note)
			if wait := frames[i] - note; wait > 20 {
				t.Fatalf("the note at %v waits %v ms", note, wait)
			}
			if last := frames[i+4] - frames[i]; last >= 150 {
				t.Fatalf("the note at %v has four frames more in %v ms", note, last)
			}
		}
		for i := 1; i < len(frames); i++ {
			if gap := frames[i] - frames[i-1]; gap > 65.001 {
				t.Fatalf("nothing leaves for %v ms at %v", gap, frames[i-1])
			}
		}
		if last := frames[len(frames)-1]; last < end+2000 || last > end+2020 {
			t.Fatalf("the last frame leaves at %v ms, the last note came at %v", last, end)
		}
	})
}

// TestAirOfAClass: forty who play four notes a second, with their ends, leave
// each listener with under 70 packets a second, on the beat and evenly.
func TestAirOfAClass(t *testing.T) {
	const seconds, events = 10, 320 // a second
	for name, at := range map[string]func(n int) clock.Millis{
		"evenly":      func(n int) clock.Millis { return clock.Millis(n) * 1000 / events },
		"on the beat": func(n int) clock.Millis { return clock.Millis(n/80)*250 + clock.Millis(n%80)*5/80 },
	} {
		notes := make([]clock.Millis, 0, seconds*events)
		for n := range seconds * events {
			notes = append(notes, at(n))
		}
		a := float64(len(framesOf(laneConfig{}, notes, seconds*1000))) / seconds
		t.Logf("%s: %.1f packets a second", name, a)
		if a >= 70 {
			t.Errorf("%s: %.1f packets a second, want less than 70", name, a)
		}
	}
}

// framesOf is when frames leave, until a moment, for notes that come at those
// moments.
func framesOf(cfg laneConfig, notes []clock.Millis, until clock.Millis) (frames []clock.Millis) {
	c := laneClock{cfg: cfg}
	s := series{every: 5 * time.Millisecond, last: -1e6, spent: -1e6}
	p := pace{newest: -2e6, told: -2e6, once: cfg.once}
	for now := clock.Millis(0); now < until; {
		for len(notes) > 0 && notes[0] <= now {
			p.newest, p.pending = notes[0], true
			notes = notes[1:]
		}
		p.last, p.next = s.last, c.nextLocked(&s)
		if p.due() <= now {
			frames = append(frames, now)
			p = p.sent(now)
			s.last, s.spent = now, max(s.spent, now).Add(packetEvery)
		}
		next := p.due()
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
