package classroom

import (
	"testing"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// TestRoundTrips checks the queues that a timekeeper finds. If even the shortest
// round trip of a period is too long, the queue is a standing queue.
func TestRoundTrips(t *testing.T) {
	var k timekeeper
	for _, step := range []struct {
		rtts                 []float64
		rtt, queue, standing float64
	}{
		{nil, 0, 0, 0},
		{[]float64{4, 30, 22, 9, 40}, 22, 18, 0},
		{[]float64{30, 22, 19, 40, 33}, 30, 26, 15},
		{nil, 0, 0, 0},
	} {
		for _, rtt := range step.rtts {
			k.answer(wire.ClockReply{ClockPing: wire.ClockPing{T1: 100}, T2: 101, T3: 101}, clock.Millis(100+rtt))
		}
		if rtt, queue, standing := k.roundTrips(); rtt != step.rtt || queue != step.queue || standing != step.standing {
			t.Errorf("%v: round trip %v, queue %v, standing %v, want %v, %v, %v",
				step.rtts, rtt, queue, standing, step.rtt, step.queue, step.standing)
		}
	}
}
