package classroom

import (
	"time"

	"downbeat.local/appliance/wire"
)

// How a player's packets on the lane make up for those that are lost: each
// carries what was played shortly before, and all is said again when the
// player rests. A burst of three lost packets costs 90 ms.
const (
	// refrainTime is how long an event is said again with the next.
	refrainTime = 150 * time.Millisecond
	// refrainLeast is how many events are, however old.
	refrainLeast = 3
	// heldAgain is how often a packet says what is held, while something is.
	heldAgain = 250 * time.Millisecond
)

// refrains are when the newest event is said again.
var refrains = [...]time.Duration{
	15 * time.Millisecond, 40 * time.Millisecond, 90 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
}

// refrain is what a player says on the lane. It knows no clock.
type refrain struct {
	recent []played // the newest last
	held   []uint8
	newest time.Time
	said   time.Time // last
	again  int       // how many of refrains have been said
}

// played is an event and when it was.
type played struct {
	wire.NoteEvent
	when time.Time
}

// play takes new events.
func (r *refrain) play(now time.Time, events []wire.NoteEvent) {
	for _, e := range events {
		r.recent = append(r.recent, played{e, now})
		r.hold(e)
	}
	keep := max(0, len(r.recent)-wire.MaxNotesUp)
	for keep < len(r.recent)-refrainLeast && now.Sub(r.recent[keep].when) > refrainTime {
		keep++
	}
	r.recent = append(r.recent[:0], r.recent[keep:]...)
	r.newest, r.again = now, 0
}

// hold keeps the list of notes that sound.
func (r *refrain) hold(e wire.NoteEvent) {
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

// packet is what to say now: what was played lately, and what is held.
func (r *refrain) packet(now time.Time) []byte {
	r.said = now
	events := make([]wire.NoteEvent, 0, len(r.recent))
	for _, p := range r.recent {
		events = append(events, p.NoteEvent)
	}
	return wire.AppendHeldUp(wire.AppendNotesUp(nil, events), r.held)
}

// next is when to say it again, and never if ok is false.
func (r *refrain) next() (at time.Time, ok bool) {
	switch {
	case r.newest.IsZero():
		return time.Time{}, false
	case r.again < len(refrains):
		return r.newest.Add(refrains[r.again]), true
	case len(r.held) > 0:
		return r.said.Add(heldAgain), true
	}
	return time.Time{}, false
}

// passed says that a time of next has come.
func (r *refrain) passed() {
	if r.again < len(refrains) {
		r.again++
	}
}
