package ratelimit

import (
	"net"
)

// New seats of one address: enough for a class that comes in through one
// router, and for latecomers.
const (
	seatsPerSecond = 0.5
	SeatsBurst     = 48
)

// SeatBudget limits the new seats of each address, over the pages and through
// an open door together. It is safe for concurrent use.
type SeatBudget struct{ budget *Budget }

// NewSeatBudget returns a budget with a full burst for every address.
func NewSeatBudget() *SeatBudget {
	return &SeatBudget{NewBudget(seatsPerSecond, SeatsBurst)}
}

// Spend takes one seat of an address, HOST:PORT. If there is none it returns a
// *SlowDownError. This machine has no limit: the demo and the load test run on
// it.
func (b *SeatBudget) Spend(address string) error {
	host, _, _ := net.SplitHostPort(address)
	if net.ParseIP(host).IsLoopback() {
		return nil
	}
	return b.budget.Spend(AddressKey(address), 1)
}
