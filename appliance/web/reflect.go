package web

import (
	"net/http"

	"downbeat.local/appliance/names"
)

// MissingReply lists the students whose answers the box does not have.
type MissingReply struct {
	Missing []MemberReply `json:"missing"`
}

// listMissing tells the teacher who has no answer kept. It says nothing of those
// who skip: their answer is missing too.
func (s *Site) listMissing(w http.ResponseWriter, r *http.Request) error {
	code, _ := names.ParseCode(r.PathValue("code"))
	missing, err := s.cfg.Rooms.Missing(r.Context(), code)
	if err != nil {
		return err
	}
	reply := MissingReply{Missing: []MemberReply{}}
	for _, m := range missing {
		reply.Missing = append(reply.Missing, replyOf(m))
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}
