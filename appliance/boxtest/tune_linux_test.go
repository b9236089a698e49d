package boxtest

import (
	"net/http"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/midi"
	"downbeat.local/midi/miditest"
)

// tune tunes a keyboard, as the teacher.
func (b *box) tune(id string, fit room.Fit, octave int) int {
	b.t.Helper()
	return b.staffCall("POST", "/box/v1/keyboards", object{"id": id, "fit": fit, "octave": octave}, nil)
}

func (b *box) mustTune(id string, fit room.Fit, octave int) {
	b.t.Helper()
	if status := b.tune(id, fit, octave); status != http.StatusOK {
		b.t.Fatalf("tuning to %s, %d: %d", fit, octave, status)
	}
}

// plays presses keys one after the other, and fails unless the room hears those
// notes begin and end.
func (c *client) plays(k *miditest.Keyboard, keys, notes []byte) {
	c.t.Helper()
	for _, key := range keys {
		k.Send(press(key)...)
		k.Send(lift(key)...)
	}
	for _, note := range notes {
		on, off := c.nextNote("student_note"), c.nextNote("student_note_off")
		if on.Note != note || off.Note != note {
			c.t.Errorf("keys %v give %d to %d, want %d", keys, on.Note, off.Note, note)
		}
	}
}

func TestAKeyboardFitsTheScale(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	m.Describe("midiC1D0", keyStep)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	k := b.plugIn(m, 1)[0]
	id := b.keyboardIn("MUSIC-2024").ID
	teacher.must("set_scale", object{"root": 0, "kind": "pentatonic"})
	teacher.plays(k, []byte{60, 61}, []byte{60, 61})
	b.mustTune(id, room.FitSnap, 0)
	teacher.plays(k, []byte{60, 61, 65}, []byte{60, 60, 64})
	b.mustTune(id, room.FitWhite, 0)
	teacher.plays(k, []byte{60, 61, 62, 64, 65, 67, 69}, []byte{60, 62, 64, 67, 69, 72})
	b.mustTune(id, room.FitSnap, -1)
	teacher.plays(k, []byte{61}, []byte{48})
	teacher.must("set_scale", object{"kind": "off"})
	teacher.plays(k, []byte{61}, []byte{49})
	b.mustTune(id, room.FitPass, 3)
	teacher.plays(k, []byte{100, 60}, []byte{96})
	k.Send(midi.ProgramChange, 114) // steel drums have notes, drums have none
	teacher.expect("instrument_assigned")
	teacher.plays(k, []byte{60}, []byte{96})
	k.Send(midi.ProgramChange, 118)
	teacher.expect("instrument_assigned")
	teacher.plays(k, []byte{36}, []byte{36})
	b.stop()
	cfg := configOf(m)
	cfg.DataDir = b.dir
	openBox(t, cfg).keyboards("tuned after a restart", func(all []room.Keyboard) bool {
		return len(all) == 1 && all[0].Fit == room.FitPass && all[0].Octave == 3
	})
}

// The end of a key ends the note that it began, whatever has changed in between.
func TestAKeyEndsTheNoteThatItBegan(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	k := b.plugIn(m, 1)[0]
	id := b.keyboardIn("MUSIC-2024").ID
	teacher.must("set_scale", object{"root": 0, "kind": "major"})
	b.mustTune(id, room.FitSnap, 0)
	for name, change := range map[string]func(){
		"another scale":  func() { teacher.must("set_scale", object{"root": 1}) },
		"another octave": func() { b.mustTune(id, room.FitSnap, 2) },
		"another fit":    func() { b.mustTune(id, room.FitWhite, 0) }, // key 61 is silent now
		"drums": func() { // another instrument ends the note, and the key ends it once more
			k.Send(midi.ProgramChange, 118)
			if off := teacher.nextNote("student_note_off"); off.Note != 60 {
				t.Errorf("drums end note %d", off.Note)
			}
			teacher.expect("instrument_assigned")
		},
	} {
		k.Send(press(61)...)
		on := teacher.nextNote("student_note")
		change()
		k.Send(lift(61)...)
		if off := teacher.nextNote("student_note_off"); off.Note != on.Note {
			t.Errorf("%s: note %d ends as %d", name, on.Note, off.Note)
		}
		k.Send(midi.ProgramChange, 0)
		teacher.expect("instrument_assigned")
		teacher.must("set_scale", object{"root": 0})
		b.mustTune(id, room.FitSnap, 0)
	}
	// Two keys give one note: it ends with the second, and a key that is pressed again
	// after a change leaves nothing behind.
	k.Send(press(60)...)
	k.Send(press(61)...)
	k.Send(lift(60)...)
	teacher.nextNote("student_note")
	teacher.nextNote("student_note")
	b.mustTune(id, room.FitPass, 0)
	k.Send(press(61)...)
	if off, on := teacher.nextNote("student_note_off"), teacher.nextNote("student_note"); off.Note != 60 || on.Note != 61 {
		t.Errorf("pressed again, key 61 ends %d and begins %d", off.Note, on.Note)
	}
	k.Send(lift(61)...)
	if off := teacher.nextNote("student_note_off"); off.Note != 61 {
		t.Errorf("at last it ends %d", off.Note)
	}
}

