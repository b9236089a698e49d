package keyboards

import "downbeat.local/midi"

// tuned are the notes that the keys of a keyboard sound in its room. A key may give
// another note while it is down: the scale has changed, or the octave. Its end then
// ends the note that it began. Two keys may give one note, which ends with the last
// of them. It allocates nothing.
type tuned struct {
	sound func(note, velocity uint8)
	notes [128]uint8 // by key: the note that it sounds and 1, 0 while it sounds none
	keys  [128]uint8 // by note: how many keys sound it
}

// play takes the beginning of a key, or its end. A key that begins gives a note, or
// none if ok is false.
func (t *tuned) play(key midi.Note, note uint8, ok bool) {
	begins := key.Velocity > 0 && ok
	if !begins || t.notes[key.Key] != note+1 {
		t.end(key.Key)
	}
	if !begins {
		return
	}
	if t.notes[key.Key] == 0 {
		t.notes[key.Key] = note + 1
		t.keys[note]++
	}
	t.sound(note, key.Velocity)
}

// end ends the note of a key, unless it sounds none or another key sounds it too.
func (t *tuned) end(key uint8) {
	if t.notes[key] == 0 {
		return
	}
	note := t.notes[key] - 1
	t.notes[key] = 0
	if t.keys[note]--; t.keys[note] == 0 {
		t.sound(note, 0)
	}
}
