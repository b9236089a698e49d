package discovery

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The times of RFC 6762 §8, and how long the box waits for a name that another
// device has.
const (
	probes        = 3 // before a name is the box's own
	probeEvery    = 250 * time.Millisecond
	announcements = 2 // of a name, an address or another change
	announceEvery = time.Second
	afterTie      = time.Second // until the loser of a tie probes again
	afterGoodbye  = time.Second // until a name that was given up is gone from all caches

	// retryEvery is how often the box asks for a name that another device has.
	// Each time costs one packet and its answer.
	retryEvery = 30 * time.Second

	// After so many conflicts in so long, each attempt waits (§8.1).
	manyConflicts  = 15
	conflictWindow = 10 * time.Second
	conflictPause  = 5 * time.Second
)

// stage is how far a claim is.
type stage int

const (
	probing stage = iota // asking whether another device has the name
	owned                // answering for it
	lost                 // another device has it
)

// claim is a name that the box wants on one link. Each link decides for itself:
// a name may be free in one network and taken in another.
type claim struct {
	name      string // canonical: lower case, with the last dot
	stage     stage
	sent      int       // probes or announcements in this stage
	due       time.Time // of the next packet; zero if there is none
	conflicts []time.Time
	slow      bool // there were many conflicts since the name was last the box's
}

// newClaim starts at a random moment, because machines that got power or a link
// together would all speak at once (§8.1).
func newClaim(name string, now time.Time) *claim {
	return &claim{name: name, due: now.Add(rand.N(probeEvery))}
}

// probe asks for the name again at a time.
func (c *claim) probe(at time.Time) { c.stage, c.sent, c.due = probing, 0, at }

// announce tells everybody what the name stands for, if it is the box's.
func (c *claim) announce(now time.Time) {
	if c.stage == owned {
		c.sent, c.due = 0, now
	}
}

// step is called when a packet is due. It reports whether that is a probe or an
// announcement.
func (c *claim) step(now time.Time) (probe, announce bool) {
	if c.stage == lost {
		c.probe(now)
	}
	if c.stage == probing && c.sent == probes {
		c.stage, c.sent, c.slow = owned, 0, false
	}
	c.sent++
	switch {
	case c.stage == probing:
		c.due = now.Add(probeEvery)
		return true, false
	case c.sent < announcements:
		c.due = now.Add(announceEvery)
	default:
		c.due = time.Time{}
	}
	return false, true
}

// pause counts a conflict, and returns how long to wait after it: least, or
// more if there were many.
func (c *claim) pause(now time.Time, least time.Duration) time.Duration {
	c.conflicts = slices.DeleteFunc(c.conflicts, func(at time.Time) bool { return now.Sub(at) >= conflictWindow })
	c.conflicts = append(c.conflicts, now)
	c.slow = c.slow || len(c.conflicts) >= manyConflicts
	if c.slow {
		return max(least, conflictPause)
	}
	return least
}

// loseTie waits for the winner of a tie, whose name it is when the box asks
// again.
func (c *claim) loseTie(now time.Time) { c.probe(now.Add(c.pause(now, afterTie))) }

// lose leaves the name to another device.
func (c *claim) lose(now time.Time) {
	c.stage, c.due = lost, now.Add(c.pause(now, retryEvery))
}

// heard is called when the device that has the name speaks. The box need not
// ask for a while.
func (c *claim) heard(now time.Time) { c.due = now.Add(retryEvery) }

// released is called when the device that had the name gives it up.
func (c *claim) released(now time.Time) {
	if c.stage == lost {
		c.probe(now.Add(afterGoodbye + rand.N(probeEvery)))
	}
}
