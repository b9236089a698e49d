package web

import (
	"context"
	"fmt"
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/room"
	"downbeat.local/sync/clock"
)

func (s *Site) listRooms(w http.ResponseWriter, r *http.Request) error {
	rooms, err := s.cfg.Rooms.List(r.Context())
	if err != nil {
		return err
	}
	if rooms == nil {
		rooms = []room.Summary{}
	}
	writeJSON(w, http.StatusOK, rooms)
	return nil
}

func (s *Site) createRoom(w http.ResponseWriter, r *http.Request) error {
	var req CreateRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if req.Code != "" {
		code, ok := names.TidyCode(req.Code)
		if !ok {
			return room.ErrCode
		}
		req.Code = code
	}
	made, kept, err := s.cfg.Rooms.Create(r.Context(), req.Code, req.Name)
	if err != nil {
		return err
	}
	writeJSON(w, statusOf(kept, http.StatusCreated), made)
	return nil
}

// statusOf is the status of a change that was made. A store that did not take it
// makes it 202: the box goes on trying.
func statusOf(kept bool, status int) int {
	if kept {
		return status
	}
	return http.StatusAccepted
}

func (s *Site) closeRoom(w http.ResponseWriter, r *http.Request) error {
	code, _ := names.TidyCode(r.PathValue("code")) // a slip closes no room
	kept, err := s.cfg.Rooms.Close(r.Context(), code)
	if err != nil {
		return err
	}
	if s.cfg.Classes != nil {
		if err := s.cfg.Classes.Vacate(r.Context(), code); err != nil {
			s.log.Warn("a closed room is still that of a class", "err", err)
		}
	}
	w.WriteHeader(statusOf(kept, http.StatusNoContent))
	return nil
}

func (s *Site) enterRoom(w http.ResponseWriter, r *http.Request) error {
	var req struct{ As string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if req.As != room.RoleTeacher && req.As != room.RoleStage {
		return fmt.Errorf("%w: as must be teacher or stage", errBody)
	}
	code, _ := names.ParseCode(r.PathValue("code"))
	seat, name, err := s.cfg.Rooms.TakeSeat(r.Context(), code, room.Applicant{Role: req.As})
	if err != nil {
		return err
	}
	reply, err := s.seated(seat, RoomName{Code: code, Name: name}, "")
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

// join gives a student a seat. Codes that no room has are slowed by address, after
// the few that each browser has (see [devices]). A
// right code does not make up for wrong ones, or a guesser could go on with
// the help of a room that they know. A slip that means one room costs nothing,
// because it helps no guesser (see [names.FindCode]).
func (s *Site) join(w http.ResponseWriter, r *http.Request) error {
	var req JoinRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	reply, err := s.takeSeat(r, req)
	if err != nil {
		s.cfg.Visitors.Refuse(clock.Now(), lobby.Report{ID: req.Visitor, Address: r.RemoteAddr}, problemOf(err).code, req.Code)
		return err
	}
	s.cfg.Visitors.Seat(clock.Now(), req.Visitor)
	writeJSON(w, http.StatusOK, reply)
	return nil
}

func (s *Site) takeSeat(r *http.Request, req JoinRequest) (reply SeatReply, err error) {
	typed := req.Code
	code, open := s.cfg.Rooms.FindCode(typed)
	if !req.Exact {
		req.Code = code
	}
	if err := s.passJoin(r, req, typed, open && req.Code == code); err != nil {
		return reply, err
	}
	device, _ := s.devices.of(r)
	if err := s.spendSeat(r.RemoteAddr, device, req); err != nil {
		return reply, err
	}
	seat, name, err := s.cfg.Rooms.TakeSeat(r.Context(), req.Code, room.Applicant{
		Role: room.RoleStudent, Name: req.Name, Resume: req.Resume, Address: cost.PayerAt(r.RemoteAddr, "", false).Address, Device: device,
	})
	if err != nil {
		return reply, err
	}
	return s.seated(seat, RoomName{Code: req.Code, Name: name}, device)
}

// passJoin refuses a device that guesses. It knows whether a room has the code
// before it asks the throttle, so that a wrong code counts before the code beside
// it is looked at. A class behind one address joins at once, so right codes do not
// count even for a moment.
//
// A student who comes back to their seat has guessed nothing. A browser that has
// not guessed wrong does not wait for another one at its address, and learns of its
// first wrong guess at once.
func (s *Site) passJoin(r *http.Request, req JoinRequest, typed string, open bool) error {
	if !open {
		err := s.cfg.Codes.Guess(r.RemoteAddr, typed)
		if err != nil && s.devices.mayGuess(r) {
			return nil
		}
		return err
	}
	if _, again := s.cfg.Rooms.Returning(req.Code, req.Resume); again || s.devices.trusted(r) {
		return nil
	}
	if wait := s.cfg.Codes.Wait(r.RemoteAddr); wait > 0 {
		return &ratelimit.SlowDownError{Wait: wait}
	}
	return nil
}

// spendSeat charges a join: a new seat to the device while it has few, or else to
// the address, another name to the member, as in [Site.me]. Coming back under the
// same name is free.
func (s *Site) spendSeat(address, device string, req JoinRequest) error {
	previous, again := s.cfg.Rooms.Returning(req.Code, req.Resume)
	switch {
	case again && req.Name != "" && req.Name != previous.Name:
		return s.cfg.Names.Spend(previous.ID, 1)
	case again, s.devices.maySit(device):
		return nil
	}
	return s.cfg.Seats.Spend(address)
}

// seated is the answer of a seat, with the token that opens its socket. The token
// names the device, if it is known.
func (s *Site) seated(seat room.Seat, in RoomName, device string) (SeatReply, error) {
	claims := auth.Member(seat.ID, in.Code, entryRole(seat.Role))
	claims.App.Device = device
	token, err := s.cfg.Signer.Mint(claims, TokenTTL)
	if err != nil {
		return SeatReply{}, err
	}
	return SeatReply{
		Token:  token,
		Resume: seat.Resume,
		Topic:  "music_room:" + in.Code,
		Room:   in,
		Member: replyOf(seat.Member), MusicNames: s.hasList(in.Code),
	}, nil
}

// entryRole returns the role for a token. A student whom the teacher calls
// "bass" is still a student.
func entryRole(role string) string {
	if role == room.RoleTeacher || role == room.RoleStage {
		return role
	}
	return room.RoleStudent
}

// me changes the caller's own name. The token says who they are, never the
// body.
func (s *Site) me(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.cfg.Signer.Verify(auth.Bearer(r))
	if err != nil {
		return err
	}
	var req RenameRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if claims.Subject == "" || claims.App.Room == "" {
		return room.ErrNoMember
	}
	if err := s.cfg.Names.Spend(claims.Subject, 1); err != nil {
		return err // every page of the room shows each new name
	}
	member, err := s.rename(r.Context(), claims, req)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]MemberReply{"member": replyOf(member)})
	return nil
}

func (s *Site) rename(ctx context.Context, claims auth.Claims, req RenameRequest) (room.Member, error) {
	if req.Shuffle {
		return s.cfg.Rooms.Shuffle(ctx, claims.App.Room, claims.Subject)
	}
	return s.cfg.Rooms.Rename(ctx, claims.App.Room, claims.Subject, req.Name)
}

// leave gives up the caller's own seat.
func (s *Site) leave(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.cfg.Signer.Verify(auth.Bearer(r))
	if err != nil {
		return err
	}
	if claims.Subject == "" || claims.App.Room == "" {
		return room.ErrNoMember
	}
	if err := s.cfg.Rooms.Leave(r.Context(), claims.App.Room, claims.Subject); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
