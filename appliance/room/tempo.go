package room

import (
	"fmt"
	"math"
	"time"

	"downbeat.local/sync/clock"
)

// What a room starts with.
const (
	defaultBPM   = 100
	defaultMeter = 4
)

// tempo is a room's beat. Room.mu guards it.
type tempo struct {
	plan      clock.Plan // the timeline in force, and those that will replace it
	announced float64    // the last whole beat of the one in force that beat returned or skipped
}

func newTempo() tempo {
	return tempo{plan: clock.Plan{{Revision: 1, BPM: defaultBPM, Meter: defaultMeter}}}
}

// advance drops the timelines that are over.
func (t *tempo) advance(now clock.Millis) {
	rest := t.plan.Since(now)
	if len(rest) < len(t.plan) {
		t.plan = rest
		t.announced = rest[0].Beat0 - 1
	}
}

// current is the timeline in force, as of the last advance.
func (t *tempo) current() clock.Timeline { return t.plan[0] }

// next is the timeline that was planned last, nil if none is.
func (t *tempo) next() *clock.Timeline {
	if len(t.plan) == 1 {
		return nil
	}
	last := t.plan.Last()
	return &last
}

// retime plans a timeline like the last one, except for what change does. If
// change does nothing, the plan stays as it is.
func (t *tempo) retime(now clock.Millis, countIn int, change func(w *clock.Wish)) {
	t.advance(now)
	last := t.plan.Last()
	was := clock.Wish{BPM: last.BPM, Meter: last.Meter, Running: last.Running, CountIn: countIn}
	wish := was
	change(&wish)
	if wish != was {
		t.plan = t.plan.Change(now, wish)
	}
}

// cut stops the beat at once.
func (t *tempo) cut(now clock.Millis) {
	t.advance(now)
	if t.current().Running || t.plan.Last().Running {
		t.plan = t.plan.Cut(now)
	}
}

// onBeat reports whether a moment, to the nearest eighth, is in one of the
// beats of the bar. It is always true while the tempo is stopped, and when the
// meter has changed so that the bar has none of the beats.
func (t *tempo) onBeat(beats uint16, at clock.Millis) bool {
	timeline := t.plan.At(at)
	if beats &= 1<<timeline.Meter - 1; !timeline.Running || beats == 0 {
		return true
	}
	eighth := math.Floor(timeline.BeatAt(at)*2+0.5) / 2
	_, inBar := timeline.Bar(eighth)
	return beats&(1<<inBar) != 0
}

// staleBeat is how late a beat may be announced. A later one is skipped: beats
// are for clients that blink or click when they arrive.
const staleBeat = 100 * time.Millisecond

// beat returns the beat that is due, if one is. Of several it is the last.
func (t *tempo) beat(now clock.Millis) (Beat, bool) {
	timeline := t.current()
	if !timeline.Running || now < timeline.Time0 {
		return Beat{}, false
	}
	due := timeline.BeatAfter(now) - 1
	if due <= t.announced {
		return Beat{}, false
	}
	t.announced = due
	at := timeline.TimeOf(due)
	if due < 0 || now.Sub(at) > staleBeat {
		return Beat{}, false // counting in, or too late
	}
	bar, inBar := timeline.Bar(due)
	return Beat{Beat: due, Bar: bar, BeatInBar: inBar, At: at, BPM: timeline.BPM}, true
}

// due is when the tempo next does something by itself.
func (t *tempo) due() clock.Millis {
	due := clock.Never()
	if timeline := t.current(); timeline.Running {
		due = timeline.TimeOf(max(t.announced+1, 0))
	}
	if len(t.plan) > 1 {
		due = min(due, t.plan[1].Time0)
	}
	return due
}

// restore takes the timelines of a snapshot. After a reboot the box clock has
// started again, so their times mean nothing: the tempo is stopped.
func (t *tempo) restore(s Snapshot, now clock.Millis, sameBoot bool) error {
	plan := s.plan()
	if err := plan.Validate(); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	t.plan = plan
	if !sameBoot {
		last := plan.Last()
		t.plan = clock.Plan{{Revision: last.Revision + 1, BPM: last.BPM, Meter: last.Meter, Time0: now}}
	}
	t.advance(now)
	if timeline := t.current(); timeline.Running {
		t.announced = timeline.BeatAfter(now) - 1
	}
	return nil
}
