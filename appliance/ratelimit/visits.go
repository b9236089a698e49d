package ratelimit

import "time"

// NewVisitBudget limits the reports of pages without a seat, by address: a class
// that comes in through one router, each page twice as often as it should.
func NewVisitBudget(every time.Duration) *Budget {
	return NewBudget(2*SeatsBurst/every.Seconds(), 4*SeatsBurst)
}
