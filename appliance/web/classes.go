package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/names"
)

// ClassReply is a class without its children.
type ClassReply struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Room string `json:"room"` // the code of its room; empty is none
	Size int    `json:"size"` // children on the list
	// CheckIn says that the class may be asked how it feels.
	CheckIn bool `json:"check_in"`
}

// ClassListReply is a class with its children.
type ClassListReply struct {
	ClassReply
	// UndoUntil is when the last import cannot be undone any more; nil if there is
	// none to undo.
	UndoUntil *time.Time   `json:"undo_until"`
	Children  []ChildReply `json:"children"`
}

// ChildReply is a child of a class.
type ChildReply struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Music  classlist.Music `json:"music"`
	Listed bool            `json:"listed"` // in the latest list
	// Consent says that the child may be asked how they feel. Only this list says it.
	Consent bool `json:"consent"`
}

// ReadReply is what the box has read, and what would change.
type ReadReply struct {
	classlist.Sheet
	Difference classlist.Difference `json:"difference"`
}

// maxColumnsChosen is how many columns make a name.
const maxColumnsChosen = 3

// classRoutes are those of the class lists. All are for the teacher alone.
func (s *Site) classRoutes(mux *http.ServeMux) {
	if s.cfg.Classes == nil {
		return
	}
	for route, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /box/v1/classes":                                    s.listClasses,
		"POST /box/v1/classes":                                   s.createClass,
		"GET /box/v1/classes/{id}":                               s.readClass,
		"POST /box/v1/classes/{id}":                              s.changeClass,
		"DELETE /box/v1/classes/{id}":                            s.deleteClass,
		"POST /box/v1/classes/{id}/read":                         s.readList,
		"POST /box/v1/classes/{id}/import":                       s.importList,
		"POST /box/v1/classes/{id}/undo":                         s.undoImport,
		"POST /box/v1/classes/{id}/children/{child}":             s.changeChild,
		"DELETE /box/v1/classes/{id}/children/{child}/check-ins": s.deleteCheckIns,
		"GET /box/v1/rooms/{code}/people":                        s.listPeople,
		"GET /box/v1/rooms/{code}/attendance.csv":                s.exportAttendance,
	} {
		mux.Handle(route, s.answer(s.teacher(handle)))
	}
}

func (s *Site) listClasses(w http.ResponseWriter, _ *http.Request) error {
	classes := []ClassReply{}
	for _, c := range s.cfg.Classes.Classes() {
		classes = append(classes, s.classReply(c))
	}
	writeJSON(w, http.StatusOK, map[string]any{"classes": classes})
	return nil
}

func (s *Site) classReply(c classlist.Class) ClassReply {
	return ClassReply{ID: c.ID, Name: c.Name, Room: c.Room, Size: s.cfg.Classes.Size(c.ID), CheckIn: c.CheckIn}
}

func (s *Site) createClass(w http.ResponseWriter, r *http.Request) error {
	var req struct{ Name, Room string }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	room, err := s.roomOf(req.Room)
	if err != nil {
		return err
	}
	c, err := s.cfg.Classes.Create(r.Context(), req.Name, room)
	if err != nil {
		return err
	}
	return s.showClass(w, http.StatusCreated, c.ID)
}

// roomOf returns the code of an open room that a teacher has chosen; empty is none.
func (s *Site) roomOf(typed string) (string, error) {
	if typed == "" {
		return "", nil
	}
	code, _ := names.ParseCode(typed)
	if _, err := s.cfg.Rooms.Session(code); err != nil {
		return "", err
	}
	return code, nil
}

func (s *Site) readClass(w http.ResponseWriter, r *http.Request) error {
	return s.showClass(w, http.StatusOK, r.PathValue("id"))
}

// showClass answers with a class and its children.
func (s *Site) showClass(w http.ResponseWriter, status int, id string) error {
	c, children, err := s.cfg.Classes.Class(id)
	if err != nil {
		return err
	}
	reply := ClassListReply{ClassReply: s.classReply(c), Children: []ChildReply{}}
	if s.cfg.Classes.CanUndo(c) {
		until := c.Undo.At.Add(classlist.UndoFor)
		reply.UndoUntil = &until
	}
	for _, child := range children {
		reply.Children = append(reply.Children, ChildReply{ID: child.ID, Name: child.Name, Music: child.Music, Listed: child.Listed, Consent: child.Consent})
	}
	writeJSON(w, status, reply)
	return nil
}

func (s *Site) changeClass(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Name, Room *string
		CheckIn    *bool `json:"check_in"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if req.Room != nil {
		room, err := s.roomOf(*req.Room)
		if err != nil {
			return err
		}
		req.Room = &room
	}
	if _, err := s.cfg.Classes.Change(r.Context(), r.PathValue("id"), classlist.Wish{Name: req.Name, Room: req.Room, CheckIn: req.CheckIn}); err != nil {
		return err
	}
	return s.showClass(w, http.StatusOK, r.PathValue("id"))
}

func (s *Site) deleteClass(w http.ResponseWriter, r *http.Request) error {
	if err := s.cfg.Classes.Delete(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readList reads a list of names, which is the body, and says what would change. It
// changes nothing.
func (s *Site) readList(w http.ResponseWriter, r *http.Request) error {
	raw, err := readRaw(w, r, classlist.MaxFile)
	if err != nil {
		return err
	}
	columns, err := columnsOf(r.URL.Query().Get("columns"))
	if err != nil {
		return err
	}
	sheet, err := classlist.Read(raw, columns)
	if err != nil {
		return err
	}
	d, err := s.cfg.Classes.Compare(r.PathValue("id"), sheet.Names)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, ReadReply{Sheet: sheet, Difference: d})
	return nil
}

// columnsOf reads numbers of columns, as "0,1"; empty lets the box guess.
func columnsOf(typed string) (columns []int, err error) {
	if typed == "" {
		return nil, nil
	}
	for _, word := range strings.SplitN(typed, ",", maxColumnsChosen+1) {
		n, err := strconv.Atoi(word)
		if err != nil || len(columns) == maxColumnsChosen {
			return nil, errBody
		}
		columns = append(columns, n)
	}
	return columns, nil
}

// importList takes the names of a difference that the teacher has seen.
func (s *Site) importList(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Version int      `json:"version"`
		Names   []string `json:"names"`
	}
	raw, err := readRaw(w, r, classlist.MaxFile)
	if err != nil {
		return err
	}
	if err := parseBody(raw, &req); err != nil {
		return err
	}
	if err := s.cfg.Classes.Import(r.Context(), r.PathValue("id"), req.Version, req.Names); err != nil {
		return err
	}
	return s.showClass(w, http.StatusOK, r.PathValue("id"))
}

func (s *Site) undoImport(w http.ResponseWriter, r *http.Request) error {
	if err := s.cfg.Classes.UndoImport(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.showClass(w, http.StatusOK, r.PathValue("id"))
}

func (s *Site) changeChild(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Name    *string
		Listed  *bool
		Renew   bool
		Consent *bool
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	wish := classlist.ChildWish{Name: req.Name, Listed: req.Listed, Renew: req.Renew, Consent: req.Consent}
	if err := s.cfg.Classes.ChangeChild(r.Context(), r.PathValue("id"), r.PathValue("child"), wish); err != nil {
		return err
	}
	return s.showClass(w, http.StatusOK, r.PathValue("id"))
}
