package room

import (
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// What a room starts with.
const (
	defaultBPM     = 100
	defaultMeter   = 4
	defaultCountIn = 1
	maxCountIn     = 4 // bars
)

// tempo is a room's beat.
type tempo struct {
	timeline clock.Timeline
	next     *clock.Timeline // what replaces timeline at its Time0
	countIn  int             // bars before a start
	beat     float64         // the last whole beat that was announced on timeline
}

func newTempo() tempo {
	return tempo{
		timeline: clock.Timeline{Revision: 1, BPM: defaultBPM, Meter: defaultMeter},
		countIn:  defaultCountIn,
	}
}

// turnLocked lets the pending timeline take over when its time has come.
func (t *tempo) turnLocked(now clock.Millis) {
	if t.next != nil && now >= t.next.Time0 {
		t.timeline, t.next = *t.next, nil
		t.beat = t.timeline.Beat0 - 1
	}
}

// wishLocked is what the timeline is about to be.
func (t *tempo) wishLocked() clock.Wish {
	last := t.timeline
	if t.next != nil {
		last = *t.next
	}
	return clock.Wish{BPM: last.BPM, Meter: last.Meter, Running: last.Running, CountIn: t.countIn}
}

// TempoChanged is the payload of tempo_changed: the new timeline, which holds
// from its time0 on.
type TempoChanged struct {
	clock.Timeline
	RoomRevision int `json:"room_revision"`
}

// retimeLocked plans a new timeline.
func (r *Room) retimeLocked(now clock.Millis, w clock.Wish) Change {
	r.turnLocked(now)
	revision := r.timeline.Revision
	if r.next != nil {
		revision = r.next.Revision
	}
	next := r.timeline.Change(now, w)
	next.Revision = revision + 1
	r.next = &next
	return r.changedLocked(wire.EventTempoChanged, func(revision int) any { return TempoChanged{next, revision} })
}

// Beat is the payload of a beat.
type Beat struct {
	Beat      float64      `json:"beat"`
	Bar       int          `json:"bar"`
	BeatInBar int          `json:"beat_in_bar"`
	At        clock.Millis `json:"at"`
	BPM       float64      `json:"bpm"`
}

// staleBeat is how late a beat may be announced: whoever wakes later skips it.
const staleBeat = clock.Millis(100)

// beatLocked is the beat that is due, if one is.
func (t *tempo) beatLocked(now clock.Millis) (Beat, bool) {
	if !t.timeline.Running {
		return Beat{}, false
	}
	due := t.timeline.BeatAfter(now) - 1
	if due <= t.beat {
		return Beat{}, false
	}
	t.beat = due
	at := t.timeline.TimeOf(due)
	if due < 0 || now-at > staleBeat {
		return Beat{}, false // counting in, or long past
	}
	bar, inBar := t.timeline.Bar(due)
	return Beat{Beat: due, Bar: bar, BeatInBar: inBar, At: at, BPM: t.timeline.BPM}, true
}

// dueLocked is when the timeline next does something by itself.
func (t *tempo) dueLocked() clock.Millis {
	due := clock.Never()
	if t.timeline.Running {
		due = t.timeline.TimeOf(t.beat + 1)
	}
	if t.next != nil {
		due = min(due, t.next.Time0)
	}
	return due
}
