package classroom

import (
	"context"
	"math"
	"sync"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// timekeeper learns the box clock for one client.
type timekeeper struct {
	mu  sync.Mutex // guards est
	est clock.Estimator
}

// answer takes the reply to a ping, read at a local time.
func (k *timekeeper) answer(r wire.ClockReply, at clock.Millis) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.est.Add(r.T1, r.T2, r.T3, float64(at))
}

// offset is the box clock minus ours, and the bound of its error.
func (k *timekeeper) offset() (offset, bound float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.est.Offset(float64(clock.Now())), k.est.Bound()
}

// box is the box clock now, as far as is known.
func (k *timekeeper) box() clock.Millis {
	offset, _ := k.offset()
	return clock.Now() + clock.Millis(offset)
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
