package web

import (
	"errors"
	"net/http"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/table"
)

// WordsReply is what a child has written, oldest first.
type WordsReply struct {
	Words    []table.Row `json:"words"`
	CheckIns []table.Row `json:"check_ins"`
}

// PersonReply says which child of the class list sits on a seat.
type PersonReply struct {
	StudentID string `json:"student_id"` // of the seat
	ChildID   string `json:"child_id"`   // the student_id of what they write
	Name      string `json:"name"`       // on the class list
}

// hasList reports whether the room with that code is of a class.
func (s *Site) hasList(code string) bool {
	if s.cfg.Classes == nil {
		return false
	}
	_, ok := s.cfg.Classes.Of(code)
	return ok
}

// musicGuesses slows wrong music names, by seat and by address. A right name costs
// nothing, because a class behind one address enters at once. Who has guessed too
// much waits all the same, or a guess would still tell right from wrong.
type musicGuesses struct {
	seats, addresses *ratelimit.Throttle
}

func newMusicGuesses() musicGuesses {
	return musicGuesses{
		seats: ratelimit.NewThrottle(ratelimit.SeatMusicThrottle()), addresses: ratelimit.NewThrottle(ratelimit.MusicThrottle()),
	}
}

// try calls enter, unless the seat or the address has to wait. Guesses side by side
// all count.
func (g musicGuesses) try(seat, address string, enter func() error) error {
	bySeat, err := g.seats.Try(seat)
	if err != nil {
		return err
	}
	byAddress, err := g.addresses.Try(address)
	if err != nil {
		bySeat.Forgive()
		return err
	}
	if err = enter(); !errors.Is(err, classlist.ErrNoMusic) {
		bySeat.Forgive()
		byAddress.Forgive()
	}
	return err
}

// enterMusic opens a child's words with their music name. From then on what is
// written on the seat is the child's, until the session ends. The answer names
// nobody.
func (s *Site) enterMusic(w http.ResponseWriter, r *http.Request, claims auth.Claims) error {
	var req struct{ Music classlist.Music }
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if s.cfg.Classes == nil {
		return classlist.ErrNoMusic
	}
	code, seat := claims.App.Room, claims.Subject
	session, err := s.cfg.Rooms.Session(code)
	if err != nil {
		return err
	}
	var child classlist.Child
	err = s.music.try(seat, r.RemoteAddr, func() (err error) {
		child, err = s.cfg.Classes.Enter(r.Context(), classlist.Place{
			Room: code, Session: session, Seat: seat, Taken: func(seat string) bool { return s.online(code, seat) },
		}, req.Music)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.cfg.Records.Adopt(r.Context(), seat, session, child.ID); err != nil {
		return err
	}
	words, err := s.cfg.Records.Own(r.Context(), child.ID)
	if err != nil {
		return err
	}
	checkIns, err := s.cfg.Records.OwnCheckIns(r.Context(), child.ID)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, WordsReply{Words: append([]table.Row{}, words...), CheckIns: append([]table.Row{}, checkIns...)})
	return nil
}

func (s *Site) online(code, seat string) bool {
	m, ok := s.cfg.Rooms.Member(code, seat)
	return ok && m.Online
}

// listPeople tells the teacher which children sit where, in the room's session.
func (s *Site) listPeople(w http.ResponseWriter, r *http.Request) error {
	code, _ := names.ParseCode(r.PathValue("code"))
	session, err := s.cfg.Rooms.Session(code)
	if err != nil {
		return err
	}
	people := []PersonReply{}
	for _, v := range s.cfg.Classes.In(session) {
		if child, ok := s.cfg.Classes.Child(v.Child); ok {
			people = append(people, PersonReply{StudentID: v.Seat, ChildID: child.ID, Name: child.Name})
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"people": people})
	return nil
}