func TestAStudentTunesTheirKeyboard(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, ben := b.page("MUSIC-2024"), b.page("MUSIC-2024")
	b.plugIn(m, 1)
	id := b.keyboardIn("MUSIC-2024").ID
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	if mine := zoe.wish(object{"id": id, "fit": "white", "octave": 1}).Keyboards; len(mine) != 1 || mine[0].Fit != room.FitWhite || mine[0].Octave != 1 {
		t.Errorf("the student has %+v", mine)
	}
	for name, c := range map[string]struct {
		by   *page
		body object
		want int
	}{
		"another student":  {ben, object{"id": id, "octave": 0}, http.StatusNotFound},
		"an unknown one":   {zoe, object{"id": "other", "octave": 0}, http.StatusNotFound},
		"another way":      {zoe, object{"id": id, "fit": "loud"}, http.StatusUnprocessableEntity},
		"too many octaves": {zoe, object{"id": id, "octave": 4}, http.StatusUnprocessableEntity},
	} {
		if got := b.bearer(c.by.token, "POST", "/box/v1/me/keyboards", c.body, nil); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if got := b.tune(id, "loud", 0); got != http.StatusUnprocessableEntity {
		t.Errorf("the teacher tunes it loud: %d", got)
	}
	for status := http.StatusOK; status != http.StatusTooManyRequests; { // it ends, or the test does
		status = b.bearer(zoe.token, "POST", "/box/v1/me/keyboards", object{"id": id, "octave": 0}, nil)
	}
	if zoe.wish(object{"search": true}).Search.State != room.SearchPress {
		t.Error("who tunes too often may not search")
	}
}

// When a keyboard goes, its notes end for every listener, and a note of the next one
// is the next that they hear. How soon is measured in scripts/hardware, on a machine
// whose time does not pass while this one is busy.
func TestSilenceWhenAKeyboardGoes(t *testing.T) {
	t.Parallel()
	for name, goes := range map[string]func(b *box, k *miditest.Keyboard, id string){
		"unplugged": func(_ *box, k *miditest.Keyboard, _ string) { k.Unplug() },
		"sent away": func(b *box, k *miditest.Keyboard, id string) {
			b.mustSend(id, room.KeyboardPlace{})
			k.Unplug()
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := miditest.New(t)
			b := openBox(t, configOf(m))
			b.open("MUSIC-2024")
			zoe, plain := b.frames("MUSIC-2024"), b.teacher("MUSIC-2024")
			for key := range uint8(3) {
				k := m.Plug("midiC1D0")
				id := b.keyboards("open", func(all []room.Keyboard) bool { return len(all) == 1 })[0].ID
				b.keyboards("theirs", func([]room.Keyboard) bool {
					return b.send(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id}) == http.StatusOK
				})
				b.keyboardAs(room.StudentSeat, zoe.id)
				k.Send(press(60 + key)...)
				for _, event := range []string{"student_note", "student_note_off"} {
					if n := plain.nextNote(event); n.Note != 60+key {
						t.Fatalf("round %d: %s of note %d", key, event, n.Note)
					}
					if n := zoe.event(); n.Note != 60+key || (n.Velocity == 0) != (event == "student_note_off") {
						t.Fatalf("round %d: in place of a %s a page gets %+v", key, event, n)
					}
					if event == "student_note" {
						goes(b, k, id)
					}
				}
				b.keyboards("empty", func(all []room.Keyboard) bool { return len(all) == 0 })
			}
		})
	}
}

// What is remembered of a keyboard without a room is no choice of the teacher.
func TestTuningAKeyboardWithoutARoom(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	b.open("CHOIR-1000")
	m.Plug("midiC1D0")
	id := b.keyboardIn("").ID
	b.keyboards("tuned", func([]room.Keyboard) bool { return b.tune(id, room.FitSnap, 1) == http.StatusOK })
	if status := b.staffCall("DELETE", "/box/v1/rooms/CHOIR-1000", object{}, nil); status != http.StatusNoContent {
		t.Fatalf("closing: %d", status)
	}
	if k := b.keyboardIn("MUSIC-2024"); k.Octave != 1 {
		t.Errorf("in the only room it is %+v", k)
	}
}
