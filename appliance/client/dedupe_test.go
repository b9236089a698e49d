package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
)

func TestDedupeKeepsEveryEventOnce(t *testing.T) {
	d := newDedupe()
	var kept []uint16
	for _, events := range [][]wire.NoteEvent{
		{on(65535, 60)}, {on(65535, 60), off(0, 60)}, {off(0, 60), on(1, 62)}, {on(65535, 60), off(0, 60), on(1, 62), on(2, 64)},
	} {
		f := wire.RoomFrame{Events: events}
		d.filter(&f)
		for _, event := range f.Events {
			kept = append(kept, event.Seq)
		}
	}
	if diff := cmp.Diff([]uint16{65535, 0, 1, 2}, kept); diff != "" {
		t.Errorf("kept events (-want +got):\n%s", diff)
	}
}

func TestDedupeDropsOldSummariesAndCountsLosses(t *testing.T) {
	d := newDedupe()
	for _, step := range []struct {
		every   uint8
		number  uint16
		summary bool // is kept
	}{
		{10, 65534, true}, {10, 0, true}, {10, 65535, false}, {10, 4, true}, // 1 to 3 are lost
		{25, 100, true}, {25, 99, false}, {25, 102, true}, // 101 is lost
		{10, 900, true}, {10, 901, true}, // the box sent those between to other listeners
	} {
		f := wire.RoomFrame{Summary: true, Marked: true, Mark: wire.FrameMark{Every: step.every, Number: step.number}}
		d.filter(&f)
		if f.Summary != step.summary {
			t.Errorf("frame %d of %d ms: summary kept %v, want %v", step.number, step.every, f.Summary, step.summary)
		}
	}
	if lost, expected := d.lost(); lost != 4 || expected != 12 {
		t.Errorf("lost %d of %d, want 4 of 12", lost, expected)
	}
}
