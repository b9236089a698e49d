package clock

import (
	"fmt"
	"time"
)

// restBetween is the shortest time between two changes of a stopped timeline.
// While the beat runs, bar lines are at least as far apart: one beat at 300
// beats a minute. So a plan stays short, however often it is changed.
const restBetween = 200 * time.Millisecond

// Plan is the timelines of a room, by Time0: the one in force first, then those
// that replace one another. Each holds until the Time0 of the next. A plan has at
// least one timeline, and is never changed in place.
type Plan []Timeline

// maxPlan is more timelines than any changes leave in a plan: at most two begin
// within restBetween.
const maxPlan = 16

// Validate returns an error for a plan that cannot be right. It is for plans from
// a file or the network.
func (p Plan) Validate() error {
	if len(p) == 0 || len(p) > maxPlan {
		return fmt.Errorf("%d timelines, want 1 to %d", len(p), maxPlan)
	}
	for i, t := range p {
		if err := t.Validate(); err != nil {
			return err
		}
		if i > 0 && t.Time0 < p[i-1].Time0 {
			return fmt.Errorf("begins at %g ms, before the timeline that it follows", float64(t.Time0))
		}
	}
	return nil
}

// Last is the timeline that holds once nothing is planned any more.
func (p Plan) Last() Timeline { return p[len(p)-1] }

// At returns the timeline at a moment.
func (p Plan) At(at Millis) Timeline { return p.Since(at)[0] }

// Since returns the plan without the timelines that are over at a moment.
func (p Plan) Since(at Millis) Plan {
	for len(p) > 1 && at >= p[1].Time0 {
		p = p[1:]
	}
	return p
}

// Cut returns the plan of a beat that stops at once, and not on a bar line. A device
// stops when it hears of it: nothing of this is planned ahead.
func (p Plan) Cut(now Millis) Plan {
	last := p.Last()
	return Plan{{Revision: last.Revision + 1, BPM: last.BPM, Meter: last.Meter, Time0: now}}
}

// Change plans what w asks for, and returns the whole plan from now on. The new
// timeline begins at least Lead after now: on a bar line while the beat runs, and
// from beat 0, after the count-in, when it starts. Its revision is one more than
// that of the last one.
//
// A timeline that begins within Lead stays in the plan, and the new one follows
// it: devices may be playing it before they hear of the change. So no device's
// beat differs from the plan, however late within Lead it hears of each change.
// A timeline further ahead is replaced.
func (p Plan) Change(now Millis, w Wish) Plan {
	last := p.Last()
	w = w.within(last)
	p = p.Since(now)
	kept := 1
	for kept < len(p) && p[kept].Time0 < now.Add(Lead) {
		kept++
	}
	from, asked := p[kept-1], now
	if kept > 1 && !from.Running && !w.Running {
		asked = max(asked, from.Time0.Add(restBetween-Lead))
	}
	next := from.Change(asked, w)
	next.Revision = last.Revision + 1
	return append(p[:kept:kept], next)
}
