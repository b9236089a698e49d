package lobby

import (
	"maps"
	"strings"
	"time"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/sync/clock"
)

// crowd is the addresses from which devices took their seats, with the time of the
// last. It tells a class whose devices have addresses of their own from one that comes
// in through a router, where all have the same. Only a seat counts: an address that
// merely asks for the page proves nothing.
type crowd map[string]clock.Millis

const (
	// maxOfRouter is how many devices one address may have while it may be that of a
	// router: a class.
	maxOfRouter = ratelimit.SeatsBurst
	// maxOfDevice is how many it may have once the class has addresses of its own: a
	// device and a few browsers on it.
	maxOfDevice = 4
	// severalAddresses is how many others show that the class has addresses of its own.
	severalAddresses = 4
	// seatedFor is how long a seat counts: a lesson.
	seatedFor = time.Hour
	// maxCrowd bounds the addresses that are known.
	maxCrowd = 256
)

// seat notes that a device at an address has a seat.
func (c crowd) seat(now clock.Millis, address string) {
	maps.DeleteFunc(c, func(_ string, at clock.Millis) bool { return now.Sub(at) > seatedFor })
	if _, known := c[address]; known || len(c) < maxCrowd {
		c[address] = now
	}
}

// most is how many devices of an address are listed. An IPv6 address stands for its
// whole network (ratelimit.AddressKey).
func (c crowd) most(now clock.Millis, address string) int {
	if strings.Contains(address, "/") {
		return maxOfRouter
	}
	others := 0
	for other, at := range c {
		if other != address && now.Sub(at) <= seatedFor {
			others++
		}
	}
	if others >= severalAddresses {
		return maxOfDevice
	}
	return maxOfRouter
}
