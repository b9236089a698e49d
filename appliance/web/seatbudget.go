package web

import (
	"net"

	"downbeat.local/appliance/ratelimit"
)

// What one address may take of new seats: a class that comes in through one
// router, and who is late.
const (
	newSeatsPerSecond = 0.5
	newSeatsBurst     = 48
)

// SeatBudget is what each address may take of new seats, whichever way it
// comes in: over these pages, or through an open door. It is safe for
// concurrent use.
type SeatBudget struct{ budget *ratelimit.Budget }

// NewSeatBudget returns a budget that nobody has spent of.
func NewSeatBudget() *SeatBudget {
	return &SeatBudget{ratelimit.NewBudget(newSeatsPerSecond, newSeatsBurst)}
}

// Spend takes one seat of an address, HOST:PORT; *ratelimit.SlowDownError says how
// long it has to wait for the next. This machine may have any number: on it
// live the demo and the load test.
func (b *SeatBudget) Spend(address string) error {
	host, _, _ := net.SplitHostPort(address)
	if net.ParseIP(host).IsLoopback() {
		return nil
	}
	return b.budget.Spend(ratelimit.AddressKey(address), 1)
}
