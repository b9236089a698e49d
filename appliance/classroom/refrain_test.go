package classroom

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
)

// saying is what a packet on the lane says.
type saying struct {
	Seqs []uint16
	Held []uint8
}

func said(t *testing.T, payload []byte) saying {
	t.Helper()
	notes, err := wire.DecodeNotesUp(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	held, ok := wire.HeldUp(payload)
	if !ok {
		t.Error("a packet does not say what is held")
	}
	s := saying{Held: held}
	for _, n := range notes {
		s.Seqs = append(s.Seqs, n.Seq)
	}
	return s
}

func on(seq uint16, note uint8) wire.NoteEvent {
	return wire.NoteEvent{Seq: seq, At: float64(seq), Note: note, Velocity: 90}
}

func off(seq uint16, note uint8) wire.NoteEvent {
	return wire.NoteEvent{Seq: seq, At: float64(seq), Note: note}
}

func TestRefrainSaysWhatWasPlayedLately(t *testing.T) {
	begin := time.Unix(0, 0)
	var r refrain
	for _, step := range []struct {
		ms     int
		events []wire.NoteEvent
		want   saying
	}{
		{0, []wire.NoteEvent{on(1, 60)}, saying{[]uint16{1}, []uint8{60}}},
		{10, []wire.NoteEvent{off(2, 60), on(3, 62)}, saying{[]uint16{1, 2, 3}, []uint8{62}}},
		{100, []wire.NoteEvent{on(4, 64)}, saying{[]uint16{1, 2, 3, 4}, []uint8{62, 64}}},
		{170, []wire.NoteEvent{on(5, 62)}, saying{[]uint16{3, 4, 5}, []uint8{64, 62}}},
		{900, []wire.NoteEvent{off(6, 62), off(7, 64)}, saying{[]uint16{5, 6, 7}, []uint8{}}},
	} {
		now := begin.Add(time.Duration(step.ms) * time.Millisecond)
		r.play(now, step.events)
		if diff := cmp.Diff(step.want, said(t, r.packet(now))); diff != "" {
			t.Errorf("after %d ms (-want +got):\n%s", step.ms, diff)
		}
	}
}

func TestRefrainIsNoLongerThanTheBoxTakes(t *testing.T) {
	var r refrain
	for n := range uint16(100) {
		r.play(time.Unix(0, 0), []wire.NoteEvent{on(n, 60)})
	}
	got := said(t, r.packet(time.Unix(0, 0)))
	if len(got.Seqs) != wire.MaxNotesUp || got.Seqs[wire.MaxNotesUp-1] != 99 {
		t.Errorf("a packet says %d", got.Seqs)
	}
}

func TestRefrainComesAgain(t *testing.T) {
	begin := time.Unix(0, 0)
	after := func(r *refrain, n int) (ms []int) {
		for range n {
			at, ok := r.next()
			if !ok {
				return append(ms, -1)
			}
			ms = append(ms, int(at.Sub(begin).Milliseconds()))
			r.packet(at)
			r.passed()
		}
		return ms
	}
	var held refrain
	held.play(begin, []wire.NoteEvent{on(1, 60)})
	if diff := cmp.Diff([]int{15, 40, 90, 250, 500, 750, 1000}, after(&held, 7)); diff != "" {
		t.Errorf("while a note is held (-want +got):\n%s", diff)
	}
	var ended refrain
	if _, ok := ended.next(); ok {
		t.Error("something is said before anything was played")
	}
	ended.play(begin, []wire.NoteEvent{on(1, 60), off(2, 60)})
	if diff := cmp.Diff([]int{15, 40, 90, 250, 500, -1}, after(&ended, 7)); diff != "" {
		t.Errorf("after a note (-want +got):\n%s", diff)
	}
}
