package web

import (
	"context"
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
)

// MyKeyboardsReply lists the keyboards that play as the student who asks.
type MyKeyboardsReply struct {
	Plugged   int                 `json:"plugged"` // how many keyboards the box has
	Keyboards []room.Keyboard     `json:"keyboards"`
	Search    room.KeyboardSearch `json:"search"`
}

// MyKeyboardsRequest is what a student wishes of the keyboards on the box. A
// missing field stays as it is.
type MyKeyboardsRequest struct {
	// Search begins the search for the keyboard in front of them or goes on with it,
	// or ends it.
	Search *bool `json:"search,omitempty"`
	// GiveBack is the ID of a keyboard that they have found and do not want.
	GiveBack string `json:"give_back,omitempty"`
	// ID is that of a keyboard of theirs which they tune.
	ID string `json:"id,omitempty"`
	TuneRequest
}

// student makes a handler of one for students: their token says who they are and
// in which room.
func (s *Site) student(h func(http.ResponseWriter, *http.Request, auth.Claims) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		claims, err := s.cfg.Signer.Verify(auth.Bearer(r))
		if err != nil {
			return err
		}
		if !s.cfg.Rooms.HasStudent(claims.App.Room, claims.Subject) {
			return room.ErrNoMember
		}
		return h(w, r, claims)
	}
}

func (s *Site) listMine(w http.ResponseWriter, _ *http.Request, claims auth.Claims) error {
	s.writeMine(w, claims, room.KeyboardSearch{State: room.SearchNone})
	return nil
}

func (s *Site) writeMine(w http.ResponseWriter, claims auth.Claims, search room.KeyboardSearch) {
	reply := MyKeyboardsReply{Keyboards: []room.Keyboard{}, Search: search}
	if s.cfg.Keyboards != nil {
		all := s.cfg.Keyboards.List()
		reply.Plugged = len(all)
		for _, k := range all {
			if isOf(k, claims) {
				reply.Keyboards = append(reply.Keyboards, k)
			}
		}
	}
	writeJSON(w, http.StatusOK, reply)
}

// isOf reports whether a keyboard plays as the student of a token.
func isOf(k room.Keyboard, claims auth.Claims) bool {
	return k.As == room.StudentSeat && k.Room == claims.App.Room && k.StudentID == claims.Subject
}

func (s *Site) changeMine(w http.ResponseWriter, r *http.Request, claims auth.Claims) error {
	var req MyKeyboardsRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if s.cfg.Keyboards == nil {
		return s.listMine(w, r, claims)
	}
	if req.GiveBack != "" || req.ID != "" {
		if err := s.changeOne(r.Context(), req, claims); err != nil {
			return err
		}
	}
	search := room.KeyboardSearch{State: room.SearchNone}
	switch code, id := claims.App.Room, claims.Subject; {
	case req.Search == nil:
	case *req.Search:
		search = s.cfg.Keyboards.Search(code, id)
	default:
		s.cfg.Keyboards.StopSearch(code, id)
	}
	s.writeMine(w, claims, search)
	return nil
}

// changeOne tunes a student's keyboard or gives it back. Each change is written to
// the store, so that the student may not make many.
func (s *Site) changeOne(ctx context.Context, req MyKeyboardsRequest, claims auth.Claims) error {
	if err := s.tunings.Spend(claims.Subject, 1); err != nil {
		return err
	}
	if req.GiveBack != "" {
		return s.cfg.Keyboards.GiveBack(ctx, req.GiveBack, claims.App.Room, claims.Subject)
	}
	for _, k := range s.cfg.Keyboards.List() {
		if k.ID == req.ID && isOf(k, claims) {
			return s.tune(ctx, req.ID, req.TuneRequest)
		}
	}
	return room.ErrNoKeyboard
}
