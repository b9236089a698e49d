package keyboards

import (
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/midi"
)

func TestTunedKeys(t *testing.T) {
	var heard []string
	keys := tuned{sound: func(note, velocity uint8) { heard = append(heard, fmt.Sprintf("%d/%d", note, velocity)) }}
	play := func(key, velocity, note uint8, ok bool) {
		keys.play(midi.Note{Key: key, Velocity: velocity}, note, ok)
	}
	for name, c := range map[string]struct {
		plays func()
		want  string
	}{
		"a key that was never down": {func() { play(60, 0, 60, true) }, ""},
		"a key":                     {func() { play(60, 9, 62, true); play(60, 0, 62, true) }, "62/9 62/0"},
		"the highest key":           {func() { play(127, 9, 127, true); play(127, 0, 127, true) }, "127/9 127/0"},
		"another note at its end":   {func() { play(60, 9, 62, true); play(60, 0, 64, true) }, "62/9 62/0"},
		"silent at its end":         {func() { play(60, 9, 62, true); play(60, 0, 0, false) }, "62/9 62/0"},
		"a silent key":              {func() { play(60, 9, 0, false); play(60, 0, 0, false) }, ""},
		"again as another note":     {func() { play(60, 9, 62, true); play(60, 8, 64, true); play(60, 0, 64, true) }, "62/9 62/0 64/8 64/0"},
		"again, and silent":         {func() { play(60, 9, 62, true); play(60, 8, 0, false) }, "62/9 62/0"},
		"again as the same note":    {func() { play(60, 9, 62, true); play(60, 8, 62, true); play(60, 0, 62, true) }, "62/9 62/8 62/0"},
		"two keys of one note":      {func() { play(60, 9, 62, true); play(61, 8, 62, true); play(60, 0, 62, true); play(61, 0, 62, true) }, "62/9 62/8 62/0"},
		"one of two becomes another": {func() {
			play(60, 9, 62, true)
			play(61, 8, 62, true)
			play(60, 7, 64, true)
			play(60, 0, 64, true)
			play(61, 0, 62, true)
		}, "62/9 62/8 64/7 64/0 62/0"},
	} {
		heard = nil
		c.plays()
		if got := strings.Join(heard, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// FuzzTuned plays random bytes, and changes the tuning and the scale in between. Each
// note that sounds ends, and only those end.
func FuzzTuned(f *testing.F) {
	f.Add([]byte{0x90, 60, 100, 61, 100, 0xFD, 60, 0, 61, 0})
	f.Add([]byte{0x90, 61, 100, 0xFD, 0xFD, 61, 90, 0xFD, 61, 0})
	f.Add([]byte{0xB0, 64, 127, 0x90, 60, 100, 0xFD, 60, 0, 0xB0, 64, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		sounding := map[uint8]bool{}
		keys := tuned{sound: func(note, velocity uint8) {
			if velocity == 0 && !sounding[note] {
				t.Fatalf("% X: note %d ends and did not sound", stream, note)
			}
			if sounding[note] = velocity > 0; velocity == 0 {
				delete(sounding, note)
			}
		}}
		tuning, scale := room.Tuning{}, room.Scale{Kind: "major"}
		pressed := midi.NewKeys(room.MaxSounding, func(n midi.Note) {
			note, ok := tuning.Note(scale, n.Key)
			keys.play(n, note, ok)
		})
		var parser midi.Parser
		for i, b := range stream {
			if b == 0xFD { // MIDI does not define it
				tuning = room.Tuning{Fit: []room.Fit{room.FitPass, room.FitSnap, room.FitWhite}[i%3], Octave: i%7 - 3}
				scale.Root = i % 12
			}
			if m, ok := parser.Feed(b); ok {
				pressed.Message(m)
			}
		}
		pressed.Release()
		if len(sounding) > 0 || keys.notes != [128]uint8{} || keys.keys != [128]uint8{} {
			t.Fatalf("% X: at the end %v sound on", stream, sounding)
		}
	})
}

// The end of a key that is down is no echo, whatever the box has just sent.
func TestTheEndOfAKeyIsNoEcho(t *testing.T) {
	k := newKeyboard(midi.Port{}, func(*keyboard) {}, func(*keyboard, bool) {})
	echoes := false
	k.isEcho = func(midi.Message) bool { return echoes }
	for _, end := range []midi.Message{{Status: midi.NoteOff, Data1: 60, Data2: 64}, {Status: midi.NoteOn, Data1: 60}} {
		echoes = false
		k.Message(midi.Message{Status: midi.NoteOn, Data1: 60, Data2: 100}, 0)
		echoes = true
		other := end
		other.Status |= 1
		k.Message(other, 0)
		k.Message(midi.Message{Status: midi.NoteOn, Data1: 62, Data2: 100}, 0)
		if n := k.keys.Sounding(); n != 1 {
			t.Fatalf("after echoes %d notes sound, want 1", n)
		}
		if k.Message(end, 0); k.keys.Sounding() != 0 {
			t.Errorf("after its end % X the note sounds on", end.Append(nil))
		}
	}
}
