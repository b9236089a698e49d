package room

import (
	"testing"
	"time"

	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

// start starts the tempo at 120 beats a minute without a count-in. It returns
// the time of beat 0.
func start(t testing.TB, r *Room) clock.Millis {
	t.Helper()
	must(t, r, 0, "set_count_in", `{"bars":0}`)
	must(t, r, 0, "set_tempo", `{"bpm":120}`)
	return retime(t, r, 1000, "start", `{}`).Time0
}

// retime sends a control event that changes the timeline.
func retime(t testing.TB, r *Room, now clock.Millis, event, payload string) clock.Timeline {
	t.Helper()
	return must(t, r, now, event, payload)[0].Payload.(TempoChanged).Timeline
}

func TestChangesOfTempoWaitForTheBarLine(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	if zero != 1400 {
		t.Errorf("starts at %v, want 400 ms after the command", zero)
	}
	faster := retime(t, r, zero+100, "set_tempo", `{"bpm":240,"meter":3}`)
	want := clock.Timeline{Revision: 4, Running: true, BPM: 240, Beat0: 4, Time0: zero + 2000, Meter: 3, Bar0: 1}
	if diff := cmp.Diff(want, faster); diff != "" {
		t.Errorf("faster from the next bar on (-want +got):\n%s", diff)
	}
	if s := r.State(zero+1999, ""); s.Timeline.BPM != 120 || s.Next == nil || *s.Next != faster {
		t.Errorf("before the bar line %+v and then %+v", s.Timeline, s.Next)
	}
	if s := r.State(zero+2000, ""); s.Timeline != faster || s.Next != nil {
		t.Errorf("from the bar line on %+v and then %+v", s.Timeline, s.Next)
	}
	late := retime(t, r, zero+2600, "stop", ``) // 150 ms before a bar line: too late for it
	if late.Running || late.Beat0 != 10 || late.Bar0 != 3 {
		t.Errorf("stops at %+v, want beat 10, the bar line after the next", late)
	}
}

func TestAStopMayCutTheBarOff(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	retime(t, r, zero+100, "stop", ``)
	cut := retime(t, r, zero+150, "stop", `{"now":true}`)
	if cut.Running || cut.Time0 != zero+150 {
		t.Errorf("cut off with %+v, want it stopped at the command", cut)
	}
	if s := r.State(zero+151, ""); s.Timeline != cut || s.Next != nil {
		t.Errorf("then %+v and %+v, want the cut and nothing planned", s.Timeline, s.Next)
	}
	if again := retime(t, r, zero+200, "stop", `{"now":true}`); again != cut {
		t.Errorf("a second cut made %+v of %+v", again, cut)
	}
	if _, err := r.Control(zero+300, "", true, "stop", []byte(`{"now":"yes"}`)); err == nil {
		t.Error("a moment that is no boolean passes")
	}
	if begins := retime(t, r, zero+400, "start", `{}`); !begins.Running || begins.Beat0 != 0 {
		t.Errorf("starts with %+v, want beat 0", begins)
	}
}

func TestASecondChangeReplacesTheFirst(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	first := retime(t, r, zero+100, "set_tempo", `{"bpm":90}`)
	second := retime(t, r, zero+200, "set_tempo", `{"bpm":60,"meter":2}`)
	third := retime(t, r, zero+300, "stop", ``)
	if second.Time0 != first.Time0 || second.Revision != first.Revision+1 {
		t.Errorf("%+v replaced %+v", second, first)
	}
	if third.BPM != 60 || third.Meter != 2 || third.Running || third.Time0 != first.Time0 {
		t.Errorf("stopping in between gives %+v, want the last tempo and meter, stopped", third)
	}
	if s := r.State(zero+300, ""); s.Timeline.BPM != 120 || *s.Next != third {
		t.Errorf("now %+v and then %+v", s.Timeline, s.Next)
	}
}

// Stop, then Play just before the bar line: the stop is too near to be taken
// back, and everybody is told what holds until when.
func TestANearChangeComesBeforeTheNextOne(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	stop := retime(t, r, zero+100, "stop", ``)
	now := stop.Time0 - 30
	playing := r.State(now, "").Timeline
	told := must(t, r, now, "start", `{}`)[0].Payload.(TempoChanged)
	if again := told.Timeline; !again.Running || again.Beat0 != 0 || again.Time0 != now+400 {
		t.Errorf("starts again with %+v, want beat 0 in 400 ms", again)
	}
	want := clock.Plan{playing, stop, told.Timeline}
	if diff := cmp.Diff(want, told.Timelines); diff != "" {
		t.Errorf("tempo_changed says (-want +got):\n%s", diff)
	}
	for _, state := range []State{r.State(now, ""), offline(restored(t, r, now).State(now, ""))} {
		if diff := cmp.Diff(want, state.Timelines); diff != "" || state.Timeline != playing || *state.Next != told.Timeline {
			t.Errorf("room_state says %+v, then %+v (-want +got):\n%s", state.Timeline, state.Next, diff)
		}
	}
	beats, _ := beatsUntil(r, now, now+1000)
	var at []clock.Millis
	for _, b := range beats {
		at = append(at, b.At)
	}
	if diff := cmp.Diff([]clock.Millis{told.Time0, told.Time0 + 500}, at); diff != "" {
		t.Errorf("beats (-want +got):\n%s", diff)
	}
}

func restored(t *testing.T, r *Room, now clock.Millis) *Room {
	t.Helper()
	again, err := Restore(saved(t, r), now, true)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestACommandWithoutEffectReturnsTheTimeline(t *testing.T) {
	r := testRoom(t)
	first := retime(t, r, 1000, "start", `{}`)
	for now, event := range map[clock.Millis]string{1100: "start", 9999: "start"} {
		if again := retime(t, r, now, event, `{}`); again != first {
			t.Errorf("%s at %v moved %+v to %+v", event, now, first, again)
		}
	}
	if again := retime(t, r, 10_000, "set_tempo", `{"bpm":100,"meter":4}`); again != first {
		t.Errorf("the same tempo moved %+v to %+v", first, again)
	}
}

// beatsUntil advances the room as its owner does, and returns the beats that
// were announced before until.
func beatsUntil(r *Room, now, until clock.Millis) (got []Beat, end clock.Millis) {
	for now < until {
		beats, _, next := r.Advance(now)
		for _, b := range beats {
			got = append(got, b.Payload.(Beat))
		}
		now = min(next, now+300)
	}
	return got, now
}

func TestBeatsAreAnnouncedOnTime(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	if _, _, next := r.Advance(1000); next != zero {
		t.Errorf("next is %v, want the start at %v", next, zero)
	}
	got, _ := beatsUntil(r, zero, zero+2600)
	var want []Beat
	for i := range 6 {
		want = append(want, Beat{Beat: float64(i), Bar: i / 4, BeatInBar: i % 4, At: zero.Add(time.Duration(i) * 500 * time.Millisecond), BPM: 120})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("beats (-want +got):\n%s", diff)
	}
}

func TestBeatsGoOnThroughAChange(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	retime(t, r, zero+10, "set_tempo", `{"bpm":60,"meter":3}`)
	got, now := beatsUntil(r, zero, zero+6000)
	at := []clock.Millis{0, 500, 1000, 1500, 2000, 3000, 4000, 5000}
	if len(got) != len(at) {
		t.Fatalf("%d beats, want %d: %+v", len(got), len(at), got)
	}
	for i, b := range got {
		if b.Beat != float64(i) || b.At != zero+at[i] {
			t.Errorf("beat %d is %+v, want it at %v", i, b, zero+at[i])
		}
	}
	if last := got[7]; last.Bar != 2 || last.BeatInBar != 0 {
		t.Errorf("after a bar of four and one of three: %+v", last)
	}
	retime(t, r, now, "stop", ``)
	got, _ = beatsUntil(r, now, now+20_000)
	if n := len(got); n == 0 || got[n-1].BeatInBar != 2 {
		t.Errorf("after the stop %+v, want the rest of the bar and no more", got)
	}
	if _, _, next := r.Advance(now + 20_000); next != clock.Never() {
		t.Errorf("a stopped room wants to be called at %v", next)
	}
}

func TestBeatsAreNeverLate(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	r.Advance(zero)
	if beats, _, next := r.Advance(zero + 60_250); len(beats) != 0 || next != zero+60_500 {
		t.Errorf("after a minute asleep, half way between beats: %+v, next %v", beats, next)
	}
	if beats, _, _ := r.Advance(zero + 120_050); len(beats) != 1 || beats[0].Payload.(Beat).Beat != 240 {
		t.Errorf("after another, 50 ms late: %+v, want beat 240 alone", beats)
	}
}

func TestCountInIsNotAnnounced(t *testing.T) {
	r := testRoom(t)
	timeline := retime(t, r, 0, "start", `{}`)
	if timeline.Beat0 != -4 || timeline.Bar0 != -1 {
		t.Errorf("one bar of count-in begins at beat %v, bar %d", timeline.Beat0, timeline.Bar0)
	}
	beats, _, next := r.Advance(timeline.Time0)
	if len(beats) != 0 || next != timeline.TimeOf(0) {
		t.Errorf("announced %+v while counting in, next %v", beats, next)
	}
	beats, _, _ = r.Advance(timeline.TimeOf(0))
	if len(beats) != 1 || beats[0].Payload.(Beat) != (Beat{At: timeline.TimeOf(0), BPM: 100}) {
		t.Errorf("the first beat: %+v", beats)
	}
}

// A timer may fire a little early. The beat must then come at the next call.
func TestAnEarlyTimerLosesNoBeat(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	var n int
	for i := range 100 {
		at := zero.Add(time.Duration(i) * 500 * time.Millisecond)
		for _, now := range []clock.Millis{at - 0.0007, at - 0.0001, at + 0.0001} {
			beats, _, _ := r.Advance(now)
			n += len(beats)
		}
	}
	if n != 100 {
		t.Errorf("%d beats, want 100", n)
	}
}
