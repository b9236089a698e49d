package keyboards

import (
	"context"

	"downbeat.local/appliance/portmemory"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
)

// place is where a keyboard plays and how, as the store keeps it.
type place struct {
	where
	room.Tuning // it keeps this wherever it plays
}

// where is where a keyboard plays.
type where struct {
	Room string `json:"room"` // empty: nowhere, because the teacher said so
	// Student is the id of the student that it plays as. It is empty for a keyboard
	// with a seat of its own.
	Student string `json:"student,omitempty"`
	// Claimed says that the student has found it, and not got it from the teacher.
	Claimed bool `json:"claimed,omitempty"`
	// Stage says that it sounds on the stage alone.
	Stage bool `json:"stage,omitempty"`
	// Resume is the secret of its own seat; empty before it had one.
	Resume string `json:"resume"`
	// Unplaced says that neither the teacher nor the box has chosen a room yet.
	Unplaced bool `json:"unplaced,omitempty"`
}

// memory is where the keyboards played that were ever plugged in.
type memory struct {
	*portmemory.Memory[place]
	plugged func(id string) bool // whether a keyboard is plugged in
}

// of is what is remembered of a keyboard, also if it was never plugged in before.
func (m memory) of(p midi.Port) place {
	was, known := m.Find(p, m.plugged)
	if !known {
		was.Unplaced = true
	}
	return was
}

// set remembers where a keyboard plays. The secret of its seat tells a keyboard that
// has moved from its twin. A student may have both twins: then those that are
// plugged in have not moved.
func (m memory) set(ctx context.Context, p midi.Port, at place) {
	m.Set(ctx, p, at, func(id string, was place) bool { return was.sameSeat(at.where) && !m.plugged(id) })
}

// sameSeat reports whether two keyboards would play on one seat.
func (w where) sameSeat(other where) bool {
	return w.Resume != "" && w.Resume == other.Resume || w.Student != "" && w.Student == other.Student
}
