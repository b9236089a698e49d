package classroom

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// timekeeper learns the box clock for one client.
type timekeeper struct {
	// same says that the box's clock is ours: it runs on this machine.
	same bool

	mu     sync.Mutex // guards what follows
	est    clock.Estimator
	rtt    histogram // of all pings
	least  float64   // round trip, ms; 0 before there is one
	lately []float64 // round trips since they were last asked for, ms
}

// maxLately bounds what is kept of round trips, were they never asked for.
const maxLately = 1000

// answer takes the reply to a ping, read at a local time.
func (k *timekeeper) answer(r wire.ClockReply, at clock.Millis) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.est.Add(r.T1, r.T2, r.T3, float64(at))
	rtt := float64(at) - r.T1 - (r.T3 - r.T2)
	k.rtt.add(rtt)
	if k.least == 0 || rtt < k.least {
		k.least = rtt
	}
	if len(k.lately) < maxLately {
		k.lately = append(k.lately, rtt)
	}
}

// trips is the median round trip since the last call, how much of it was
// waiting in queues, and how much of the shortest was: what the fastest of all
// did not take. They are 0 without an answer.
func (k *timekeeper) trips() (rtt, queue, standing float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lately) == 0 {
		return 0, 0, 0
	}
	rtt, shortest := Summarize(k.lately).P50, slices.Min(k.lately)
	k.lately = k.lately[:0]
	return rtt, max(0, rtt-k.least), shortest - k.least
}

// offset is the box clock minus ours, and the bound of its error.
func (k *timekeeper) offset() (offset, bound float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.est.Offset(float64(clock.Now())), k.est.Bound()
}

// box is the box clock now, as far as is known.
func (k *timekeeper) box() clock.Millis { return k.boxAt(clock.Now()) }

// boxAt is the box clock at a local time that is not long ago.
func (k *timekeeper) boxAt(at clock.Millis) clock.Millis {
	if k.same {
		return at
	}
	offset, _ := k.offset()
	return at + clock.Millis(offset)
}

// synced reports whether the box clock is known to within what a class needs.
func (k *timekeeper) synced() bool {
	_, bound := k.offset()
	return !math.IsInf(bound, 1)
}

// run pings by the plan of package clock until ctx or the connection ends.
func (k *timekeeper) run(ctx context.Context, c *Client) {
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

// pause waits, and reports false if ctx ended first.
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
