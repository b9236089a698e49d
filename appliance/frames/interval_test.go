package frames

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestInterval reports one network again and again.
func TestInterval(t *testing.T) {
	for _, tt := range []struct {
		name           string
		usual, fastest float64 // ms
		want           time.Duration
	}{
		{"no queue", 0, 0, 5},
		{"a short one", 4.9, 4.9, 5},
		{"one that stands", 10, 10, 15},
		{"one that stands and varies", 20, 15, 15},
		{"one that stands long", 60, 50, 25},
		{"jitter", 30, 15, 5},
		{"the longest", 60_000, 60_000, 25},
		{"nonsense", 0, 1e300, 25},
		{"more nonsense", 1e300, 0, 5},
	} {
		var w QueueWatch
		for range watched - 1 {
			if got := w.Interval(tt.usual, tt.fastest); got != intervalStep {
				t.Errorf("%s, too early to tell: frames %v apart", tt.name, got)
			}
		}
		if got := w.Interval(tt.usual, tt.fastest); got != tt.want*time.Millisecond {
			t.Errorf("%s: frames %v apart, want %v", tt.name, got, tt.want*time.Millisecond)
		}
		if got := w.Interval(0, 0); got != intervalStep {
			t.Errorf("%s, and then no queue: frames %v apart", tt.name, got)
		}
	}
}

// TestJitterIsNoQueue measures a network that delays every packet by up to 30 ms.
// A device sends five pings, 20 ms apart, every two seconds.
func TestJitterIsNoQueue(t *testing.T) {
	chance := rand.New(rand.NewPCG(4, 0))
	var apart []time.Duration
	for range 200 {
		var w QueueWatch
		for report := range 20 {
			trips := pings(chance, 5*(1+report%2))
			slices.Sort(trips)
			apart = append(apart, w.Interval(trips[len(trips)/2], trips[0]))
		}
	}
	slices.Sort(apart)
	if p80 := apart[len(apart)*8/10]; p80 > intervalStep {
		t.Errorf("one in five times frames leave %v apart and more, want %v", p80, intervalStep)
	}
}

// pings returns round trips beyond the shortest, in milliseconds. Packets of one
// direction do not overtake each other.
func pings(chance *rand.Rand, n int) (trips []float64) {
	up, down := 0.0, 0.0
	for i := range n {
		sent := float64(20*(i%5) + 2000*(i/5))
		up = max(up, sent+30*chance.Float64())
		down = max(down, up+30*chance.Float64())
		trips = append(trips, down-sent)
	}
	return trips
}
