package musicroom

import (
	"context"
	"slices"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
	"downbeat.local/sync/clock"
)

// The methods below are what the pages ask of the rooms. Each returns when its
// change is in the store, or after saveWithin. If the store cannot be written,
// the lesson goes on and the saver retries.

// List returns the rooms, newest first.
func (rs *Rooms) List(context.Context) ([]room.Summary, error) {
	var rooms []room.Summary
	for _, r := range rs.list() {
		rooms = append(rooms, r.summary())
	}
	return rooms, nil
}

func (r *Room) summary() room.Summary {
	state := r.rules.State(clock.Now(), "")
	online := 0
	for _, m := range state.Members {
		if m.Online && m.Role != room.RoleTeacher && m.Role != room.RoleStage { // as the stage counts
			online++
		}
	}
	return room.Summary{Code: state.Code, Name: state.Name, Online: online, Locked: state.Locked, CreatedAt: r.created}
}

// Create opens a room under a code. Without one the box chooses it.
func (rs *Rooms) Create(ctx context.Context, code, name string) (s room.Summary, kept bool, err error) {
	r, err := rs.open(code, name)
	if err != nil {
		return room.Summary{}, false, err
	}
	rs.saver.poke(r.rules.Code())
	kept = rs.saver.settle(ctx, r.rules.Code())
	return r.summary(), kept, nil
}

func (rs *Rooms) open(code, name string) (*Room, error) {
	rs.register.mu.Lock()
	defer rs.register.mu.Unlock()
	if code == "" {
		code = rs.newCodeLocked()
	}
	if err := rs.checkNewLocked(code); err != nil {
		return nil, err
	}
	if name == "" {
		name = code
	}
	r, err := room.New(room.Config{Code: code, Name: name, Door: rs.cfg.Door, MaxMembers: rs.limits["members"]})
	if err != nil {
		return nil, err
	}
	return rs.addLocked(r, time.Now().UTC()), nil
}

// Close ends a room for everyone in it. kept is false if the store could not
// forget the room: it may be open again after the next start.
func (rs *Rooms) Close(ctx context.Context, code string) (kept bool, err error) {
	r := rs.take(code)
	if r == nil {
		return false, room.ErrNoRoom
	}
	r.close()
	rs.hub.Unpin(r.channel)
	rs.noteChange()
	rs.saver.poke(code)
	return rs.saver.settle(ctx, code), nil
}

// TakeSeat gives an applicant a seat in a room, and says what the room is called.
func (rs *Rooms) TakeSeat(ctx context.Context, code string, a room.Applicant) (seat room.Seat, roomName string, err error) {
	r := rs.find(code)
	if r == nil {
		return room.Seat{}, "", room.ErrNoRoom
	}
	if seat, err = r.seat(a); err != nil {
		return room.Seat{}, "", err
	}
	r.coming(seat.ID)
	rs.saver.settle(ctx, code)
	return seat, r.rules.Name(), nil
}

// Students lists the students of all rooms, newest room first.
func (rs *Rooms) Students() []room.Student {
	var all []room.Student
	for _, r := range rs.list() {
		all = append(all, r.rules.Students()...)
	}
	return all
}

// Absent reports whether a member is gone, or has been away for so long that
// another may take their seat.
func (rs *Rooms) Absent(code, studentID string) bool {
	r := rs.find(code)
	return r == nil || r.rules.Absent(clock.Now(), studentID)
}

// Member finds a member of a room.
func (rs *Rooms) Member(code, studentID string) (room.Member, bool) {
	r := rs.find(code)
	if r == nil {
		return room.Member{}, false
	}
	return r.rules.Member(studentID)
}

// HasStudent reports whether a keyboard on the box may play as a member of a room.
func (rs *Rooms) HasStudent(code, studentID string) bool {
	r := rs.find(code)
	return r != nil && slices.ContainsFunc(r.rules.Students(), func(s room.Student) bool { return s.StudentID == studentID })
}

// Returning finds the member whose seat a secret gives back.
func (rs *Rooms) Returning(code, resume string) (room.Member, bool) {
	r := rs.find(code)
	if r == nil {
		return room.Member{}, false
	}
	return r.rules.Returning(resume)
}

// At lists the students of all rooms who joined from a device at an address, and the
// one with an id.
func (rs *Rooms) At(address, device, id string) []room.Student {
	students := []room.Student{} // a page reads a list, also an empty one
	for _, r := range rs.list() {
		students = append(students, r.rules.At(address, device, id)...)
	}
	return students
}

// Seated reports whether the bearer of a token for a room has a seat there now.
// Tokens for no room, and those of staff, need none.
func (rs *Rooms) Seated(c auth.Claims) bool {
	if c.App.Room == "" || c.Staff() {
		return true
	}
	r := rs.find(c.App.Room)
	if r == nil {
		return false
	}
	_, seated := r.rules.Member(c.Subject)
	return seated
}

// Expelled reports whether the teacher has removed the bearer of a token from a
// room that is still open, or the school has forgotten them.
func (rs *Rooms) Expelled(c auth.Claims) bool {
	rs.register.mu.Lock()
	forgotten := rs.forgotten[c.Subject]
	rs.register.mu.Unlock()
	r := rs.find(c.App.Room)
	return forgotten || r != nil && r.rules.Expelled(c.Subject)
}

// Rename gives a member the name asked for.
func (rs *Rooms) Rename(ctx context.Context, code, studentID, name string) (room.Member, error) {
	return rs.rename(ctx, code, studentID, func(r *room.Room) ([]room.Change, error) { return r.Rename(studentID, name) })
}

// Shuffle gives a member another generated name.
func (rs *Rooms) Shuffle(ctx context.Context, code, studentID string) (room.Member, error) {
	return rs.rename(ctx, code, studentID, func(r *room.Room) ([]room.Change, error) { return r.Shuffle(studentID) })
}

func (rs *Rooms) rename(ctx context.Context, code, studentID string, change func(*room.Room) ([]room.Change, error)) (room.Member, error) {
	r := rs.find(code)
	if r == nil {
		return room.Member{}, room.ErrNoRoom
	}
	if err := r.change(func() ([]room.Change, error) { return change(r.rules) }); err != nil {
		return room.Member{}, err
	}
	m, ok := r.rules.Member(studentID)
	if !ok {
		return room.Member{}, room.ErrNoMember
	}
	rs.saver.settle(ctx, code)
	return m, nil
}

// Leave gives up a member's seat, and closes the channels of all their tabs.
func (rs *Rooms) Leave(ctx context.Context, code, studentID string) error {
	r := rs.find(code)
	if r == nil {
		return room.ErrNoRoom
	}
	if err := r.change(func() ([]room.Change, error) { return r.rules.Leave(clock.Now(), studentID) }); err != nil {
		return err
	}
	r.expel(studentID, "You have left this room")
	rs.saver.settle(ctx, code)
	return nil
}
