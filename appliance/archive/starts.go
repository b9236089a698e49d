package archive

import (
	"context"
	"slices"
	"strings"
	"time"

	"downbeat.local/appliance/store"
)

// A machine without a clock battery starts with a wrong wall clock, which is set
// right at some moment, by days. So a broadcast is dated by the start of the
// machine and the time since then, and the archive remembers when each start was,
// by what the wall clock says of it last.

// stepOf is how far the wall clock moves to count as set. Less is drift.
const stepOf = time.Minute

// lookEvery is how often the archive looks whether the wall clock was set.
const lookEvery = time.Minute

// startsKey is the setting that holds the starts of the machine.
const startsKey = "archive_starts"

// moment is when something happened: so long after a start of the machine. The
// zero moment is unknown.
type moment struct {
	Boot string        `json:"boot,omitempty"` // store.BootID
	Up   time.Duration `json:"up,omitempty"`
}

// moment is the present one.
func (a *Archive) moment() moment {
	if a.uptime == nil || a.boot == "" {
		return moment{}
	}
	return moment{a.boot, a.uptime()}
}

// look notices that the wall clock was set, and dates what was kept since the
// start of the machine anew.
func (a *Archive) look(ctx context.Context) {
	m := a.moment()
	if m == (moment{}) {
		return
	}
	a.mu.Lock()
	started := a.now().Round(0).Add(-m.Up)
	step := started.Sub(a.starts[m.Boot])
	set := step.Abs() >= stepOf
	if set {
		a.starts[m.Boot] = started
		a.redateLocked(m, step)
	}
	starts := a.knownStartsLocked()
	a.mu.Unlock()
	if !set {
		return
	}
	if err := a.store.Put(ctx, store.Settings, startsKey, starts); err != nil && ctx.Err() == nil {
		a.log.Warn("cannot keep when the machine started", "err", err)
	}
}

// redateLocked moves the times of what was kept since this start of the machine.
func (a *Archive) redateLocked(m moment, step time.Duration) {
	now := a.now()
	for _, leaves := range a.topics {
		for i, l := range leaves {
			if l.moment.Boot == m.Boot {
				ttl := l.ends.Sub(l.at)
				leaves[i].at = now.Add(l.moment.Up - m.Up)
				leaves[i].ends = leaves[i].at.Add(ttl)
			}
		}
	}
	a.sortLocked()
	if !a.last.IsZero() && a.last.Add(step).Before(now) {
		a.last = a.last.Add(step) // else keys would grow by microseconds until the old time comes
	}
}

// knownStartsLocked are the starts of which something is kept, and this one.
func (a *Archive) knownStartsLocked() map[string]time.Time {
	known := map[string]time.Time{a.boot: a.starts[a.boot]}
	for _, leaves := range a.topics {
		for _, l := range leaves {
			if at, ok := a.starts[l.moment.Boot]; ok {
				known[l.moment.Boot] = at
			}
		}
	}
	return known
}

// dated is when a saved broadcast was kept and when it expires, by what is known
// now of the start of the machine.
func (a *Archive) dated(b savedBroadcast) (at, ends time.Time) {
	if started, ok := a.starts[b.Moment.Boot]; ok && b.Moment.Boot != "" {
		at = started.Add(b.Moment.Up)
		return at, at.Add(b.Ends.Sub(b.At))
	}
	return b.At, b.Ends
}

// byTime orders entries. Keys order those of one instant.
func byTime(x, y entry) int {
	if c := x.at.Compare(y.at); c != 0 {
		return c
	}
	return strings.Compare(x.key, y.key)
}

// sortLocked brings every topic in order.
func (a *Archive) sortLocked() {
	for _, leaves := range a.topics {
		slices.SortFunc(leaves, byTime)
	}
}
