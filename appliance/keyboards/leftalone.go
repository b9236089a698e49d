package keyboards

import (
	"context"

	"downbeat.local/midi"
)

// A port that is meant for a program is left alone until the teacher sends it to a
// room. Then it is a keyboard like others, until they send it nowhere.

// wanted reports whether the teacher has sent a port that is meant for a program to
// a room.
func (ks *Keyboards) wanted(p midi.Port) bool {
	ks.moving.Lock()
	defer ks.moving.Unlock()
	return ks.memory.of(p).Room != ""
}

// leftAlone is the port with an ID that is left alone.
func (ks *Keyboards) leftAlone(id string) (p midi.Port, ok bool) {
	for _, status := range ks.ports.List() {
		if status.ID() == id && status.LeftAlone {
			return status.Port, true
		}
	}
	return midi.Port{}, false
}

func (ks *Keyboards) isLeftAlone(id string) bool {
	_, ok := ks.leftAlone(id)
	return ok
}

// want sends a port that is left alone to a place, where it plays as soon as it is
// open. The caller holds moving.
func (ks *Keyboards) want(ctx context.Context, id string, to where) {
	p, ok := ks.leftAlone(id)
	if !ok {
		return // it was unplugged just now
	}
	at := ks.memory.of(p)
	at.where = to
	ks.memory.set(ctx, p, at)
	ks.ports.Look()
}
