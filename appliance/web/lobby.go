package web

import (
	"net/http"

	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/sync/clock"
)

// VisitRequest is what a page without a seat says of itself every few seconds.
type VisitRequest struct {
	Visitor string `json:"visitor"` // an id that the page makes up and keeps over a reload
	Code    string `json:"code"`    // that its link carries; empty if it carries none
	Gone    bool   `json:"gone"`    // the page is left
}

// VisitReply tells the page its mark, which it shows so that a teacher finds it.
// It is empty for a device that the lobby has no place for.
type VisitReply struct {
	Mark string `json:"mark"`
}

// visit takes the report of a page without a seat. It says
// nothing about rooms: the answer is the same for every code.
func (s *Site) visit(w http.ResponseWriter, r *http.Request) error {
	var req VisitRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if err := s.visits.Spend(ratelimit.AddressKey(r.RemoteAddr), 1); err != nil {
		return err
	}
	s.devices.meet(w, r) // the page may be older than this run of the box
	code, _ := s.cfg.Rooms.FindCode(req.Code)
	mark := s.cfg.Visitors.Report(clock.Now(), lobby.Report{
		ID: req.Visitor, Address: r.RemoteAddr, Room: code, Gone: req.Gone,
	})
	writeJSON(w, http.StatusOK, VisitReply{Mark: mark})
	return nil
}
