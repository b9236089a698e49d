package classroom

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
)

// TestTallyCountsMoreNotesThanSequenceNumbers lets the numbers wrap three times.
func TestTallyCountsMoreNotesThanSequenceNumbers(t *testing.T) {
	var own, other sheet
	c := newTally(map[uint8]*sheet{0: &own, 1: &other}, 1000)
	const notes = 200_000
	for n := range notes {
		note, velocity := other.play(float64(n))
		f := wire.RoomFrame{Events: []wire.NoteEvent{
			{Seat: 1, Seq: uint16(2 * n), At: float64(n), Note: note, Velocity: velocity},
			{Seat: 1, Seq: uint16(2*n + 1), At: float64(n), Note: note},
			{Seat: 0, Seq: uint16(n), At: float64(n), Note: note, Velocity: velocity},
			{Seat: 9, Seq: uint16(n), At: float64(n), Note: note, Velocity: velocity},
		}}
		c.frame(f, 0, float64(n)+2)
		if n == 100 { // the box sends a repeat as if it were new
			c.frame(f, 0, float64(n)+70)
		}
	}
	if got, want := []int{c.delivered, c.duplicated, c.frames, c.sounding.finish()}, []int{notes, 1, notes + 1, 0}; !cmp.Equal(got, want) {
		t.Errorf("delivered, duplicated, frames, stuck: got %v, want %v", got, want)
	}
	if got := c.latency.percentiles(); math.Abs(got.P50-2) > 0.02 || got.Max != 2 {
		t.Errorf("latency %+v, want 2 ms", got)
	}
	if c.within != [...]int{notes, notes} {
		t.Errorf("%d of %d notes met the deadlines", c.within, notes)
	}
}

// TestHistogramAgreesWithSorting compares a histogram with exact percentiles.
func TestHistogramAgreesWithSorting(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var h, other histogram
	var all []float64
	for i := range 50_000 {
		ms := math.Exp(random.NormFloat64()*2 - 1)
		all = append(all, ms)
		if i%2 == 0 {
			h.add(ms)
		} else {
			other.add(ms)
		}
	}
	h.merge(&other)
	got, want := h.percentiles(), Summarize(all)
	for _, p := range []struct {
		name      string
		got, want float64
	}{{"p50", got.P50, want.P50}, {"p95", got.P95, want.P95}, {"p99", got.P99, want.P99}, {"max", got.Max, want.Max}} {
		if math.Abs(p.got-p.want) > 0.006*p.want+0.001 {
			t.Errorf("%s: got %g, want %g within 0.6 %%", p.name, p.got, p.want)
		}
	}
}

// TestHistogramTakesAnything adds latencies that are impossible.
func TestHistogramTakesAnything(t *testing.T) {
	var h histogram
	for _, ms := range []float64{0, -1, math.Inf(-1), 1e-9, 1e9, math.Inf(1), math.NaN()} {
		h.add(ms)
	}
	if h.count != 7 {
		t.Errorf("counted %d, want 7", h.count)
	}
}
