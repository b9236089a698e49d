package web

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"downbeat.local/appliance/records"
	"downbeat.local/appliance/table"
)

// Records is what the pages need from the records of what students wrote.
type Records interface {
	// Shared returns the shared reflections, of one student if the id is not
	// empty. Errors: records.ErrNoStudent.
	Shared(ctx context.Context, by, student string) ([]table.Row, error)
	// Log returns who read reflections, newest first.
	Log(ctx context.Context) ([]records.Access, error)
	// Talks lists what became of wishes to talk.
	Talks() ([]records.Talk, error)
	// SetTalk changes one. Errors: records.ErrNoTalk, records.ErrBadState.
	SetTalk(ctx context.Context, reflection, state string) (records.Talk, error)
	// Adopt makes what a seat wrote in a session the child's, and Own returns all
	// that a child has written.
	Adopt(ctx context.Context, seat, session, child string) error
	Own(ctx context.Context, child string) ([]table.Row, error)
	// SumCheckIn sums the answers to a check-in of a room that is over, the same
	// whatever becomes of them. OwnCheckIns returns a child's, and DeleteCheckIns
	// deletes them.
	SumCheckIn(ctx context.Context, room, checkIn string) (records.CheckInSum, error)
	OwnCheckIns(ctx context.Context, child string) ([]table.Row, error)
	DeleteCheckIns(ctx context.Context, child string) error
	// Forget erases a student's words. Errors: records.ErrNoStudent.
	Forget(ctx context.Context, student string) error
}

// exporter is how the access log names a teacher who takes reflections along.
const exporter = "teacher"

// exported returns the shared rows that a request asks for: of everybody, of a
// student, or of the child who sits on a seat.
func (s *Site) exported(r *http.Request) ([]table.Row, error) {
	id := strings.ToLower(r.URL.Query().Get("student"))
	if id != "" {
		_, child, err := s.sameAs(r.Context(), id)
		if err != nil {
			return nil, err
		}
		id = cmp.Or(child, id)
	}
	return s.cfg.Records.Shared(r.Context(), exporter, id)
}

func (s *Site) exportJSON(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.exported(r)
	if err != nil {
		return err
	}
	if rows == nil {
		rows = []table.Row{}
	}
	w.Header().Set("Content-Disposition", `attachment; filename="reflections.json"`)
	writeJSON(w, http.StatusOK, rows)
	return nil
}

func (s *Site) exportCSV(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.exported(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="reflections.csv"`)
	h.Set("Cache-Control", "no-store")
	out := csv.NewWriter(w)
	names := columnNames(table.Reflections)
	_ = out.Write(names) // the client may be gone
	for _, row := range rows {
		cells := make([]string, len(names))
		for i, name := range names {
			cells[i] = cell(row[name])
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return nil
}

func columnNames(t *table.Table) (names []string) {
	for _, c := range t.Columns {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}

// cell writes a value for a spreadsheet. Spreadsheets run a text that begins like a
// formula, unless an apostrophe is before it.
func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if v != "" && strings.ContainsAny(v[:1], "=+-@\t\r") {
			return "'" + v
		}
		return v
	}
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // a bug: rows come from JSON
	}
	return string(raw)
}

func (s *Site) accessLog(w http.ResponseWriter, r *http.Request) error {
	entries, err := s.cfg.Records.Log(r.Context())
	if err != nil {
		return err
	}
	if entries == nil {
		entries = []records.Access{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"access": entries})
	return nil
}

func (s *Site) listTalks(w http.ResponseWriter, _ *http.Request) error {
	talks, err := s.cfg.Records.Talks()
	if err != nil {
		return err
	}
	if talks == nil {
		talks = []records.Talk{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"talks": talks})
	return nil
}

func (s *Site) setTalk(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Reflection string `json:"reflection_id"`
		State      string `json:"state"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	talk, err := s.cfg.Records.SetTalk(r.Context(), req.Reflection, req.State)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, talk)
	return nil
}

// forgetStudent erases a student: their seats first, so that no more words come,
// and then their words. The id is that of a seat or of a child of a class list; both
// go if the child sits on the seat. A browser that goes away does not stop it half
// way.
func (s *Site) forgetStudent(w http.ResponseWriter, r *http.Request) error {
	id, ctx := strings.ToLower(r.PathValue("id")), context.WithoutCancel(r.Context())
	if uuid.Validate(id) != nil {
		return records.ErrNoStudent
	}
	seats, child, err := s.sameAs(ctx, id)
	if err != nil {
		return err
	}
	for _, seat := range seats {
		if err := s.cfg.Rooms.Forget(ctx, seat); err != nil {
			return err
		}
	}
	if id != child {
		if err := s.cfg.Records.Forget(ctx, id); err != nil {
			return err
		}
	}
	if child != "" {
		forget := func() error { return s.cfg.Records.Forget(ctx, child) }
		if err := s.cfg.Classes.Erase(child, forget); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// sameAs returns the seats and the child of whom an id is one. A seat is a child's
// only during the session in which they took it.
func (s *Site) sameAs(ctx context.Context, id string) (seats []string, child string, err error) {
	if s.cfg.Classes == nil {
		return []string{id}, "", nil
	}
	if _, ok := s.cfg.Classes.Child(id); ok {
		child = id
	} else {
		seats = []string{id}
	}
	rooms, err := s.cfg.Rooms.List(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, r := range rooms {
		session, err := s.cfg.Rooms.Session(r.Code)
		if err != nil {
			continue // it was closed just now
		}
		if sits, ok := s.cfg.Classes.At(session, id); ok {
			child = sits
		}
		for _, v := range s.cfg.Classes.In(session) {
			if v.Child == child && !slices.Contains(seats, v.Seat) {
				seats = append(seats, v.Seat)
			}
		}
	}
	return seats, child, nil
}
