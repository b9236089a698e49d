package room

import (
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// voices is what sounds in a room, by seat, and the numbers of each seat's
// events. Room.mu guards it.
type voices struct {
	seats [Seats]*voice // nil until a member first has the seat
	seq   [Seats]uint16 // number of the last event; the next holder goes on from it
}

// voice is what one seat sounds, in the order in which it began. Its size is
// fixed: playing allocates nothing.
type voice struct {
	sounds [MaxSounding]sound
	n      int
}

// sound is a note that sounds.
type sound struct {
	at    clock.Millis // when it began
	until clock.Millis // when it ends by itself; never, if a key holds it
	seq   uint16       // of the event that started it
	note  uint8
	// except is where it is not heard: its end reaches those who heard it begin.
	except wire.Places
}

// MaxSounding is how many notes one member may hold at once: ten fingers, a
// pedal and some more. The room refuses a note beyond that; it never queues
// one.
const MaxSounding = 32

// open prepares a seat for its member.
func (v *voices) open(seat uint8) {
	if v.seats[seat] == nil {
		v.seats[seat] = new(voice)
	}
}

// begin starts a note in an open seat. except is where it is not heard. The error is
// ErrTooMany.
func (v *voices) begin(seat, note, velocity uint8, at, until clock.Millis, except wire.Places) (wire.NoteEvent, error) {
	if !v.seats[seat].add(sound{at: at, until: until, seq: v.seq[seat] + 1, note: note, except: except}) {
		return wire.NoteEvent{}, ErrTooMany
	}
	return v.event(seat, at, note, velocity, except), nil
}

// end ends a note in an open seat, never before it began. The note need not sound:
// then except is where its end is not heard.
func (v *voices) end(seat, note uint8, at clock.Millis, except wire.Places) wire.NoteEvent {
	if i := v.seats[seat].find(note); i >= 0 {
		s := v.seats[seat].cut(i)
		at, except = max(at, s.at), s.except
	}
	return v.event(seat, at, note, 0, except)
}

// deafen ends at a place, without an event, what is heard there: the listener there
// hears other notes from now on.
func (v *voices) deafen(at wire.Place) {
	for _, voice := range v.seats {
		if voice == nil {
			continue
		}
		for i := range voice.sounds[:voice.n] {
			voice.sounds[i].except = voice.sounds[i].except.With(at)
		}
	}
}

// silence ends everything that a seat sounds and appends the endings.
func (v *voices) silence(ended []wire.NoteEvent, seat uint8, now clock.Millis) []wire.NoteEvent {
	for voice := v.seats[seat]; voice.n > 0; {
		s := voice.cut(0)
		ended = append(ended, v.event(seat, max(now, s.at), s.note, 0, s.except))
	}
	return ended
}

// endDue ends the notes whose duration is over. next is when another one's is.
func (v *voices) endDue(now clock.Millis) (ended []wire.NoteEvent, next clock.Millis) {
	next = clock.Never()
	for seat, voice := range v.seats {
		if voice == nil {
			continue
		}
		for i := 0; i < voice.n; {
			if until := voice.sounds[i].until; until > now {
				next = min(next, until)
				i++
				continue
			}
			s := voice.cut(i)
			ended = append(ended, v.event(uint8(seat), s.until, s.note, 0, s.except))
		}
	}
	return ended, next
}

// held appends every note that sounds, by seat.
func (v *voices) held(all []wire.HeldNote) []wire.HeldNote {
	for seat, voice := range v.seats {
		if voice == nil {
			continue
		}
		for _, s := range voice.sounds[:voice.n] {
			all = append(all, wire.HeldNote{Seat: uint8(seat), Seq: s.seq, Note: s.note, Except: s.except})
		}
	}
	return all
}

// sounds reports whether a seat sounds a note.
func (v *voices) sounds(seat, note uint8) bool {
	return int(seat) < Seats && v.seats[seat] != nil && v.seats[seat].find(note) >= 0
}

// event numbers an event of a seat.
func (v *voices) event(seat uint8, at clock.Millis, note, velocity uint8, except wire.Places) wire.NoteEvent {
	v.seq[seat]++
	return wire.NoteEvent{Seat: seat, Seq: v.seq[seat], At: float64(at), Note: note, Velocity: velocity, Except: except}
}

// find returns the index of a note, -1 if it does not sound.
func (v *voice) find(note uint8) int {
	for i := range v.n {
		if v.sounds[i].note == note {
			return i
		}
	}
	return -1
}

// cut takes out the sound at an index.
func (v *voice) cut(i int) sound {
	s := v.sounds[i]
	copy(v.sounds[i:v.n], v.sounds[i+1:v.n])
	v.n--
	return s
}

// add starts a note. If the same note sounds already, the new one replaces it.
// It reports false if too many sound.
func (v *voice) add(s sound) bool {
	if i := v.find(s.note); i >= 0 {
		v.cut(i)
	}
	if v.n == MaxSounding {
		return false
	}
	v.sounds[v.n] = s
	v.n++
	return true
}

// endOf is when a note that begins at a moment ends by itself.
func endOf(at clock.Millis, duration time.Duration) clock.Millis {
	if duration <= 0 {
		return clock.Never()
	}
	return at.Add(duration)
}
