package boxtest

import (
	"slices"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// noteJSON is the payload of student_note and student_note_off.
type noteJSON struct {
	Note     uint8 `json:"midi"`
	Velocity uint8
	ID       string `json:"student_id"`
	At       float64
	Seq      uint16
	Keyboard bool
}

func (c *client) nextNote(event string) (h noteJSON) {
	c.t.Helper()
	c.expect(event).into(&h)
	return h
}

// frames is a student that reads room frames.
func (b *box) frames(code string) *client {
	b.t.Helper()
	return b.dial(b.sit(code, "").Token, "frames", "1").join(code)
}

// event waits for the next note in a room frame.
func (c *client) event() wire.NoteEvent {
	c.t.Helper()
	events := c.expect(wire.EventNotes).frame.Events
	if len(events) != 1 {
		c.t.Fatalf("a frame of %d notes, want 1", len(events))
	}
	return events[0]
}

func TestANoteCarriesItsPlayersID(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	for name, vsn := range map[string]string{"serializer 1": "1.0.0", "serializer 2": "2.0.0"} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			zoe, listener := b.student("MUSIC-2024"), b.dial(b.sit("MUSIC-2024", "").Token, "vsn", vsn).join("MUSIC-2024")
			forged := object{"midi": 60, "velocity": 80, "student_id": listener.id, "seat": listener.seat}
			zoe.must("play_note", forged)
			on := listener.nextNote("student_note")
			if on.ID != zoe.id || on.Note != 60 || on.Velocity != 80 || on.At <= 0 {
				t.Errorf("got %+v, want note 60 at 80 by %s", on, zoe.id)
			}
			zoe.must("stop_note", object{"midi": 60, "student_id": listener.id})
			off := listener.nextNote("student_note_off")
			if off.ID != zoe.id || off.Note != 60 || off.Seq != on.Seq+1 || off.At < on.At {
				t.Errorf("got the end %+v after %+v", off, on)
			}
			zoe.must("play_note", object{"midi": 61})
			if on := listener.nextNote("student_note"); on.Velocity != 100 {
				t.Errorf("without a velocity: %+v", on)
			}
			zoe.must("stop_note", object{"midi": 61}) // otherwise it ends in the next round
			zoe.must("chat", object{})
			if slices.Contains(listener.until("chat"), "play_note") {
				t.Error("play_note was relayed under its own name")
			}
		})
	}
}

func TestANoteEndsWithItsDuration(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	zoe.must("play_note", object{"midi": 60, "duration": 40})
	on, off := listener.nextNote("student_note"), listener.nextNote("student_note_off")
	if length := off.At - on.At; length != 40 {
		t.Errorf("a note of 40 ms lasted %g", length)
	}
}

func TestNotesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	for name, payload := range map[string]any{
		"no note":           object{"velocity": 80},
		"a note above":      object{"midi": 128},
		"a note below":      object{"midi": -1},
		"half a note":       object{"midi": 60.5},
		"a loud note":       object{"midi": 60, "velocity": 128},
		"a backward note":   object{"midi": 60, "duration": -1},
		"no length":         object{"midi": 60, "duration": 0},
		"next to no length": object{"midi": 60, "duration": 1e-9},
		"a word for a note": object{"midi": "C"},
		"a list":            []int{60},
		"nothing":           nil,
	} {
		if r := zoe.ask("play_note", payload); r.Response.Reason != "bad_payload" {
			t.Errorf("%s: %+v, want bad_payload", name, r)
		}
	}
	zoe.must("play_note", object{"midi": 60})
	if on := listener.nextNote("student_note"); on.Seq != 1 {
		t.Errorf("the first good note is %+v, want the first of all", on)
	}
	zoe.must("stop_note", object{"midi": 60, "duration": 0}) // an end has no length
	listener.nextNote("student_note_off")
}

func TestPlainAndFrameClientsHearEachOther(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	plain, framed := b.student("MUSIC-2024"), b.frames("MUSIC-2024")

	plain.must("play_note", object{"midi": 60, "velocity": 80})
	if n := framed.event(); n.Seat != plain.seat || n.Note != 60 || n.Velocity != 80 {
		t.Errorf("a plain client's note came as %+v", n)
	}
	plain.must("stop_note", object{"midi": 60})
	if n := framed.event(); n.Seat != plain.seat || n.Note != 60 || n.Velocity != 0 {
		t.Errorf("its end came as %+v", n)
	}

	framed.sendNotes(wire.NoteEvent{Note: 72, Velocity: 90})
	if on := plain.nextNote("student_note"); on.ID != framed.id || on.Note != 72 || on.Velocity != 90 {
		t.Errorf("a frame client's note came as %+v", on)
	}
	if own := framed.event(); own.Seat != framed.seat {
		t.Errorf("a frame has all notes, also the client's own: %+v", own)
	}
	framed.sendNotes(wire.NoteEvent{Note: 72})
	if off := plain.nextNote("student_note_off"); off.ID != framed.id || off.Note != 72 {
		t.Errorf("its end came as %+v", off)
	}
	plain.must("chat", object{})
	if told := framed.until("chat"); slices.Contains(told, "student_note") || slices.Contains(told, "student_note_off") {
		t.Errorf("a frame client got notes in both forms: %v", told)
	}
}

