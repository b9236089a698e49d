package room

import (
	"errors"
	"math"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Why a note does not sound for others. They are values, not sentences: the
// path of a note allocates nothing.
var (
	ErrNoSeat      = errors.New("nobody plays there")
	ErrMuted       = errors.New("muted")
	ErrQuiet       = errors.New("everybody is quiet")
	ErrNotYourBeat = errors.New("not your beat")
	ErrNotHeld     = errors.New("that note does not sound")
	ErrTooMany     = errors.New("too many notes at once")
	ErrNote        = errors.New("note or velocity above 127")
)

// How far from the time of its arrival a note may say that it was played: a
// slow radio's worth before, and what an estimate may be off after.
const (
	maxPast   = 250 * time.Millisecond
	maxFuture = 50 * time.Millisecond
)

// Play lets the member in a seat start a note, or end it with velocity 0. at
// is when he says he played it, 0 if he does not; it is bounded to what can be
// true. With a duration above 0 the note ends by itself, through
// [Room.Advance].
//
// Who may not play now may still end what he started. The end of a note that
// does not sound is passed on all the same: others may know better, and it
// hurts nobody. The errors are ErrNoSeat, ErrNote, ErrMuted, ErrQuiet,
// ErrNotYourBeat, ErrTooMany and, from somebody who may not play, ErrNotHeld.
func (r *Room) Play(now clock.Millis, seat, note, velocity uint8, at clock.Millis, duration time.Duration) (wire.NoteEvent, error) {
	if !(at > 0) { // not a number either
		at = now
	}
	at = max(now.Add(-maxPast), min(now.Add(maxFuture), at))
	if note > 127 || velocity > 127 {
		return wire.NoteEvent{}, ErrNote
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(seat) >= Seats || r.seats[seat] == nil || r.seats[seat].conns == 0 {
		return wire.NoteEvent{}, ErrNoSeat
	}
	m := r.seats[seat]
	if velocity == 0 {
		return r.endLocked(m, note, at)
	}
	if err := r.mayPlayLocked(m, at); err != nil {
		return wire.NoteEvent{}, err
	}
	if !m.begin(sound{at: at, until: lasting(at, duration), seq: r.seq[seat] + 1, note: note}) {
		return wire.NoteEvent{}, ErrTooMany
	}
	return r.eventLocked(seat, at, note, velocity), nil
}

// endLocked ends a note that a member sounds, never before it began.
func (r *Room) endLocked(m *seated, note uint8, at clock.Millis) (wire.NoteEvent, error) {
	if i := m.find(note); i >= 0 {
		at = max(at, m.cut(i).at)
	} else if r.mayPlayLocked(m, at) != nil {
		return wire.NoteEvent{}, ErrNotHeld
	}
	return r.eventLocked(m.Seat, at, note, 0), nil
}

// mayPlayLocked says why a member's note does not sound now; nil if it does.
func (r *Room) mayPlayLocked(m *seated, at clock.Millis) error {
	switch {
	case m.Muted:
		return ErrMuted
	case r.manner.Quiet && m.Role != RoleTeacher:
		return ErrQuiet
	case m.beats != 0 && !r.onBeatLocked(m.beats, at):
		return ErrNotYourBeat
	}
	return nil
}

// onBeatLocked reports whether a moment, to the nearest eighth, is in one of
// the beats of the bar. While nothing runs every moment is, and so it is if
// none of the beats is in the bar: the meter has changed since.
func (t *tempo) onBeatLocked(beats uint16, at clock.Millis) bool {
	line := t.timeline.At(at, t.next)
	if beats &= 1<<line.Meter - 1; !line.Running || beats == 0 {
		return true
	}
	eighth := math.Floor(line.BeatAt(at)*2+0.5) / 2
	_, inBar := line.Bar(eighth)
	return beats&(1<<inBar) != 0
}

// Advance does what is due: beats to announce and notes to end. next is when
// to call again, unless something changes before; it is never if nothing is
// planned.
func (r *Room) Advance(now clock.Millis) (beats []Change, ended []wire.NoteEvent, next clock.Millis) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnLocked(now)
	if b, ok := r.beatLocked(now); ok {
		beats = []Change{{Event: wire.EventBeat, Payload: b}}
	}
	ended, next = r.endDueLocked(now)
	return beats, ended, min(next, r.dueLocked())
}
