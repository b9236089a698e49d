package room

import (
	"errors"
	"math"
	"math/bits"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Why a note does not sound for others. They are values, not sentences: the
// path of a note allocates nothing.
var (
	ErrNoSeat      = errors.New("nobody sits there")
	ErrMuted       = errors.New("muted")
	ErrQuiet       = errors.New("everybody is quiet")
	ErrNotYourBeat = errors.New("not your beat")
	ErrNotHeld     = errors.New("that note does not sound")
)

// How far from the time of its arrival a note may say that it was played: a
// slow radio's worth before, and what an estimate may be off after.
const (
	maxPast   = clock.Millis(250)
	maxFuture = clock.Millis(50)
)

// voice is what one member sounds.
type voice struct {
	seq     uint16
	held    [2]uint64   // a bit for every note that sounds
	heldSeq [128]uint16 // the event that started it
}

func (v *voice) holds(note uint8) bool { return v.held[note>>6]&(1<<(note&63)) != 0 }

// event numbers an event of the member and keeps the score of what he holds.
func (m *seated) event(at clock.Millis, note, velocity uint8) wire.NoteEvent {
	m.seq++
	if velocity > 0 {
		m.held[note>>6] |= 1 << (note & 63)
		m.heldSeq[note] = m.seq
	} else {
		m.held[note>>6] &^= 1 << (note & 63)
	}
	return wire.NoteEvent{Seat: m.Seat, Seq: m.seq, At: float64(at), Note: note, Velocity: velocity}
}

// notes calls f for every note that sounds.
func (v *voice) notes(f func(note uint8)) {
	for half, word := range v.held {
		for ; word != 0; word &= word - 1 {
			f(uint8(half<<6 + bits.TrailingZeros64(word)))
		}
	}
}

// silence ends everything the member sounds.
func (m *seated) silence(now clock.Millis) (ended []wire.NoteEvent) {
	m.notes(func(note uint8) { ended = append(ended, m.event(now, note, 0)) })
	return ended
}

// ending is when a note with a duration ends.
type ending struct {
	at   clock.Millis
	seat uint8
	note uint8
	seq  uint16 // of the event that started it: a later one has its own end
}

// maxEndings bounds the notes with a duration that sound at once; more ring
// until their players stop them.
const maxEndings = 4096

// Play lets the member in a seat start a note, or end it with velocity 0. at
// is when he says he played it, 0 for now; it is bounded to what can be true.
// With a duration above 0 the note ends by itself, through Advance. The
// errors are ErrNoSeat, ErrMuted, ErrQuiet, ErrNotYourBeat and ErrNotHeld.
func (r *Room) Play(now clock.Millis, seat, note, velocity uint8, at clock.Millis, duration time.Duration) (wire.NoteEvent, error) {
	if at == 0 {
		at = now
	}
	at = max(now-maxPast, min(now+maxFuture, at))
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(seat) >= Seats || r.seats[seat] == nil || note > 127 || velocity > 127 {
		return wire.NoteEvent{}, ErrNoSeat
	}
	m := r.seats[seat]
	if velocity == 0 {
		if !m.holds(note) {
			return wire.NoteEvent{}, ErrNotHeld
		}
		return m.event(at, note, 0), nil
	}
	r.turnLocked(now)
	if err := r.mayPlayLocked(m, at); err != nil {
		return wire.NoteEvent{}, err
	}
	e := m.event(at, note, velocity)
	if duration > 0 && len(r.ends) < maxEndings {
		r.ends = append(r.ends, ending{at: at.Add(duration), seat: seat, note: note, seq: m.seq})
	}
	return e, nil
}

// mayPlayLocked says why a member's note does not sound now; nil if it does.
func (r *Room) mayPlayLocked(m *seated, at clock.Millis) error {
	switch {
	case m.Muted:
		return ErrMuted
	case r.Quiet && m.Role != RoleTeacher:
		return ErrQuiet
	case m.beats != 0 && !r.onBeatLocked(m, at):
		return ErrNotYourBeat
	}
	return nil
}

// onBeatLocked reports whether a moment, to the nearest eighth, is in one of
// the member's beats. While nothing runs every moment is.
func (t *tempo) onBeatLocked(m *seated, at clock.Millis) bool {
	line := t.timeline.At(at, t.next)
	if !line.Running {
		return true
	}
	eighth := math.Floor(line.BeatAt(at)*2+0.5) / 2
	_, inBar := line.Bar(eighth)
	return m.beats&(1<<inBar) != 0
}

// Held appends every note that sounds in the room.
func (r *Room) Held(held []wire.HeldNote) []wire.HeldNote {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.seats {
		if m == nil {
			continue
		}
		m.notes(func(note uint8) {
			held = append(held, wire.HeldNote{Seat: m.Seat, Seq: m.heldSeq[note], Note: note})
		})
	}
	return held
}

// Advance does what is due: a beat to announce and notes to end. next is when
// to call again, never if nothing is planned.
func (r *Room) Advance(now clock.Millis) (beats []Change, notes []wire.NoteEvent, next clock.Millis) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnLocked(now)
	if b, ok := r.beatLocked(now); ok {
		beats = append(beats, Change{Event: wire.EventBeat, Payload: b})
	}
	notes, next = r.endLocked(now)
	return beats, notes, min(next, r.dueLocked())
}

// endLocked ends the notes whose time has come, and says when the next one
// does.
func (r *Room) endLocked(now clock.Millis) (notes []wire.NoteEvent, next clock.Millis) {
	next = clock.Never()
	kept := r.ends[:0]
	for _, e := range r.ends {
		m := r.seats[e.seat]
		switch {
		case m == nil || !m.holds(e.note) || m.heldSeq[e.note] != e.seq:
			// ended already, or begun anew
		case e.at <= now:
			notes = append(notes, m.event(e.at, e.note, 0))
		default:
			next = min(next, e.at)
			kept = append(kept, e)
		}
	}
	r.ends = kept
	return notes, next
}
