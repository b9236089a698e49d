package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"time"

	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/names"
)

// byteOrderMark tells Excel that a file is UTF-8.
const byteOrderMark = "\ufeff"

// exportAttendance is who was here in the session of a room, as a file: first the
// children of its class list, and then the seats that are in use and of which nobody
// knows the child.
func (s *Site) exportAttendance(w http.ResponseWriter, r *http.Request) error {
	code, _ := names.ParseCode(r.PathValue("code"))
	session, err := s.cfg.Rooms.Session(code)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.csv"`, code))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(byteOrderMark)) // the client may be gone
	out := csv.NewWriter(w)
	_ = out.Write([]string{"name", "here", "nickname", "came"})
	for _, line := range append(s.childrenHere(code, session), s.othersHere(code, session)...) {
		for i := range line {
			line[i] = cell(line[i])
		}
		_ = out.Write(line)
	}
	out.Flush()
	return nil
}

// childrenHere lists the children of a room's class, and whether they were here.
func (s *Site) childrenHere(code, session string) (lines [][]string) {
	class, _ := s.cfg.Classes.Of(code)
	_, children, err := s.cfg.Classes.Class(class.ID)
	if err != nil {
		return nil // the room is of no class
	}
	here := map[string]classlist.Visit{}
	for _, v := range s.cfg.Classes.In(session) {
		if first, again := here[v.Child]; again {
			v.At = first.At
		}
		here[v.Child] = v
	}
	for _, child := range children {
		v, came := here[child.ID]
		switch {
		case came:
			m, _ := s.cfg.Rooms.Member(code, v.Seat)
			lines = append(lines, []string{child.Name, "yes", m.Name, v.At.Format(time.RFC3339)})
		case child.Listed:
			lines = append(lines, []string{child.Name, "no", "", ""})
		}
	}
	return lines
}

// othersHere lists the seats that are in use without a music name.
func (s *Site) othersHere(code, session string) (lines [][]string) {
	for _, student := range s.cfg.Rooms.Students() {
		if _, known := s.cfg.Classes.At(session, student.StudentID); !known && student.Room == code && s.online(code, student.StudentID) {
			lines = append(lines, []string{"", "yes", student.Name, ""})
		}
	}
	return lines
}
