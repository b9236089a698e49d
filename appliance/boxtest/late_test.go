package boxtest

import (
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// TestANoteThatComesTooLate plays notes that are seconds old, as after a stall or
// from a client whose clock is behind.
func TestANoteThatComesTooLate(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	listener, teacher, zoe := b.student("MUSIC-2024"), b.teacher("MUSIC-2024"), b.student("MUSIC-2024")
	old := func() object { return object{"midi": 60, "at": float64(clock.Now() - 3000)} }
	for _, mode := range []string{"live", "snap", "loop"} {
		teacher.must("set_mode", object{"mode": mode, "interval": 16})
		if r := zoe.ask("play_note", old()); r.Status != "error" || r.Response.Reason != "too_late" || r.Response.Message == "" {
			t.Errorf("%s, while nothing runs: %+v, want too_late", mode, r)
		}
	}
	teacher.must("set_count_in", object{"bars": 0})
	teacher.must("start", object{})
	listener.expect("beat")
	played := old()
	zoe.must("play_note", played)
	if on := listener.nextNote("student_note"); on.At != played["at"] {
		t.Errorf("in a loop: at %v, want %v", on.At, played["at"])
	}
	zoe.must("stop_note", object{"midi": 60, "at": played["at"].(float64) + 200})
	if off := listener.nextNote("student_note_off"); off.At != played["at"].(float64)+200 {
		t.Errorf("its end: at %v, want 200 ms later", off.At)
	}
	if r := zoe.ask("play_note", object{"midi": 60, "at": float64(clock.Now() - 60_000)}); r.Response.Reason != "too_late" {
		t.Errorf("older than the loop: %+v, want too_late", r)
	}
}

// TestAProgramWithoutAnswersIsToldThatItIsLate plays a late note from a program
// that does not ask for answers, as supabase-js does not unless told to.
func TestAProgramWithoutAnswersIsToldThatItIsLate(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	for name, play := range map[string]func(zoe *client){
		"JSON":   func(zoe *client) { zoe.send("play_note", object{"midi": 60, "at": 1}) },
		"binary": func(zoe *client) { zoe.sendNotes(wire.NoteEvent{Seq: 1, At: 1, Note: 60, Velocity: 90}) },
	} {
		zoe := b.dial(b.sit("MUSIC-2024", "").Token)
		zoe.topic = topicOf("MUSIC-2024")
		if r := zoe.reply(zoe.push(zoe.topic, "phx_join", object{"config": object{}})); r.Status != "ok" {
			t.Fatalf("joining: %+v", r)
		}
		play(zoe)
		if got := zoe.expect("system").fields(); got["status"] != "error" || got["message"] == "" {
			t.Errorf("%s: told %v, want that the note is too late", name, got)
		}
	}
}
