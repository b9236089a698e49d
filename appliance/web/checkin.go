package web

import (
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/records"
)

// CardReply says which card a student gets: one with how they feel, or one with
// the music that they would like.
type CardReply struct {
	Card string `json:"card"` // "check_in" or "opener"
}

// CheckInReply is what the teacher of a room gets of its check-ins.
type CheckInReply struct {
	// Sums are those of the last two check-ins that ended, oldest first. There are
	// none while one runs: a sum that grows would say who has just answered. They
	// stay as they are when answers are deleted.
	Sums []records.CheckInSum `json:"sums"`
}

// myCard tells a student which card they get. Only the child themself is told, and
// only who has entered a music name can get the one with how they feel.
func (s *Site) myCard(w http.ResponseWriter, _ *http.Request, claims auth.Claims) error {
	reply := CardReply{"opener"}
	if s.cfg.Classes != nil {
		session, err := s.cfg.Rooms.Session(claims.App.Room)
		if err != nil {
			return err
		}
		if child, ok := s.cfg.Classes.At(session, claims.Subject); ok && s.cfg.Classes.MayCheckIn(child) {
			reply.Card = "check_in"
		}
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

// ready notes that a student has skipped a card, or is ready with the opener. It
// keeps nothing else.
func (s *Site) ready(w http.ResponseWriter, r *http.Request, claims auth.Claims) error {
	var req struct {
		CheckIn string `json:"check_in"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	s.cfg.Rooms.Ready(claims.App.Room, claims.Subject, req.CheckIn)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// sumCheckIn tells the teacher how the class feels.
func (s *Site) sumCheckIn(w http.ResponseWriter, r *http.Request) error {
	code, _ := names.ParseCode(r.PathValue("code"))
	if _, err := s.cfg.Rooms.Session(code); err != nil {
		return err
	}
	reply := CheckInReply{Sums: []records.CheckInSum{}}
	running, over := s.cfg.Rooms.CheckIns(code)
	if running != "" {
		over = nil
	}
	for _, checkIn := range over {
		sum, err := s.cfg.Records.SumCheckIn(r.Context(), code, checkIn)
		if err != nil {
			return err
		}
		reply.Sums = append(reply.Sums, sum)
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

// deleteCheckIns deletes what a child has answered, because their parents ask for
// it. The answer does not say whether there was anything.
func (s *Site) deleteCheckIns(w http.ResponseWriter, r *http.Request) error {
	child, ok := s.cfg.Classes.Child(r.PathValue("child"))
	if !ok || child.Class != r.PathValue("id") {
		return classlist.ErrNoChild
	}
	if err := s.cfg.Records.DeleteCheckIns(r.Context(), child.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