func TestAMutedStudentIsSilent(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe, listener, framed, teacher := b.student("MUSIC-2024"), b.student("MUSIC-2024"), b.frames("MUSIC-2024"), b.teacher("MUSIC-2024")
	zoe.must("play_note", object{"midi": 60})
	listener.expect("student_note")
	framed.event()

	teacher.must("mute_student", object{"student_id": zoe.id, "muted": true})
	if off := listener.nextNote("student_note_off"); off.ID != zoe.id || off.Note != 60 {
		t.Errorf("what sounded ended as %+v", off)
	}
	if n := framed.event(); n.Seat != zoe.seat || n.Velocity != 0 {
		t.Errorf("what sounded ended as %+v", n)
	}
	for _, c := range []*client{zoe, listener, framed, teacher} {
		if told := c.expect("student_muted").fields(); told["student_id"] != zoe.id || told["muted"] != true {
			t.Errorf("got %v", told)
		}
	}
	if r := zoe.ask("play_note", object{"midi": 62}); r.Response.Reason != "muted" || r.Response.Message == "" {
		t.Errorf("a muted student plays: %+v, want muted", r)
	}
	teacher.must("play_note", object{"midi": 40})
	if on := listener.nextNote("student_note"); on.ID != teacher.id {
		t.Errorf("got %+v before the teacher's note", on)
	}
	if n := framed.event(); n.Seat != teacher.seat {
		t.Errorf("got %+v before the teacher's note", n)
	}

	teacher.must("mute_student", object{"student_id": zoe.id, "muted": false})
	zoe.must("play_note", object{"midi": 62})
	if on := listener.nextNote("student_note"); on.ID != zoe.id || on.Note != 62 {
		t.Errorf("unmuted: got %+v", on)
	}
}

// Flutter's clients put the fields of a note beside its event.
func TestFlatNotes(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Door: room.DoorOpen})
	b.open("MUSIC-2024")
	for _, vsn := range []string{"1.0.0", "2.0.0"} {
		flutter, listener := b.dial(b.token(anonClaims), "vsn", vsn).join("MUSIC-2024"), b.student("MUSIC-2024")
		flat := func(fields object) {
			t.Helper()
			fields["type"] = "broadcast"
			if r := flutter.reply(flutter.push(flutter.topic, "broadcast", fields)); r.Status != "ok" {
				t.Errorf("vsn %s: %v is answered %+v", vsn, fields, r)
			}
		}
		flat(object{"event": "play_note", "midi": 60, "velocity": 90})
		if on := listener.nextNote("student_note"); on.Note != 60 || on.Velocity != 90 || on.ID != flutter.id {
			t.Errorf("vsn %s: the note arrives as %+v", vsn, on)
		}
		flat(object{"event": "stop_note", "midi": 60})
		if off := listener.nextNote("student_note_off"); off.Note != 60 {
			t.Errorf("vsn %s: its end arrives as %+v", vsn, off)
		}
		flat(object{"event": "wave", "hand": "left"})
		flat(object{"event": "resync"})
		flutter.expect("room_state")
		listener.expect("wave")
		if r := flutter.reply(flutter.push(flutter.topic, "broadcast", object{"type": "broadcast", "event": "set_tempo", "bpm": 90})); r.Response.Reason != "unauthorized" {
			t.Errorf("vsn %s: a command is answered %+v", vsn, r)
		}
	}
	teacher := b.teacher("MUSIC-2024")
	if r := teacher.reply(teacher.push(teacher.topic, "broadcast", object{"type": "broadcast", "event": "set_tempo", "bpm": 77})); r.Status != "ok" {
		t.Errorf("a teacher's command is answered %+v", r)
	}
	if got := teacher.expect("tempo_changed").fields()["bpm"]; got != 77.0 {
		t.Errorf("the tempo is %v", got)
	}
}
