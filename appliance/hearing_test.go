package appliance

import (
	"slices"
	"testing"
)

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
