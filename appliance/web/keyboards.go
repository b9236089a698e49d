package web

import (
	"context"
	"net/http"

	"downbeat.local/appliance/room"
)

// Keyboards is what the pages need from the MIDI keyboards that are plugged into
// the box. Every method that takes the ID of a keyboard may return
// room.ErrNoKeyboard.
type Keyboards interface {
	// List lists the keyboards, also those that cannot play.
	List() []room.Keyboard
	// Problem says in one sentence why devices may be found late or not at all; empty
	// if they are found at once.
	Problem() string
	// Assign sends a keyboard to a place. Errors: room.ErrNoRoom, room.ErrNoStudent,
	// room.ErrFull.
	Assign(ctx context.Context, id string, to room.KeyboardPlace) error
	// Tune changes which notes its keys give; what is nil stays as it is. Errors:
	// room.ErrTuning.
	Tune(ctx context.Context, id string, fit *room.Fit, octave *int) error
	// Search begins a student's search for the keyboard in front of them, or goes on
	// with it. It ends if a page does not ask again for some seconds.
	Search(code, studentID string) room.KeyboardSearch
	// StopSearch ends it.
	StopSearch(code, studentID string)
	// GiveBack ends that a keyboard plays as the student who found it.
	GiveBack(ctx context.Context, id, code, studentID string) error
}

// Outputs is what the pages need from the MIDI outputs of the box.
type Outputs interface {
	// List lists the outputs.
	List() []room.Output
	// Change changes what an output plays. Errors: room.ErrNoOutput,
	// room.ErrNoRoom, room.ErrBadOutput.
	Change(ctx context.Context, id string, wish room.OutputWish) error
}

// KeyboardsReply lists the keyboards for the teacher, the students as whom they may
// play, and the outputs.
type KeyboardsReply struct {
	Keyboards []room.Keyboard `json:"keyboards"`
	Outputs   []room.Output   `json:"outputs"`
	Students  []room.Student  `json:"students"`
	// Problem says in one sentence why devices may be found late or not at all.
	Problem string `json:"problem,omitempty"`
}

// AssignRequest changes what a keyboard does, or what an output plays. A missing
// field stays as it is.
type AssignRequest struct {
	ID string `json:"id"` // of the keyboard or the output
	// Room is the code of the room where it is to play; empty means nowhere. With
	// StudentID it plays as that student, and with Stage it sounds on the stage
	// alone.
	Room      *string `json:"room,omitempty"`
	StudentID string  `json:"student_id,omitempty"`
	Stage     bool    `json:"stage,omitempty"`
	TuneRequest
	Output *room.OutputWish `json:"output,omitempty"` // what the output plays
}

// TuneRequest changes which notes the keys of a keyboard give.
type TuneRequest struct {
	Fit    *room.Fit `json:"fit,omitempty"`    // how they fit the scale of the room
	Octave *int      `json:"octave,omitempty"` // how many octaves they are moved up
}

func (s *Site) tune(ctx context.Context, id string, req TuneRequest) error {
	if req.Fit == nil && req.Octave == nil {
		return nil
	}
	return s.cfg.Keyboards.Tune(ctx, id, req.Fit, req.Octave)
}

func (s *Site) listKeyboards(w http.ResponseWriter, _ *http.Request) error {
	reply := KeyboardsReply{Keyboards: []room.Keyboard{}, Students: []room.Student{}, Outputs: []room.Output{}}
	if s.cfg.Keyboards != nil {
		reply.Keyboards, reply.Outputs = s.cfg.Keyboards.List(), s.cfg.Outputs.List()
		reply.Problem = s.cfg.Keyboards.Problem()
	}
	if students := s.cfg.Rooms.Students(); len(reply.Keyboards) > 0 && students != nil {
		reply.Students = students
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

func (s *Site) assignKeyboard(w http.ResponseWriter, r *http.Request) error {
	var req AssignRequest
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if s.cfg.Keyboards == nil {
		return room.ErrNoKeyboard
	}
	if req.Room != nil {
		to := room.KeyboardPlace{Room: *req.Room, StudentID: req.StudentID, Stage: req.Stage}
		if err := s.cfg.Keyboards.Assign(r.Context(), req.ID, to); err != nil {
			return err
		}
	}
	if req.Output != nil {
		if err := s.cfg.Outputs.Change(r.Context(), req.ID, *req.Output); err != nil {
			return err
		}
	}
	if err := s.tune(r.Context(), req.ID, req.TuneRequest); err != nil {
		return err
	}
	return s.listKeyboards(w, r)
}

// midiHealth says whether the box plays MIDI keyboards, and what is in the way.
type midiHealth struct {
	State   string `json:"state"` // on or off
	Problem string `json:"problem,omitempty"`
}

func (s *Site) midiHealth() midiHealth {
	if s.cfg.Keyboards == nil {
		return midiHealth{State: "off"}
	}
	return midiHealth{State: "on", Problem: s.cfg.Keyboards.Problem()}
}
