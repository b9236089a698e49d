package classroom

import (
	"fmt"
	"math"
)

const (
	// minInTime is the share of notes that should arrive within 60 ms. Players who
	// follow a leader notice delays from 50 to 70 ms on (Schuett 2002).
	minInTime = 0.99
	// fullChannel is the share of a Wi-Fi channel above which packets wait.
	fullChannel = 0.6
	// maxClockError is the clock error, ms, above which two clicks sound separate.
	maxClockError = 5
)

// Verdict returns sentences: whether the network is good enough for such a class,
// and if not, what to do.
func (r Report) Verdict() []string {
	n := r.Network
	var wrong []string
	say := func(when bool, format string, args ...any) {
		if when {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	bestEffort, _ := r.Airtime()
	say(n.Stuck+r.Duplicated > 0, "%d notes never ended and %d came twice: that is a bug of the box, please tell us.", n.Stuck, r.Duplicated)
	say(r.Lost > 0, "%d notes never came: look for what drops the connection.", r.Lost)
	say(n.Within[0] < minInTime, "Only %.1f %% of the notes came within 60 ms: let the class play on the grid or looped.", 100*n.Within[0])
	say(bestEffort > fullChannel, "So many who all hear each other fill one Wi-Fi channel: use two access points, or let only the stage sound.")
	unknown := math.IsInf(n.Bound, 1)
	say(unknown, "That was too short to learn every clock: let them play for longer.")
	say(n.Bound > maxClockError && !unknown, "Some clocks may be wrong by %.0f ms: the Wi-Fi is slow or crowded.", n.Bound)
	say(n.Down > 0, "Data channels broke for %d of %d: the Wi-Fi drops out, or a firewall stops UDP after a while.", n.Down, r.Students)
	if len(wrong) == 0 {
		return []string{fmt.Sprintf("This network will do: %.1f %% of the notes came within 60 ms.", 100*n.Within[0])}
	}
	return wrong
}
