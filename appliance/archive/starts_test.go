package archive

import (
	"testing"
	"time"

	"downbeat.local/appliance/realtime"
)

// TestTheWallClockIsSet keeps a broadcast while the wall clock is wrong, sets it
// right, and restarts the box and the machine.
func TestTheWallClockIsSet(t *testing.T) {
	for _, step := range []time.Duration{realtime.MaxTTL, 400 * 24 * time.Hour, -realtime.MaxTTL} {
		l := newLibrary(t)
		l.keep("a", "early", 0)
		l.pass(10 * time.Minute)
		l.keep("a", "late", time.Hour)
		l.pass(time.Minute)
		l.time = l.time.Add(step)
		l.look(t.Context())
		l.want("a", time.UnixMilli(0), 25, "early", "late")
		l.want("a", l.time.Add(-5*time.Minute), 25, "late") // since, by the clock that is right now
		l.sweep(t.Context())

		l.start(l.store, "one") // the box restarts
		l.want("a", l.time.Add(-5*time.Minute), 25, "late")
		l.pass(time.Minute)
		l.keep("a", "last", 0)

		l.up = 0
		l.pass(30 * time.Minute)
		l.start(l.store, "two") // the machine restarts
		l.want("a", l.time.Add(-45*time.Minute), 25, "early", "late", "last")
		l.pass(time.Hour)
		l.want("a", time.UnixMilli(0), 25, "early", "last")
		l.pass(realtime.MaxTTL)
		l.want("a", time.UnixMilli(0), 25)
	}
}

// TestTheWallClockIsSetBack has two broadcasts whose times overlap.
func TestTheWallClockIsSetBack(t *testing.T) {
	l := newLibrary(t)
	l.keep("a", "early", 0)
	l.time = l.time.Add(-48 * time.Hour)
	l.look(t.Context())
	l.keep("a", "next", 0)
	l.want("a", time.UnixMilli(0), 25, "early", "next")
}
