package boxtest

import (
	"math"
	"slices"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/sync/clock"
)

func TestBeatsForPlainClients(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	plain, framed, teacher := b.student("MUSIC-2024"), b.frames("MUSIC-2024"), b.teacher("MUSIC-2024")
	teacher.must("set_count_in", object{"bars": 0})
	teacher.must("set_tempo", object{"bpm": 240, "meter": 3})
	teacher.must("start", object{})
	var line clock.Timeline
	for !line.Running {
		plain.expect("tempo_changed").into(&line)
	}
	var last room.Beat
	for i := range 5 {
		var got room.Beat
		plain.expect("beat").into(&got)
		want := room.Beat{Beat: got.Beat, Bar: int(got.Beat) / 3, BeatInBar: int(got.Beat) % 3, At: line.TimeOf(got.Beat), BPM: 240}
		if math.Abs(float64(got.At-want.At)) > 0.01 {
			t.Errorf("beat %g is at %v, want %v", got.Beat, got.At, want.At)
		}
		if got.At = want.At; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if i > 0 && got.Beat <= last.Beat { // a late beat is skipped
			t.Errorf("beat %g came after %g", got.Beat, last.Beat)
		}
		last = got
	}
	teacher.must("stop", object{})
	teacher.must("chat", object{})
	if slices.Contains(framed.until("chat"), "beat") {
		t.Error("a client that counts by itself got beats")
	}
}

// The teacher changes the tempo on every beat, always within 400 ms of a bar
// line. The beats are those of the plan that was told last.
func TestBeatsAreAsTold(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	plain, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	teacher.must("set_count_in", object{"bars": 0})
	teacher.must("set_tempo", object{"bpm": 300, "meter": 1})
	teacher.must("start", object{})
	var plan clock.Plan
	for beats := 0; beats < 15; {
		m := plain.await("a beat", func(m message) bool { return m.event == "beat" || m.event == "tempo_changed" })
		if m.event == "tempo_changed" {
			var told room.TempoChanged
			m.into(&told)
			plan = told.Timelines
			if err := plan.Validate(); err != nil || plan.Last() != told.Timeline {
				t.Fatalf("tempo_changed is %+v: %v", told, err)
			}
			continue
		}
		var got room.Beat
		m.into(&got)
		line := plan.At(got.At)
		if want := line.TimeOf(got.Beat); got.BPM != line.BPM || math.Abs(float64(got.At-want)) > 0.01 {
			t.Errorf("got %+v, want it at %v of %+v", got, want, line)
		}
		beats++
		teacher.must("set_tempo", object{"bpm": 240 + beats%7*10})
	}
}

// beatAt is the beat of a room at a later moment.
func beatAt(s room.State, at clock.Millis) float64 { return s.Timeline.At(at, s.Next).BeatAt(at) }

func TestABoxComesBackAsItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: dir})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	zoe, teacher := b.dial(seat.Token).join("MUSIC-2024"), b.teacher("MUSIC-2024")
	teacher.must("assign_beat", object{"student_id": zoe.id, "beat": []int{1}})
	teacher.must("set_tempo", object{"bpm": 97, "meter": 3})
	teacher.must("start", object{})
	teacher.must("set_tempo", object{"bpm": 131})
	before := zoe.resync()
	b.stop()
	zoe.hungUp(1012)

	b = openBox(t, appliance.Config{DataDir: dir})
	again := b.dial(seat.Token).join("MUSIC-2024")
	if again.id != zoe.id || again.seat != zoe.seat {
		t.Errorf("was %s in seat %d, is %s in seat %d", zoe.id, zoe.seat, again.id, again.seat)
	}
	after := again.resync()
	minute := clock.Now() + 60_000
	length := after.Timeline.At(minute, after.Next).BeatMillis()
	if off := (beatAt(after, minute) - beatAt(before, minute)) * length; math.Abs(off) > 1 {
		t.Errorf("the beat is %g ms off", off)
	}
	if len(after.Members) != 1 || after.Members[0].ID != zoe.id || !slices.Equal(after.Members[0].Beats, []int{1}) {
		t.Errorf("the roster is %+v", after.Members)
	}
	if back := b.sit("MUSIC-2024", seat.Resume); back.Member != seat.Member {
		t.Errorf("the browser's secret opens %+v, want %+v", back.Member, seat.Member)
	}
	again.alive()
}

// resync asks for the whole state.
func (c *client) resync() (s room.State) {
	c.t.Helper()
	c.must("resync", object{})
	c.expect("room_state").into(&s)
	return s
}
