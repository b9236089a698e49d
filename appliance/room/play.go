package room

import (
	"errors"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Why a note does not sound for others. They are values, not sentences,
// because the path of a note allocates nothing.
var (
	ErrNoSeat      = errors.New("the seat is empty")
	ErrMuted       = errors.New("muted")
	ErrQuiet       = errors.New("everybody is quiet")
	ErrAlone       = errors.New("another plays alone")
	ErrNotYourBeat = errors.New("not your beat")
	ErrNotHeld     = errors.New("that note does not sound")
	ErrTooMany     = errors.New("too many notes at once")
	ErrNote        = errors.New("note or velocity above 127")
	ErrTooLate     = errors.New("the note comes too late to be heard")
)

// How far from the time of its arrival a note may claim to be played: before,
// the delay of a slow radio; after, the error of a clock estimate. In loop mode
// a note may come later: see reach.
const (
	maxPast   = 250 * time.Millisecond
	maxFuture = 50 * time.Millisecond
)

// Play starts a note of the member in a seat, or ends it with velocity 0. at
// is when they say that they played it, 0 if they do not say. A time in the
// future counts as 50 ms ahead at most. A note that was played too long ago to
// be heard in time is refused; its end never is. With a duration above 0 the
// note ends by itself, through [Room.Advance].
//
// A member who may not play now may still end a note that sounds. From a member
// who may play, the end of a silent note is passed on too: other devices may
// know better, and it does no harm. The errors are ErrNoSeat, ErrNote, ErrTooLate,
// ErrMuted, ErrQuiet, ErrAlone, ErrNotYourBeat, ErrTooMany and, from a member who may not
// play, ErrNotHeld.
func (r *Room) Play(now clock.Millis, seat, note, velocity uint8, at clock.Millis, duration time.Duration) (wire.NoteEvent, error) {
	if !(at > 0) { // NaN too
		at = now
	}
	at = min(now.Add(maxFuture), at)
	if note > 127 || velocity > 127 {
		return wire.NoteEvent{}, ErrNote
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(seat) >= Seats || r.roster.seats[seat] == nil || !r.roster.seats[seat].played() {
		return wire.NoteEvent{}, ErrNoSeat
	}
	played, oldest := at, now.Add(-r.reach(now))
	at = max(oldest, at)
	refused := r.mayPlayLocked(r.roster.seats[seat], at)
	except := r.hearing.except[seat]
	switch {
	case velocity == 0 && refused != nil && !r.voices.sounds(seat, note):
		return wire.NoteEvent{}, ErrNotHeld
	case velocity == 0:
		return r.voices.end(seat, note, at, except), nil
	case played < oldest:
		return wire.NoteEvent{}, ErrTooLate
	case refused != nil:
		return wire.NoteEvent{}, refused
	}
	return r.voices.begin(seat, note, velocity, at, endOf(at, duration), except)
}

// reach is how long after it was played a note may arrive. In loop mode others
// hear it one interval after it was played, so that it is in time until then.
func (r *Room) reach(now clock.Millis) time.Duration {
	line := r.tempo.plan.At(now)
	if r.settings.Mode != ModeLoop || !line.Running {
		return maxPast // it sounds as soon as it comes, or on the next step
	}
	interval := float64(r.settings.Interval) * line.BeatMillis()
	return max(maxPast, time.Duration(interval*float64(time.Millisecond)))
}

// mayPlayLocked says why a member may not start a note; nil if they may.
func (r *Room) mayPlayLocked(m *seated, at clock.Millis) error {
	switch {
	case m.Muted:
		return ErrMuted
	case r.settings.Quiet && m.Role != RoleTeacher:
		return ErrQuiet
	case r.silences(m):
		return ErrAlone
	case m.beats != 0 && !r.tempo.onBeat(m.beats, at):
		return ErrNotYourBeat
	}
	return nil
}

// Advance does what is due: it returns beats to announce and notes that have
// ended. next is when to call again unless something changes before; it is
// never if nothing is planned.
func (r *Room) Advance(now clock.Millis) (beats []Change, ended []wire.NoteEvent, next clock.Millis) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tempo.advance(now)
	if b, ok := r.tempo.beat(now); ok {
		beats = []Change{{Event: wire.EventBeat, Payload: b}}
	}
	ended, next = r.voices.endDue(now)
	return beats, ended, min(next, r.tempo.due())
}

// Held appends every note that sounds in the room, by seat.
func (r *Room) Held(held []wire.HeldNote) []wire.HeldNote {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.voices.held(held)
}

// Sounds reports whether the member in a seat sounds a note. A rate limit must
// let the end of such a note pass, or the note would stick.
func (r *Room) Sounds(seat, note uint8) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.voices.sounds(seat, note)
}

// Player is what a device that sounds a member's notes has to know of the member.
type Player struct {
	ID         string // empty for an empty seat
	Instrument string
	Silenced   bool // may not play at all now
}

// Conduct is how the notes of a room sound at a moment.
type Conduct struct {
	Plan     clock.Plan
	Settings Settings
	Players  [Seats]Player
}

// Conduct fills in how the notes of the room sound now.
func (r *Room) Conduct(now clock.Millis, c *Conduct) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Plan, c.Settings = r.tempo.plan.Since(now), r.settings
	for seat, m := range r.roster.seats {
		c.Players[seat] = Player{}
		if m != nil {
			c.Players[seat] = Player{ID: m.ID, Instrument: m.Instrument, Silenced: r.silences(m)}
		}
	}
}

// silences reports whether a member may not play at all.
func (r *Room) silences(m *seated) bool {
	return m.Muted || m.Role != RoleTeacher && (r.settings.Quiet || !r.alone.isNone() && !r.alone.includes(m))
}
