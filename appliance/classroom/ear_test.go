package classroom

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
)

func TestEarHearsEveryEventOnce(t *testing.T) {
	e := newEar()
	var heard []uint16
	for _, events := range [][]wire.NoteEvent{
		{on(65535, 60)}, {on(65535, 60), off(0, 60)}, {off(0, 60), on(1, 62)}, {on(65535, 60), off(0, 60), on(1, 62), on(2, 64)},
	} {
		f := wire.RoomFrame{Events: events}
		e.frame(&f)
		for _, event := range f.Events {
			heard = append(heard, event.Seq)
		}
	}
	if diff := cmp.Diff([]uint16{65535, 0, 1, 2}, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func TestEarDropsOldSummariesAndCountsLosses(t *testing.T) {
	e := newEar()
	for _, step := range []struct {
		every   uint8
		number  uint16
		summary bool // is to be believed
	}{
		{10, 65534, true}, {10, 0, true}, {10, 65535, false}, {10, 4, true}, // 1 to 3 are lost
		{25, 100, true}, {25, 99, false}, {25, 102, true}, // 101 is lost
		{10, 900, true}, {10, 901, true}, // those between were for others
	} {
		f := wire.RoomFrame{Summary: true, Marked: true, Mark: wire.FrameMark{Every: step.every, Number: step.number}}
		e.frame(&f)
		if f.Summary != step.summary {
			t.Errorf("frame %d of %d ms: the summary is believed: %v", step.number, step.every, f.Summary)
		}
	}
	if lost, of := e.lost(); lost != 4 || of != 12 {
		t.Errorf("lost %d of %d, want 4 of 12", lost, of)
	}
}
