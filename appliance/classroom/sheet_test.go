package classroom

import (
	"testing"

	"downbeat.local/appliance/wire"
)

func TestSheetFindsItsNotes(t *testing.T) {
	var s sheet
	type key struct{ note, velocity uint8 }
	seen := make(map[key]int)
	for n := range 2*sheetSize + 7 {
		note, velocity := s.play(float64(1000 + n))
		if note > 127 || velocity == 0 || velocity > 127 {
			t.Fatalf("note %d is %d with velocity %d", n, note, velocity)
		}
		if before, ok := seen[key{note, velocity}]; ok && n-before < sheetSize {
			t.Fatalf("notes %d and %d are the same", before, n)
		}
		seen[key{note, velocity}] = n
	}
	for k, n := range seen {
		got, at, ok := s.find(k.note, k.velocity)
		if !ok || got != n || at != float64(1000+n) {
			t.Errorf("note %d: got number %d at %v, %v", n, got, at, ok)
		}
	}
}

func TestSheetFindsNoOtherNotes(t *testing.T) {
	var s sheet
	for range 2 {
		for _, k := range []wire.NoteEvent{
			{Note: 61, Velocity: 90},
			{Note: 35, Velocity: 90},
			{Note: 127, Velocity: 90},
			{Note: 60, Velocity: 0},
			{Note: 60, Velocity: 63},
			{Note: 60, Velocity: 127},
		} {
			if n, _, ok := s.find(k.Note, k.Velocity); ok {
				t.Errorf("%+v was never played but is note %d", k, n)
			}
		}
		s.play(1)
	}
}

func TestSoundingCountsStuckNotes(t *testing.T) {
	s := sounding{longest: 1000, voices: make(map[voice]voiceState)}
	s.event(on(1, 60), 0)
	s.event(off(2, 60), 900) // in time
	s.event(on(3, 62), 1000)
	s.event(off(4, 62), 2500) // too late
	s.event(off(6, 64), 3000)
	s.event(on(5, 64), 3000) // its note-off arrived first
	s.event(on(7, 65), 3000)
	s.summary([]wire.HeldNote{{Note: 65}}, 3100)
	s.summary(nil, 3200) // this ends 65
	s.event(on(8, 67), 3300)
	if got := s.finish(); got != 2 {
		t.Errorf("%d notes are stuck, want 2: one ended late and one never", got)
	}
}

func on(seq uint16, note uint8) wire.NoteEvent {
	return wire.NoteEvent{Seq: seq, Note: note, Velocity: 90}
}

func off(seq uint16, note uint8) wire.NoteEvent { return wire.NoteEvent{Seq: seq, Note: note} }
