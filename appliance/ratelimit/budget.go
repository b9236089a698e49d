package ratelimit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budget lets each of many callers do something so many times a second, with a
// burst. It is safe for concurrent use.
type Budget struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex // guards callers
	callers map[string]*rate.Limiter
}

// maxCallers is how many callers a budget knows; a flood of more gives every
// one of them a new burst.
const maxCallers = 4096

// NewBudget returns a budget that nobody has spent of.
func NewBudget(perSecond float64, burst int) *Budget {
	return &Budget{rate: rate.Limit(perSecond), burst: burst, callers: make(map[string]*rate.Limiter)}
}

// Spend takes n of a caller's budget; *SlowDownError says how long he has to
// wait for one, and then nothing is taken.
func (b *Budget) Spend(caller string, n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	left, ok := b.callers[caller]
	if !ok {
		if len(b.callers) >= maxCallers {
			clear(b.callers)
		}
		left = rate.NewLimiter(b.rate, b.burst)
		b.callers[caller] = left
	}
	if left.AllowN(time.Now(), n) {
		return nil
	}
	return &SlowDownError{Wait: time.Duration(float64(time.Second) / float64(b.rate))}
}
