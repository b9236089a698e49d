package clock

import "time"

// The probe plan. Pings go in bursts: the first wakes a dozing radio, and the
// others find it awake. Bursts are frequent at first, so that the estimate is
// right within a second. (Wi-Fi power save delays the first packet after a pause
// by 100 ms and more, only on the way to the device.)
const (
	BurstSize  = 5
	BurstGap   = 20 * time.Millisecond
	firstPhase = 3 * time.Second
	firstPause = 300 * time.Millisecond
	laterPause = 2 * time.Second
)

// NextBurst is the time from the start of one burst to the start of the next,
// when the first of all began that long ago.
func NextBurst(since time.Duration) time.Duration {
	if since < firstPhase {
		return firstPause
	}
	return laterPause
}
