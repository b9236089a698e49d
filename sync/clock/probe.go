package clock

import "time"

// The probe plan: bursts, because the first ping wakes a dozing radio and the
// others then find it awake; often at first, to be right within a second.
// (Wi-Fi power save delays what comes after a pause by 100 ms and more, on
// the way to the device only.)
const (
	BurstSize  = 5
	BurstGap   = 20 * time.Millisecond
	firstPhase = 3 * time.Second
	firstPause = 300 * time.Millisecond
	laterPause = 2 * time.Second
)

// NextBurst is how long to wait from the start of one burst to that of the
// next, when the first of all began that long ago.
func NextBurst(since time.Duration) time.Duration {
	if since < firstPhase {
		return firstPause
	}
	return laterPause
}
