package web

import (
	"errors"
	"fmt"
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
)

func (s *Site) listRooms(w http.ResponseWriter, r *http.Request) error {
	rooms, err := s.cfg.Rooms.List(r.Context())
	if err != nil {
		return err
	}
	if rooms == nil {
		rooms = []Room{}
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
		if req.Code = NormalCode(req.Code); req.Code == "" {
			return ErrBadCode
		}
	}
	room, err := s.cfg.Rooms.Create(r.Context(), req)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, room)
	return nil
}

func (s *Site) closeRoom(w http.ResponseWriter, r *http.Request) error {
	if err := s.cfg.Rooms.Close(r.Context(), NormalCode(r.PathValue("code"))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) enterRoom(w http.ResponseWriter, r *http.Request) error {
	var req struct{ As string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if req.As != RoleTeacher && req.As != RoleStage {
		return fmt.Errorf("%w: as must be teacher or stage", errBody)
	}
	seat, err := s.cfg.Rooms.Enter(r.Context(), NormalCode(r.PathValue("code")), req.As)
	if err != nil {
		return err
	}
	return s.seated(w, seat)
}

// join is the children's way in. Codes that no room has are slowed by
// address; a code that fits does not make up for wrong ones, or a guesser
// would use a room he knows to go on.
func (s *Site) join(w http.ResponseWriter, r *http.Request) error {
	var req JoinRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if wait := s.joins.Wait(r.RemoteAddr); wait > 0 {
		return &ratelimit.SlowDownError{Wait: wait}
	}
	req.Code = NormalCode(req.Code)
	if err := s.spendSeat(r.RemoteAddr, req); err != nil {
		return err
	}
	seat, err := s.cfg.Rooms.Join(r.Context(), req)
	if errors.Is(err, ErrNoRoom) {
		s.joins.Fail(r.RemoteAddr)
	}
	if err != nil {
		return err
	}
	return s.seated(w, seat)
}

// spendSeat takes what joining costs: a new seat from the budget of the
// address, and another name from that of the member, as in [Site.me]. Coming
// back as one was is free.
func (s *Site) spendSeat(address string, req JoinRequest) error {
	former, again := s.cfg.Rooms.Former(req.Code, req.Resume)
	switch {
	case again && req.Name != "" && req.Name != former.Name:
		return s.names.Spend(former.StudentID, 1)
	case again:
		return nil
	}
	return s.cfg.Seats.Spend(address)
}

// seated answers with a seat and the token that opens its socket.
func (s *Site) seated(w http.ResponseWriter, seat Seat) error {
	claims := auth.Member(seat.Member.StudentID, seat.Code, entryRole(seat.Member.Role))
	token, err := s.cfg.Signer.Mint(claims, TokenTTL)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, SeatReply{
		Token:  token,
		Resume: seat.Resume,
		Topic:  "music_room:" + seat.Code,
		Room:   RoomName{Code: seat.Code, Name: seat.RoomName},
		Member: seat.Member,
	})
	return nil
}

// entryRole is the role a token carries: a student whom the teacher calls
// "bass" is still a student.
func entryRole(role string) string {
	if role == RoleTeacher || role == RoleStage {
		return role
	}
	return RoleStudent
}

// me changes the caller's own name. Who that is says the token, never the
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
		return ErrNoMember
	}
	if err := s.names.Spend(claims.Subject, 1); err != nil {
		return err // every page of the room shows each new name
	}
	req.Code, req.StudentID = claims.App.Room, claims.Subject
	member, err := s.cfg.Rooms.Rename(r.Context(), req)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]Member{"member": member})
	return nil
}

// leave gives up the caller's own seat.
func (s *Site) leave(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.cfg.Signer.Verify(auth.Bearer(r))
	if err != nil {
		return err
	}
	if claims.Subject == "" || claims.App.Room == "" {
		return ErrNoMember
	}
	if err := s.cfg.Rooms.Leave(r.Context(), claims.App.Room, claims.Subject); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
