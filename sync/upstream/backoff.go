package upstream

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// The waits between attempts: a random time up to a limit that doubles, so that
// the boxes of a school do not come back all at once (full jitter).
const (
	firstWait = time.Second
	maxWait   = 5 * time.Minute
	// wokenWait bounds the wait when there is something new to send. It is short
	// enough for a teacher who watches, and long enough for a server in trouble.
	wokenWait = 5 * time.Second
)

// backoff counts failures in a row. A success may come from another goroutine.
type backoff struct{ failures atomic.Int32 }

// next is how long to wait after one more failure.
func (b *backoff) next() time.Duration {
	limit := maxWait
	if n := b.failures.Add(1) - 1; n < 16 {
		limit = min(maxWait, firstWait<<n)
	}
	return rand.N(limit) + 1
}

func (b *backoff) reset() { b.failures.Store(0) }

// wait waits for d, at most wokenWait from when wake has a value. It returns
// early when ctx ends.
func wait(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	end := time.NewTimer(d)
	defer end.Stop()
	until := time.Now().Add(d)
	for {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-wake:
			if left := time.Until(until); left > wokenWait {
				until = time.Now().Add(wokenWait)
				end.Reset(wokenWait)
			}
		}
	}
}
