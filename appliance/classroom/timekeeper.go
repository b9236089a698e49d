package classroom

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// timekeeper measures the box clock for one client.
type timekeeper struct {
	same bool // the box runs on this machine, so its clock is ours

	mu       sync.Mutex // guards what follows
	est      clock.Estimator
	rtt      histogram // of all pings
	shortest float64   // of all round trips, ms; 0 before the first
	recent   []float64 // round trips since the last call of roundTrips, ms
}

// maxRecent bounds recent, because roundTrips may never be called.
const maxRecent = 1000

// answer handles the reply to a ping that was read at a local time.
func (k *timekeeper) answer(r wire.ClockReply, at clock.Millis) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.est.Add(r.T1, r.T2, r.T3, float64(at))
	rtt := float64(at) - r.T1 - (r.T3 - r.T2)
	k.rtt.add(rtt)
	if k.shortest == 0 || rtt < k.shortest {
		k.shortest = rtt
	}
	if len(k.recent) < maxRecent {
		k.recent = append(k.recent, rtt)
	}
}

// roundTrips returns the median round trip since the last call, ms. queue is how
// much longer it is than the shortest of all. standing is how much longer the
// shortest since the last call is: a queue that did not empty. All are 0 if no
// reply came.
func (k *timekeeper) roundTrips() (rtt, queue, standing float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.recent) == 0 {
		return 0, 0, 0
	}
	rtt, fastest := Summarize(k.recent).P50, slices.Min(k.recent)
	k.recent = k.recent[:0]
	return rtt, max(0, rtt-k.shortest), fastest - k.shortest
}

// offset returns the box clock minus ours, ms, and the bound of the error.
func (k *timekeeper) offset() (offset, bound float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.est.Offset(float64(clock.Now())), k.est.Bound()
}

// box returns the estimated box clock now.
func (k *timekeeper) box() clock.Millis { return k.boxAt(clock.Now()) }

// boxAt returns the estimated box clock at a recent local time.
func (k *timekeeper) boxAt(at clock.Millis) clock.Millis {
	if k.same {
		return at
	}
	offset, _ := k.offset()
	return at + clock.Millis(offset)
}

// synced reports whether the box clock is known.
func (k *timekeeper) synced() bool {
	_, bound := k.offset()
	return !math.IsInf(bound, 1)
}

// run sends pings on the schedule of package clock until ctx or the connection
// ends.
func (k *timekeeper) run(ctx context.Context, c *client.Client) {
	began := time.Now()
	var id uint16
	for {
		next := time.Now().Add(clock.NextBurst(time.Since(began)))
		for range clock.BurstSize {
			id++
			if c.Ping(id, clock.Now()) != nil || !pause(ctx, clock.BurstGap) {
				return
			}
		}
		if !pause(ctx, time.Until(next)) {
			return
		}
	}
}

// pause waits for d. It reports false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
