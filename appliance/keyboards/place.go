package keyboards

import (
	"context"
	"errors"
	"slices"

	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
)

// moveLocked gives a keyboard the seat that it should have. The error says why it
// has none.
func (ks *Keyboards) moveLocked(ctx context.Context, k *keyboard) error {
	ks.noticeGone(ctx, k)
	want := ks.placeOf(k.port)
	k.apply(want)
	if k.plays(want.where) {
		return nil
	}
	k.sit(nil)
	if want.Room == "" {
		k.refused(nil)
		return nil
	}
	seat, err := ks.seatIn(ctx, k.port, want.where)
	switch {
	case errors.Is(err, room.ErrRemoved): // while it was unplugged
		return ks.sendLocked(ctx, k, where{})
	case errors.Is(err, room.ErrNoStudent): // they have left
		return ks.sendLocked(ctx, k, where{Room: want.Room})
	}
	k.refused(err)
	if err != nil {
		ks.log.Warn("a MIDI keyboard has no seat, trying again", "port", k.port.Name, "room", want.Room, "err", err)
		return err
	}
	if k.sit(seat) {
		want.Resume, want.Unplaced = seat.Resume(), false
		ks.memory.set(ctx, k.port, want)
	}
	return nil
}

func (ks *Keyboards) seatIn(ctx context.Context, p midi.Port, w where) (*musicroom.Keyboard, error) {
	if w.Student != "" {
		return ks.rooms.PlugAs(w.Room, p.Name, w.Student)
	}
	return ks.rooms.Plug(ctx, w.Room, p.Name, w.Resume, w.Stage)
}

// noticeGone takes a keyboard off a seat that it has lost. If the teacher has
// removed it, or the student that it played as, it is to play nowhere until they
// send it somewhere. If the student has left, it gets a seat of its own.
func (ks *Keyboards) noticeGone(ctx context.Context, k *keyboard) {
	seat := k.seated()
	if seat == nil || !seat.Gone() {
		return
	}
	at := ks.memory.of(k.port)
	switch {
	case seat.Expelled():
		ks.memory.set(ctx, k.port, place{Tuning: at.Tuning})
	case seat.Seat() == room.StudentSeat && slices.Contains(ks.rooms.Codes(), seat.Room()):
		ks.memory.set(ctx, k.port, place{where: where{Room: seat.Room()}, Tuning: at.Tuning})
	}
	k.sit(nil)
}

// placeOf is where a keyboard should play: where it played before or the teacher
// sent it, else in the only room. An empty room means nowhere.
func (ks *Keyboards) placeOf(p midi.Port) place {
	open := ks.rooms.Codes()
	before := ks.memory.of(p)
	switch {
	case !before.Unplaced && (before.Room == "" || slices.Contains(open, before.Room)):
		return before
	case len(open) == 1:
		return place{where: where{Room: open[0]}, Tuning: before.Tuning}
	}
	return place{where: where{Unplaced: true}, Tuning: before.Tuning}
}

// Assign sends a keyboard to a place. It gives up the seat of its own that it
// leaves. The errors are room.ErrNoKeyboard, room.ErrNoRoom, room.ErrNoStudent and
// room.ErrFull.
func (ks *Keyboards) Assign(ctx context.Context, id string, to room.KeyboardPlace) error {
	ks.moving.Lock()
	defer ks.moving.Unlock()
	k := ks.find(id)
	switch {
	case k == nil && !ks.isLeftAlone(id):
		return room.ErrNoKeyboard
	case to.Room != "" && !slices.Contains(ks.rooms.Codes(), to.Room):
		return room.ErrNoRoom
	case to.StudentID != "" && !ks.rooms.HasStudent(to.Room, to.StudentID):
		return room.ErrNoStudent
	}
	at := where{Room: to.Room, Student: to.StudentID, Stage: to.Stage && to.StudentID == ""}
	if k == nil {
		ks.want(ctx, id, at)
		return nil
	}
	err := ks.sendLocked(ctx, k, at)
	ks.ports.Look() // it may be one to be left alone now
	return err
}

// Tune changes which notes the keys of a keyboard give. What is nil stays as it is.
// Notes that sound end as they began. The errors are room.ErrNoKeyboard and
// room.ErrTuning.
func (ks *Keyboards) Tune(ctx context.Context, id string, fit *room.Fit, octave *int) error {
	ks.moving.Lock()
	defer ks.moving.Unlock()
	k := ks.find(id)
	if k == nil {
		return room.ErrNoKeyboard
	}
	at := ks.memory.of(k.port)
	if fit != nil {
		at.Fit = *fit
	}
	if octave != nil {
		at.Octave = *octave
	}
	if err := at.Check(); err != nil {
		return err
	}
	ks.memory.set(ctx, k.port, at)
	k.apply(at)
	return nil
}

// sendLocked sends a keyboard to a place and remembers that. If it finds no seat
// there, settle tries again.
func (ks *Keyboards) sendLocked(ctx context.Context, k *keyboard, to where) error {
	ks.noticeGone(ctx, k)
	at := ks.memory.of(k.port)
	if k.plays(to) {
		at.Claimed = to.Claimed
	} else {
		to.Resume = ks.leave(ctx, k, to)
		at.where = to
	}
	ks.memory.set(ctx, k.port, at)
	err := ks.moveLocked(ctx, k)
	if err != nil {
		poke(ks.wake)
	}
	return err
}

// leave takes a keyboard off its seat. It gives up a seat of its own, unless it
// stays in its room: then leave returns the secret of the seat.
func (ks *Keyboards) leave(ctx context.Context, k *keyboard, to where) (resume string) {
	seat := k.seated()
	if seat == nil {
		return ""
	}
	if seat.Seat() != room.StudentSeat {
		if seat.Room() == to.Room && to.Student == "" {
			resume = seat.Resume()
		} else if err := ks.rooms.Leave(ctx, seat.Room(), seat.StudentID()); err != nil {
			ks.log.Debug("a MIDI keyboard had left already", "port", k.port.Name, "err", err)
		}
	}
	k.sit(nil)
	return resume
}
