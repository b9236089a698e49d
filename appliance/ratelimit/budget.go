package ratelimit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budget allows each of many callers so many actions a second, with a burst.
// It is safe for concurrent use.
type Budget struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex // guards callers
	callers map[string]*rate.Limiter
}

// maxCallers bounds the callers that a budget remembers. If more come, it
// forgets all, and each starts with a new burst.
const maxCallers = 4096

// NewBudget returns a budget with a full burst for every caller.
func NewBudget(perSecond float64, burst int) *Budget {
	return &Budget{rate: rate.Limit(perSecond), burst: burst, callers: make(map[string]*rate.Limiter)}
}

// Spend takes n of a caller's budget. If there is not enough it takes nothing
// and returns a *SlowDownError with the time that one action takes to come
// back.
func (b *Budget) Spend(caller string, n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ofLocked(caller).AllowN(time.Now(), n) {
		return nil
	}
	return &SlowDownError{Wait: time.Duration(float64(time.Second) / float64(b.rate))}
}

// Charge takes n of a caller's budget for what is done already, even if that
// leaves a debt. A debt is at most a burst.
func (b *Budget) Charge(caller string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	left, now := b.ofLocked(caller), time.Now()
	room := int(left.TokensAt(now)) + b.burst // until the debt is full
	left.ReserveN(now, min(n, room, b.burst))
}

// Debt returns how long it takes until a caller has no debt.
func (b *Budget) Debt(caller string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.callers[caller]
	if left == nil {
		return 0
	}
	owed := -left.TokensAt(time.Now())
	return max(0, time.Duration(owed/float64(b.rate)*float64(time.Second)))
}

// ofLocked returns the budget of a caller. A caller that is not known has a full
// one.
func (b *Budget) ofLocked(caller string) *rate.Limiter {
	left, ok := b.callers[caller]
	if !ok {
		if len(b.callers) >= maxCallers {
			clear(b.callers)
		}
		left = rate.NewLimiter(b.rate, b.burst)
		b.callers[caller] = left
	}
	return left
}
