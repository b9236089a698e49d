package room

import (
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// maxSounding is how many notes one member may hold at once: ten fingers, a
// pedal, and then some. A note beyond is refused, never queued.
const maxSounding = 32

// sound is a note that sounds.
type sound struct {
	at    clock.Millis // when it began
	until clock.Millis // when it ends by itself; never, if a key holds it
	seq   uint16       // of the event that started it
	note  uint8
}

// voice is what one member sounds, in the order in which it began. Its size is
// fixed: playing allocates nothing.
type voice struct {
	sounds [maxSounding]sound
	n      int
}

// find is the place of a note, -1 if it does not sound.
func (v *voice) find(note uint8) int {
	for i := range v.n {
		if v.sounds[i].note == note {
			return i
		}
	}
	return -1
}

// cut takes out the sound at a place.
func (v *voice) cut(i int) sound {
	s := v.sounds[i]
	copy(v.sounds[i:v.n], v.sounds[i+1:v.n])
	v.n--
	return s
}

// begin adds a note, in place of the same note if that sounds. It reports
// false if too much sounds already.
func (v *voice) begin(s sound) bool {
	if i := v.find(s.note); i >= 0 {
		v.cut(i)
	}
	if v.n == maxSounding {
		return false
	}
	v.sounds[v.n] = s
	v.n++
	return true
}

// eventLocked numbers an event of a seat.
func (p *people) eventLocked(seat uint8, at clock.Millis, note, velocity uint8) wire.NoteEvent {
	p.seq[seat]++
	return wire.NoteEvent{Seat: seat, Seq: p.seq[seat], At: float64(at), Note: note, Velocity: velocity}
}

// silenceLocked ends everything that a member sounds and appends the endings.
func (r *Room) silenceLocked(ended []wire.NoteEvent, m *seated, now clock.Millis) []wire.NoteEvent {
	for m.n > 0 {
		s := m.cut(0)
		ended = append(ended, r.eventLocked(m.Seat, max(now, s.at), s.note, 0))
	}
	return ended
}

// endDueLocked ends the notes whose duration is over, and says when the next
// one's is.
func (r *Room) endDueLocked(now clock.Millis) (ended []wire.NoteEvent, next clock.Millis) {
	next = clock.Never()
	for _, m := range r.seats {
		if m == nil {
			continue
		}
		for i := 0; i < m.n; {
			if until := m.sounds[i].until; until > now {
				next = min(next, until)
				i++
				continue
			}
			s := m.cut(i)
			ended = append(ended, r.eventLocked(m.Seat, s.until, s.note, 0))
		}
	}
	return ended, next
}

// Held appends every note that sounds in the room, by seat.
func (r *Room) Held(held []wire.HeldNote) []wire.HeldNote {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.seats {
		if m == nil {
			continue
		}
		for _, s := range m.sounds[:m.n] {
			held = append(held, wire.HeldNote{Seat: m.Seat, Seq: s.seq, Note: s.note})
		}
	}
	return held
}

// Sounds reports whether the member in a seat sounds a note. Ending such a
// note is never too much to ask: whoever limits players lets it pass, or the
// note would stick.
func (r *Room) Sounds(seat, note uint8) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int(seat) < Seats && r.seats[seat] != nil && r.seats[seat].find(note) >= 0
}

// lasting is when a note that begins at a moment ends by itself.
func lasting(at clock.Millis, duration time.Duration) clock.Millis {
	if duration <= 0 {
		return clock.Never()
	}
	return at.Add(duration)
}
