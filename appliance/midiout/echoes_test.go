package midiout

import (
	"testing"

	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

func TestEchoes(t *testing.T) {
	var e echoes
	on := midi.Message{Status: midi.NoteOn, Data1: 60, Data2: 100}
	e.add([]byte{midi.Clock, midi.NoteOn, 60, 100, midi.ProgramChange, 12, midi.NoteOn, 60, 100}, 1000)
	for _, c := range []struct {
		what string
		m    midi.Message
		at   float64
		want bool
	}{
		{"another key", midi.Message{Status: midi.NoteOn, Data1: 61, Data2: 100}, 1001, false},
		{"another velocity", midi.Message{Status: midi.NoteOn, Data1: 60, Data2: 99}, 1001, false},
		{"another channel", midi.Message{Status: midi.NoteOn | 1, Data1: 60, Data2: 100}, 1001, false},
		{"an echo", on, 1002, true},
		{"a second one, for it was sent twice", on, 1002, true},
		{"a third one", on, 1002, false},
		{"a program", midi.Message{Status: midi.ProgramChange, Data1: 12}, 1150, true},
	} {
		if got := e.take(c.m, clock.Millis(c.at)); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	e.add([]byte{midi.NoteOn, 60, 100}, 2000)
	if e.take(on, 2151) {
		t.Error("a key is an echo of what was sent long before")
	}
	if e.take(midi.Message{}, 2151) {
		t.Error("an empty message is an echo")
	}
}

// More messages than are kept push out the oldest.
func TestEchoesAreBounded(t *testing.T) {
	var e echoes
	e.add([]byte{midi.NoteOn, 1, 1}, 1000)
	for range e.sent {
		e.add([]byte{midi.NoteOn, 2, 2}, 1000)
	}
	if e.take(midi.Message{Status: midi.NoteOn, Data1: 1, Data2: 1}, 1000) {
		t.Error("the oldest is kept")
	}
}

func BenchmarkIsEcho(b *testing.B) {
	var e echoes
	b.ReportAllocs()
	for b.Loop() {
		e.take(midi.Message{Status: midi.NoteOn, Data1: 60, Data2: 100}, 1000)
	}
}
