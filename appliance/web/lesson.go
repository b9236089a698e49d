package web

import (
	"net/http"

	"downbeat.local/appliance/names"
	"downbeat.local/appliance/room"
)

// LessonReply is the lesson plan that a room follows; null if it follows none.
type LessonReply struct {
	Lesson *room.Plan `json:"lesson"`
}

// runningLesson tells the teacher all steps of the plan that a room follows, with
// the notes that students do not see.
func (s *Site) runningLesson(w http.ResponseWriter, r *http.Request) error {
	code, _ := names.ParseCode(r.PathValue("code"))
	plan, follows, err := s.cfg.Rooms.Lesson(r.Context(), code)
	if err != nil {
		return err
	}
	reply := LessonReply{}
	if follows {
		reply.Lesson = &plan
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}
