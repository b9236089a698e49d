package frames

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// TestLanePacer plays one note, and then notes close together, and notes when
// frames leave within 200 ms.
func TestLanePacer(t *testing.T) {
	every := func(ms int) LaneConfig {
		return LaneConfig{Fixed: true, Interval: time.Duration(ms) * time.Millisecond}
	}
	once := func(ms int) LaneConfig { c := every(ms); c.Once = true; return c }
	for name, test := range map[string]struct {
		cfg   LaneConfig
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
		"a chord on Wi-Fi":   {LaneConfig{}, []clock.Millis{0, 1, 4}, []clock.Millis{0, 5, 20, 45, 95, 145}},
	} {
		if got := framesOf(test.cfg, test.notes, 200); !equalMillis(got, test.want) {
			t.Errorf("%s: frames leave at %v, want %v", name, got, test.want)
		}
	}
}

// TestRest: frames keep radios awake for two seconds after the last note, and
// then stop.
func TestRest(t *testing.T) {
	frames := framesOf(LaneConfig{}, []clock.Millis{0}, 10_000)
	for i := 1; i < len(frames); i++ {
		if gap := frames[i] - frames[i-1]; gap > 80 {
			t.Errorf("nothing leaves for %v ms at %v", gap, frames[i-1])
		}
	}
	if last := frames[len(frames)-1]; last != 2000 {
		t.Errorf("the last frame leaves at %v ms, want 2000", last)
	}
}

// TestFramesHeal plays at random: each note soon has its first frame and
// four more within RepeatFor. No gap lets a radio doze. After a rest the frames
// stop.
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
		frames := framesOf(LaneConfig{}, at, end+10_000)
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

// TestAirOfAClass: 40 students play four notes a second, with their ends, on
// the beat or evenly. Each listener gets under 70 packets a second.
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
		a := float64(len(framesOf(LaneConfig{}, notes, seconds*1000))) / seconds
		t.Logf("%s: %.1f packets a second", name, a)
		if a >= 70 {
			t.Errorf("%s: %.1f packets a second, want less than 70", name, a)
		}
	}
}

// TestLateNotesDoNotWait: notes that come late wait for no others until the air
// of a class is used up. Notes that come in time do.
func TestLateNotesDoNotWait(t *testing.T) {
	apart := func(pause clock.Millis) (notes []clock.Millis) {
		for n := range 100 {
			notes = append(notes, pause*clock.Millis(n))
		}
		return notes
	}
	const late = clock.Millis(noteLate / time.Millisecond)
	for name, test := range map[string]struct {
		pause, late clock.Millis
		want        []clock.Millis // within 9 ms
	}{
		"late":           {3, late, []clock.Millis{0, 3, 6}},
		"late, together": {0.5, late, []clock.Millis{0, 1, 2, 3, 4, 5, 6, 7, 8}},
		"in time":        {3, 1, []clock.Millis{0, 5}},
	} {
		if got := lateFramesOf(LaneConfig{}, apart(test.pause), test.late, 9); !equalMillis(got, test.want) {
			t.Errorf("%s: frames leave at %v, want %v", name, got, test.want)
		}
	}
	for _, pause := range []clock.Millis{0.5, 3} {
		if all := lateFramesOf(LaneConfig{}, apart(pause), late, 1000); len(all) >= 70 {
			t.Errorf("%v ms apart: %d frames leave in a second, want less than 70", pause, len(all))
		}
	}
}

// framesOf is when frames leave, until a moment, for notes at those times.
func framesOf(cfg LaneConfig, notes []clock.Millis, until clock.Millis) (frames []clock.Millis) {
	return lateFramesOf(cfg, notes, 0, until)
}

// lateFramesOf is framesOf for notes that were played so long before.
func lateFramesOf(cfg LaneConfig, notes []clock.Millis, late, until clock.Millis) (frames []clock.Millis) {
	c := LanePacer{cfg: cfg, log: NewLog("realtime:test", nil)}
	s := stream{streamKey: streamKey{every: 5 * time.Millisecond, at: wire.PlaceAll}, lastSent: -1e6, airUntil: -1e6}
	p := due{newest: -2e6, newsAt: -2e6, once: cfg.Once}
	for now := clock.Millis(0); now < until; {
		for len(notes) > 0 && notes[0] <= now {
			c.log.Append(wire.NoteEvent{At: float64(notes[0] - late), Velocity: 90}, notes[0])
			p.newest, p.pending = notes[0], true
			notes = notes[1:]
		}
		p.lastSent, p.earliest, p.airFree = s.lastSent, c.earliestLocked(&s), c.airFreeLocked(&s, burst)
		if p.at() <= now {
			frames = append(frames, now)
			p = p.sent(now)
			s.lastSent, s.airUntil = now, max(s.airUntil, now).Add(packetEvery)
			s.cursor, _ = c.log.Newest(wire.PlaceAll)
		}
		next := p.at()
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
