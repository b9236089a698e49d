package client

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
)

// packetContents lists the events and held keys of a packet on a lane.
type packetContents struct {
	Seqs []uint16
	Held []uint8
}

func decodePacket(t *testing.T, payload []byte) packetContents {
	t.Helper()
	notes, err := wire.DecodeNotesUp(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	held, ok := wire.HeldUp(payload)
	if !ok {
		t.Error("a packet does not list the held keys")
	}
	p := packetContents{Held: held}
	for _, n := range notes {
		p.Seqs = append(p.Seqs, n.Seq)
	}
	return p
}

func on(seq uint16, note uint8) wire.NoteEvent {
	return wire.NoteEvent{Seq: seq, At: float64(seq), Note: note, Velocity: 90}
}

func off(seq uint16, note uint8) wire.NoteEvent {
	return wire.NoteEvent{Seq: seq, At: float64(seq), Note: note}
}

func TestPacketRepeatsRecentNotes(t *testing.T) {
	begin := time.Unix(0, 0)
	var r repeater
	for _, step := range []struct {
		ms     int
		events []wire.NoteEvent
		want   packetContents
	}{
		{0, []wire.NoteEvent{on(1, 60)}, packetContents{[]uint16{1}, []uint8{60}}},
		{10, []wire.NoteEvent{off(2, 60), on(3, 62)}, packetContents{[]uint16{1, 2, 3}, []uint8{62}}},
		{100, []wire.NoteEvent{on(4, 64)}, packetContents{[]uint16{1, 2, 3, 4}, []uint8{62, 64}}},
		{170, []wire.NoteEvent{on(5, 62)}, packetContents{[]uint16{3, 4, 5}, []uint8{64, 62}}},
		{900, []wire.NoteEvent{off(6, 62), off(7, 64)}, packetContents{[]uint16{5, 6, 7}, []uint8{}}},
	} {
		now := begin.Add(time.Duration(step.ms) * time.Millisecond)
		r.add(now, step.events)
		if diff := cmp.Diff(step.want, decodePacket(t, r.packet(now))); diff != "" {
			t.Errorf("after %d ms (-want +got):\n%s", step.ms, diff)
		}
	}
}

func TestPacketIsNoLongerThanTheBoxAccepts(t *testing.T) {
	var r repeater
	for n := range uint16(100) {
		r.add(time.Unix(0, 0), []wire.NoteEvent{on(n, 60)})
	}
	got := decodePacket(t, r.packet(time.Unix(0, 0)))
	if len(got.Seqs) != wire.MaxNotesUp || got.Seqs[wire.MaxNotesUp-1] != 99 {
		t.Errorf("a packet has the events %d, want the newest %d", got.Seqs, wire.MaxNotesUp)
	}
}

func TestRepeatSchedule(t *testing.T) {
	begin := time.Unix(0, 0)
	after := func(r *repeater, n int) (ms []int) {
		for range n {
			at, ok := r.next()
			if !ok {
				return append(ms, -1)
			}
			ms = append(ms, int(at.Sub(begin).Milliseconds()))
			r.packet(at)
			r.advance()
		}
		return ms
	}
	var held repeater
	held.add(begin, []wire.NoteEvent{on(1, 60)})
	if diff := cmp.Diff([]int{15, 40, 90, 200, 440, 690, 940}, after(&held, 7)); diff != "" {
		t.Errorf("while a note is held (-want +got):\n%s", diff)
	}
	var ended repeater
	if _, ok := ended.next(); ok {
		t.Error("a packet is due before the first event")
	}
	ended.add(begin, []wire.NoteEvent{on(1, 60), off(2, 60)})
	if diff := cmp.Diff([]int{15, 40, 90, 200, 440, -1}, after(&ended, 7)); diff != "" {
		t.Errorf("after a note (-want +got):\n%s", diff)
	}
}
