package client

import (
	"time"

	"downbeat.local/appliance/wire"
)

// Packets on a lane may be lost, so each repeats the notes shortly before it.
// In a pause the last packet is repeated. A burst of three lost packets delays a
// note by 90 ms. The web app has the same schedule: see package wiretest.
const (
	// overlapTime is for how long later packets repeat an event.
	overlapTime = 150 * time.Millisecond
	// overlapNotes is the least number of events in a packet, even if old.
	overlapNotes = 3
	// heldEvery is how often a packet lists the held keys after the repeats.
	heldEvery = 250 * time.Millisecond
)

// repeatAt is when packets repeat the newest event, after the event. At 120 beats a
// minute notes are 250 or 500 ms apart. A repeat just before a note would delay it.
var repeatAt = [...]time.Duration{
	15 * time.Millisecond, 40 * time.Millisecond, 90 * time.Millisecond, 200 * time.Millisecond, 440 * time.Millisecond,
}

// repeater schedules the packets of a player on a lane. It reads no clock.
type repeater struct {
	recent []timedEvent // the newest last
	held   []uint8
	newest time.Time // of the newest event
	sentAt time.Time // of the last packet
	step   int       // the next of repeatAt
}

// timedEvent is an event and when it was played.
type timedEvent struct {
	wire.NoteEvent
	when time.Time
}

// add adds new events, forgets old ones and restarts the schedule.
func (r *repeater) add(now time.Time, events []wire.NoteEvent) {
	for _, e := range events {
		r.recent = append(r.recent, timedEvent{e, now})
		r.hold(e)
	}
	keep := max(0, len(r.recent)-wire.MaxNotesUp)
	for keep < len(r.recent)-overlapNotes && now.Sub(r.recent[keep].when) > overlapTime {
		keep++
	}
	r.recent = append(r.recent[:0], r.recent[keep:]...)
	r.newest, r.step = now, 0
}

// hold updates the list of held keys.
func (r *repeater) hold(e wire.NoteEvent) {
	for i, note := range r.held {
		if note == e.Note {
			r.held = append(r.held[:i], r.held[i+1:]...)
			break
		}
	}
	if e.Velocity > 0 {
		r.held = append(r.held, e.Note)
	}
}

// packet returns the payload to send now: recent events and held keys.
func (r *repeater) packet(now time.Time) []byte {
	r.sentAt = now
	events := make([]wire.NoteEvent, 0, len(r.recent))
	for _, p := range r.recent {
		events = append(events, p.NoteEvent)
	}
	return wire.AppendHeldUp(wire.AppendNotesUp(nil, events), r.held)
}

// next returns when to send a packet again. ok is false if nothing is due.
func (r *repeater) next() (at time.Time, ok bool) {
	switch {
	case r.newest.IsZero():
		return time.Time{}, false
	case r.step < len(repeatAt):
		return r.newest.Add(repeatAt[r.step]), true
	case len(r.held) > 0:
		return r.sentAt.Add(heldEvery), true
	}
	return time.Time{}, false
}

// advance moves to the next step of the schedule.
func (r *repeater) advance() {
	if r.step < len(repeatAt) {
		r.step++
	}
}
