package musicroom

import (
	"context"
	"errors"

	"downbeat.local/appliance/room"
)

// Kept notes that the box has kept a member's answer to the question of their
// room. The room says how many there are.
func (rs *Rooms) Kept(code, studentID string) {
	if r := rs.find(code); r != nil {
		_ = r.change(func() ([]room.Change, error) { return r.rules.Kept(studentID), nil })
	}
}

// Ready notes that a member has answered or skipped a check-in of their room. The
// room says how many have.
func (rs *Rooms) Ready(code, studentID, checkIn string) {
	if r := rs.find(code); r != nil {
		_ = r.change(func() ([]room.Change, error) { return r.rules.Ready(studentID, checkIn), nil })
	}
}

// CheckIns returns the id of the check-in that runs in a room, empty without one, and
// those of the last two that ended, oldest first. A closed room has none.
func (rs *Rooms) CheckIns(code string) (running string, over []string) {
	if r := rs.find(code); r != nil {
		return r.rules.CheckIns()
	}
	return "", nil
}

// Session returns the id of the session that a room is in.
func (rs *Rooms) Session(code string) (string, error) {
	r := rs.find(code)
	if r == nil {
		return "", room.ErrNoRoom
	}
	return r.rules.Session().ID, nil
}

// Missing lists the students who are in a room and have no answer kept.
func (rs *Rooms) Missing(_ context.Context, code string) ([]room.Member, error) {
	r := rs.find(code)
	if r == nil {
		return nil, room.ErrNoRoom
	}
	return r.rules.Missing(), nil
}

// Forget gives up the seats of a member in every room. Their tokens send no more
// words, also after a restart if a room that they sat in is open.
func (rs *Rooms) Forget(ctx context.Context, studentID string) error {
	rs.register.mu.Lock()
	rs.forgotten[studentID] = true
	rs.register.mu.Unlock()
	for _, code := range rs.Codes() {
		if r := rs.find(code); r != nil && r.rules.Expel(studentID) {
			rs.saver.poke(code)
			rs.saver.settle(ctx, code)
		}
		if err := rs.Leave(ctx, code, studentID); err != nil && !errors.Is(err, room.ErrNoMember) && !errors.Is(err, room.ErrNoRoom) {
			return err
		}
	}
	return nil
}
