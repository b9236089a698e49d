package room

import (
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// What a room starts with.
const (
	defaultBPM   = 100
	defaultMeter = 4
)

// tempo is a room's beat.
type tempo struct {
	timeline clock.Timeline
	next     *clock.Timeline // what replaces timeline at its Time0; never changed once set
	told     float64         // the last whole beat of timeline that was announced
}

func newTempo() tempo {
	return tempo{timeline: clock.Timeline{Revision: 1, BPM: defaultBPM, Meter: defaultMeter}}
}

// turnLocked lets the pending timeline take over when its time has come.
func (t *tempo) turnLocked(now clock.Millis) {
	if t.next != nil && now >= t.next.Time0 {
		t.timeline, t.next = *t.next, nil
		t.told = t.timeline.Beat0 - 1
	}
}

// pendingLocked is a copy of the timeline to come, nil if there is none.
func (t *tempo) pendingLocked() *clock.Timeline {
	if t.next == nil {
		return nil
	}
	next := *t.next
	return &next
}

// lastLocked is the timeline that was planned last.
func (t *tempo) lastLocked() clock.Timeline {
	if t.next != nil {
		return *t.next
	}
	return t.timeline
}

// retimeLocked plans a timeline that is as the last one but for what change
// does to it. If that is nothing, the last one is told again and goes on.
func (r *Room) retimeLocked(now clock.Millis, change func(w *clock.Wish)) Change {
	r.turnLocked(now)
	last := r.lastLocked()
	was := clock.Wish{BPM: last.BPM, Meter: last.Meter, Running: last.Running, CountIn: r.manner.CountIn}
	wish := was
	change(&wish)
	if wish != was {
		next := r.timeline.Change(now, wish)
		next.Revision = last.Revision + 1
		last, r.next = next, &next
	}
	return Change{
		Event:   wire.EventTempoChanged,
		Payload: TempoChanged{Timeline: last, RoomRevision: r.nextRevisionLocked()},
	}
}

// staleBeat is how late a beat may be announced. Whoever wakes later skips it:
// beats are for clients that blink or click when they come.
const staleBeat = 100 * time.Millisecond

// beatLocked is the beat that is due, if one is. Of several it is the last.
func (t *tempo) beatLocked(now clock.Millis) (Beat, bool) {
	if !t.timeline.Running || now < t.timeline.Time0 {
		return Beat{}, false
	}
	due := t.timeline.BeatAfter(now) - 1
	if due <= t.told {
		return Beat{}, false
	}
	t.told = due
	at := t.timeline.TimeOf(due)
	if due < 0 || now.Sub(at) > staleBeat {
		return Beat{}, false // counting in, or long past
	}
	bar, inBar := t.timeline.Bar(due)
	return Beat{Beat: due, Bar: bar, BeatInBar: inBar, At: at, BPM: t.timeline.BPM}, true
}

// dueLocked is when the timeline next does something by itself.
func (t *tempo) dueLocked() clock.Millis {
	due := clock.Never()
	if t.timeline.Running {
		due = t.timeline.TimeOf(max(t.told+1, 0))
	}
	if t.next != nil {
		due = min(due, t.next.Time0)
	}
	return due
}
