package appliance

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHeardOnce: whatever order events come in, and however often, each that
// is not too old is heard once.
func TestHeardOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h hearing
		first := rapid.Uint16().Draw(t, "first")
		h.fresh(first)
		times := map[uint16]int{first: 1}
		newest := 0 // beyond first
		for range rapid.IntRange(1, 200).Draw(t, "events") {
			at := max(0, newest+rapid.IntRange(-63, 10).Draw(t, "step"))
			newest = max(newest, at)
			number := first + uint16(at)
			if h.fresh(number) {
				times[number]++
			}
			if times[number] != 1 {
				t.Fatalf("event %d was heard %d times", number, times[number])
			}
		}
	})
}

func TestOldEventsAreNotHeard(t *testing.T) {
	var h hearing
	h.fresh(65500)
	for _, test := range []struct {
		number uint16
		want   bool
	}{
		{65500, false},
		{65499, true},
		{65499, false},
		{65500 - 63, true},
		{100, true},
		{101, true},
		{100, false},
		{37, false},
		{38, true},
		{65500, false},
	} {
		if got := h.fresh(test.number); got != test.want {
			t.Errorf("event %d: fresh is %v, want %v", test.number, got, test.want)
		}
	}
}

func TestLostEnds(t *testing.T) {
	var h hearing
	for _, note := range []uint8{0, 63, 64, 127, 60} {
		h.played(note, 90)
	}
	h.played(60, 0)
	if got, want := h.ended([]uint8{63, 200}, nil), []uint8{0, 64, 127}; !slices.Equal(got, want) {
		t.Errorf("lost the ends of %v, want %v", got, want)
	}
}
