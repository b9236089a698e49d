package keyboards

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"downbeat.local/appliance/generalmidi"
	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// keyboard is an open port and the seat that it plays on. It is the port's
// midi.Listener.
type keyboard struct {
	port      midi.Port
	unplugged func(*keyboard)
	// strike is called when a key is pressed on a keyboard that was at rest. It must
	// not block.
	strike func(k *keyboard, claimed bool)
	isEcho func(midi.Message) bool // see Config

	mu      sync.Mutex // guards what follows
	keys    *midi.Keys
	tuned   tuned
	seat    *musicroom.Keyboard // nil while it plays nowhere
	at      clock.Millis        // when the message under way came
	pressed time.Time           // when a key was last pressed
	melodic bool                // it has played on another channel than that of drums
	as      place               // where and how it is to play
	problem error               // why it has no seat
	closed  bool                // it is unplugged
}

func newKeyboard(p midi.Port, unplugged func(*keyboard), strike func(k *keyboard, claimed bool)) *keyboard {
	k := &keyboard{port: p, unplugged: unplugged, strike: strike}
	k.tuned.sound = k.sound
	k.keys = midi.NewKeys(room.MaxSounding, k.play)
	return k
}

// Message plays what the port sends, and drops echoes. The end of a key that is down
// is no echo: a player may lift their key just after the box has ended that note on
// the device, with the same bytes, and their note must end.
func (k *keyboard) Message(m midi.Message, ago time.Duration) {
	echo := k.isEcho(m)
	at := clock.Now().Add(-ago)
	k.mu.Lock()
	defer k.mu.Unlock()
	if echo && !k.keys.Ends(m) {
		return
	}
	k.at = at
	if m.Kind() == midi.ProgramChange && m.Channel() != midi.DrumChannel {
		k.choose(generalmidi.InstrumentOf(m.Data1))
	}
	k.keys.Message(m)
}

// Holds reports whether a note sounds or the pedal is down.
func (k *keyboard) Holds() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys.Holds()
}

// Unplugged ends the port. Its notes have ended before.
func (k *keyboard) Unplugged() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.sit(nil)
	k.unplugged(k)
}

// play plays a note of the keys in the room. The room refuses it if the keyboard
// is muted, for one: then it is silent, as a muted student is. The caller holds
// mu.
func (k *keyboard) play(n midi.Note) {
	if n.Velocity > 0 {
		now := time.Now()
		if now.Sub(k.pressed) > playingFor {
			k.strike(k, k.as.Claimed)
		}
		k.pressed = now
		k.hitDrum(n.Channel)
	}
	note, ok := k.noteOf(n)
	k.tuned.play(n, note, ok)
}

// noteOf is the note that a key gives now. ok is false for a silent key.
func (k *keyboard) noteOf(n midi.Note) (note uint8, ok bool) {
	if k.seat == nil || n.Channel == midi.DrumChannel || k.as.Tuning == (room.Tuning{}) {
		return n.Key, true
	}
	return k.seat.Tune(k.as.Tuning, n.Key)
}

func (k *keyboard) sound(note, velocity uint8) {
	if k.seat != nil {
		_ = k.seat.Play(note, velocity, k.at)
	}
}

// hitDrum takes the channel of a note. A keyboard that begins on the channel of
// drums is a set of pads.
func (k *keyboard) hitDrum(channel uint8) {
	if channel != midi.DrumChannel {
		k.melodic = true
	} else if !k.melodic {
		k.melodic = true
		k.choose(room.Drums)
	}
}

// choose gives the keyboard an instrument.
func (k *keyboard) choose(instrument string) {
	if k.seat != nil && instrument != "" {
		_ = k.seat.Choose(instrument) // it is one of the room's, or the keyboard has just left
	}
}

// seated is the seat on which the keyboard plays, nil if it has none.
func (k *keyboard) seated() *musicroom.Keyboard {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.seat
}

// apply takes where and how the keyboard is to play.
func (k *keyboard) apply(as place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.as = as
}

// plays reports whether the keyboard plays in a place.
func (k *keyboard) plays(at where) bool {
	seat := k.seated()
	if seat == nil || seat.Room() != at.Room {
		return false
	}
	switch seat.Seat() {
	case room.StudentSeat:
		return seat.StudentID() == at.Student
	case room.StageSeat:
		return at.Student == "" && at.Stage
	}
	return at.Student == "" && !at.Stage
}

// sit moves the keyboard to another seat, or to none, and ends its notes on the
// last. It reports false if the keyboard has been unplugged meanwhile.
func (k *keyboard) sit(to *musicroom.Keyboard) bool {
	k.mu.Lock()
	from, closed := k.seat, k.closed
	if from != nil {
		k.keys.Release()
	}
	if k.seat = to; closed {
		k.seat = nil
	}
	k.mu.Unlock()
	if from != nil {
		from.Unplug()
	}
	if closed && to != nil {
		to.Unplug()
	}
	return !closed
}

// refused notes why the keyboard has no seat; nil if it has one or needs none.
func (k *keyboard) refused(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.problem = err
}

// playingFor is how long a keyboard shows as playing after a key was pressed.
const playingFor = time.Second

// describe fills in what the teacher sees.
func (k *keyboard) describe(shown *room.Keyboard) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seat != nil {
		shown.Room, shown.StudentID, shown.As = k.seat.Room(), k.seat.StudentID(), k.seat.Seat()
		shown.Claimed = k.as.Claimed
	}
	shown.Fit, shown.Octave = cmp.Or(k.as.Fit, room.FitPass), k.as.Octave
	shown.Playing = k.keys.Sounding() > 0 || time.Since(k.pressed) < playingFor
	switch {
	case errors.Is(k.problem, room.ErrFull):
		shown.Problem = "No seat is free in that room."
	case k.problem != nil:
		shown.Problem = "It found no seat in that room, and tries again."
	}
}
