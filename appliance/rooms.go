package appliance

import (
	"context"
	"errors"
	"time"

	"downbeat.local/appliance/names"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/sync/clock"
)

// The methods below make the hall what the pages need: see [web.Rooms]. Each
// answers when what it did is in the store, or after a moment if the store
// cannot be written: the lesson goes on, and the saver goes on trying.

// List returns the rooms, newest first.
func (h *hall) List(context.Context) ([]web.Room, error) {
	rooms := []web.Room{}
	for _, o := range h.list() {
		rooms = append(rooms, o.summary())
	}
	return rooms, nil
}

func (o *openRoom) summary() web.Room {
	state := o.room.State(clock.Now(), "")
	online := 0
	for _, m := range state.Members {
		if m.Online && m.Role != room.RoleTeacher && m.Role != room.RoleStage { // as the stage counts
			online++
		}
	}
	return web.Room{Code: state.Code, Name: state.Name, Online: online, Locked: state.Locked, CreatedAt: o.created}
}

// Create opens a room under the code asked for, or one of the box's choice.
func (h *hall) Create(ctx context.Context, req web.CreateRequest) (web.Room, error) {
	o, err := h.open(req)
	if err != nil {
		return web.Room{}, err
	}
	h.saver.settle(ctx, o.room.Code())
	return o.summary(), nil
}

func (h *hall) open(req web.CreateRequest) (*openRoom, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	code := req.Code
	for code == "" || req.Code == "" && (h.rooms[code] != nil || h.sealed[code]) {
		code = names.NewCode(nil)
	}
	if err := h.spaceLocked(code); err != nil {
		return nil, err
	}
	name := req.Name
	if name == "" {
		name = code
	}
	r, err := room.New(room.Config{Code: code, Name: name, Door: h.door, MaxMembers: h.limits["members"]})
	if err != nil {
		return nil, problem(err)
	}
	return h.addLocked(r, time.Now().UTC()), nil
}

// Close ends a room for everybody in it.
func (h *hall) Close(ctx context.Context, code string) error {
	h.mu.Lock()
	o := h.rooms[code]
	delete(h.rooms, code)
	h.mu.Unlock()
	if o == nil {
		return web.ErrNoRoom
	}
	o.close()
	h.hub.LetGo(o.channel)
	h.saver.settle(ctx, code)
	return nil
}

// Join gives a student a seat, the same one again when Resume fits.
func (h *hall) Join(ctx context.Context, req web.JoinRequest) (web.Seat, error) {
	return h.sit(ctx, req.Code, room.Applicant{Name: req.Name, Role: room.RoleStudent, Resume: req.Resume})
}

// Former is the member whose seat a secret gives back.
func (h *hall) Former(code, resume string) (web.Member, bool) {
	o := h.find(code)
	if o == nil {
		return web.Member{}, false
	}
	m, ok := o.room.Former(resume)
	return member(m), ok
}

// Enter gives a signed-in teacher a seat of her own, or one for the stage.
// She finds the same seat again: there is one teacher's and one stage's.
func (h *hall) Enter(ctx context.Context, code, as string) (web.Seat, error) {
	return h.sit(ctx, code, room.Applicant{Role: as})
}

func (h *hall) sit(ctx context.Context, code string, a room.Applicant) (web.Seat, error) {
	o := h.find(code)
	if o == nil {
		return web.Seat{}, web.ErrNoRoom
	}
	seat, err := o.seat(a)
	if err != nil {
		return web.Seat{}, problem(err)
	}
	h.saver.settle(ctx, code)
	return web.Seat{Code: code, RoomName: o.room.Name(), Member: member(seat.Member), Resume: seat.Resume}, nil
}

// Rename gives a member another name.
func (h *hall) Rename(ctx context.Context, req web.RenameRequest) (web.Member, error) {
	o := h.find(req.Code)
	if o == nil {
		return web.Member{}, web.ErrNoRoom
	}
	err := o.change(func() ([]room.Change, error) {
		if req.Shuffle {
			return o.room.Shuffle(req.StudentID)
		}
		return o.room.Rename(req.StudentID, req.Name)
	})
	if err != nil {
		return web.Member{}, problem(err)
	}
	who, ok := o.room.Member(req.StudentID)
	if !ok {
		return web.Member{}, web.ErrNoMember
	}
	h.saver.settle(ctx, req.Code)
	return member(who), nil
}

// Leave gives up a member's seat, and tells his tabs that they have none.
func (h *hall) Leave(ctx context.Context, code, studentID string) error {
	o := h.find(code)
	if o == nil {
		return web.ErrNoRoom
	}
	err := o.change(func() ([]room.Change, error) { return o.room.Resign(clock.Now(), studentID) })
	if err != nil {
		return problem(err)
	}
	o.remove(studentID, "You have left this room")
	h.saver.settle(ctx, code)
	return nil
}

func member(m room.Member) web.Member {
	return web.Member{StudentID: m.ID, Seat: int(m.Seat), Name: m.Name, Role: m.Role}
}

// problem is a room's error as the pages know it.
func problem(err error) error {
	for _, pair := range [][2]error{
		{room.ErrFull, web.ErrFull},
		{room.ErrLocked, web.ErrLocked},
		{room.ErrRemoved, web.ErrRemoved},
		{names.ErrName, web.ErrBadName},
		{room.ErrCode, web.ErrBadCode},
		{room.ErrNoMember, web.ErrNoMember},
	} {
		if errors.Is(err, pair[0]) {
			return pair[1]
		}
	}
	return err
}
