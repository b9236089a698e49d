package musicroom

import (
	"context"
	"slices"
	"sync/atomic"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Keyboard is a MIDI keyboard that is plugged into the box, in a room. It has a
// seat of its own, or it plays as a student. The teacher rules it by that seat:
// they mute it, give it beats and an instrument. It has no client, so nothing is
// sent to it.
type Keyboard struct {
	*Client
	port  string // its name
	seat  room.Seat
	rooms *Rooms

	gone     chan struct{} // closed when it has lost its seat
	expelled atomic.Bool   // the teacher removed the student that it played as
}

// Plug makes a keyboard a member of a room. port is its name. resume is the secret
// of the seat that it had there before, and empty for a new seat. With onStage it
// sounds on the stage alone. It plays until [Keyboard.Unplug], or until it loses
// its seat: see [Rooms.Watch]. The errors are room.ErrNoRoom, room.ErrFull and
// room.ErrRemoved.
func (rs *Rooms) Plug(ctx context.Context, code, port, resume string, onStage bool) (*Keyboard, error) {
	seat, _, err := rs.TakeSeat(ctx, code, room.Applicant{Role: room.RoleStudent, Resume: resume, MIDI: port, OnStage: onStage})
	if err != nil {
		return nil, err
	}
	r := rs.find(code)
	if r == nil {
		return nil, room.ErrNoRoom // it has closed meanwhile
	}
	k := &Keyboard{port: port, seat: seat, rooms: rs, gone: make(chan struct{})}
	_, err = rs.hub.Enter(topicOf(code), func(m *realtime.Member) realtime.Participant {
		k.Client = newClient(r, m, seat.Member, false, false)
		return k
	})
	if err != nil {
		return nil, err
	}
	return k, nil
}

// PlugAs makes a keyboard play as a student of a room. It plays whether or not the
// student's page is open. The errors are room.ErrNoRoom and room.ErrNoStudent.
func (rs *Rooms) PlugAs(code, port, studentID string) (*Keyboard, error) {
	r := rs.find(code)
	if r == nil {
		return nil, room.ErrNoRoom
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isClosed() {
		return nil, room.ErrNoRoom
	}
	if err := r.changeLocked(func() ([]room.Change, error) { return r.rules.Attach(studentID, port) }); err != nil {
		return nil, err
	}
	who, _ := r.rules.Member(studentID)
	k := &Keyboard{
		Client: newClient(r, nil, who, false, false), port: port, seat: room.Seat{Member: who},
		rooms: rs, gone: make(chan struct{}),
	}
	r.keyboards[studentID] = append(r.keyboards[studentID], k)
	return k, nil
}

// Room is the code of the room.
func (k *Keyboard) Room() string { return k.room.rules.Code() }

// StudentID is the id of the member.
func (k *Keyboard) StudentID() string { return k.id }

// Seat says whose seat the keyboard plays on.
func (k *Keyboard) Seat() room.KeyboardSeat {
	switch {
	case k.member == nil:
		return room.StudentSeat
	case k.seat.OnStage:
		return room.StageSeat
	}
	return room.OwnSeat
}

// Resume is the secret that gives the same seat again. It is empty for a student's
// seat.
func (k *Keyboard) Resume() string { return k.seat.Resume }

// Gone reports whether the keyboard has lost its seat: the teacher has removed it,
// the student has left, or the room is closed.
func (k *Keyboard) Gone() bool {
	select {
	case <-k.gone:
		return true
	default:
		return false
	}
}

// Expelled reports whether the teacher removed the member whose seat the keyboard
// has lost.
func (k *Keyboard) Expelled() bool {
	return k.Gone() && !k.room.isClosed() && (k.member != nil || k.expelled.Load())
}

// Play begins a note or, with velocity 0, ends it. at is when the key moved. The
// error says why it does not sound; the room goes on.
func (k *Keyboard) Play(note, velocity uint8, at clock.Millis) error {
	n := wire.NoteEvent{Note: note, Velocity: velocity, At: float64(at), Keyboard: true}
	return k.play(press{NoteEvent: n}, k.room.now())
}

// Tune is the note that a key gives in the scale of the room, with a tuning. ok is
// false for a silent key. Drums are not tuned.
func (k *Keyboard) Tune(tuning room.Tuning, key uint8) (note uint8, ok bool) {
	scale, drums := k.room.rules.ScaleFor(k.id)
	if drums {
		return key, true
	}
	return tuning.Note(scale, key)
}

// Choose gives the keyboard an instrument, as a student does for themself.
func (k *Keyboard) Choose(instrument string) error {
	payload := encode(map[string]string{"student_id": k.id, "instrument": instrument})
	return k.control(realtime.Broadcast{Event: room.AssignInstrument, Payload: payload})
}

// Unplug ends the keyboard's notes and takes it out of the room. It keeps its
// seat, as a student does when their connection is lost.
func (k *Keyboard) Unplug() {
	if k.member != nil {
		k.member.Exit()
		return
	}
	r := k.room
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.keyboards[k.id], k)
	if i < 0 {
		return // it has lost the seat
	}
	r.release(k.Client)
	if r.keyboards[k.id] = slices.Delete(r.keyboards[k.id], i, i+1); len(r.keyboards[k.id]) == 0 {
		delete(r.keyboards, k.id)
	}
	_ = r.changeLocked(func() ([]room.Change, error) { return r.rules.Detach(r.now(), k.id, k.port), nil })
}

// Left is called when the keyboard is no member of the room any more.
func (k *Keyboard) Left() {
	k.Client.Left()
	k.unseat()
}

func (k *Keyboard) unseat() {
	close(k.gone)
	k.rooms.noteChange()
}

// unseatKeyboardsLocked takes the keyboards that play as a member off their seat:
// it is free.
func (r *Room) unseatKeyboardsLocked(id string, expelled bool) {
	for _, k := range r.keyboards[id] {
		k.expelled.Store(expelled)
		k.unseat()
	}
	delete(r.keyboards, id)
}

// unseatAllKeyboards takes those of all students off their seats: the room is
// closed.
func (r *Room) unseatAllKeyboards() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.keyboards {
		r.unseatKeyboardsLocked(id, false)
	}
}
