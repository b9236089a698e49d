package room

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// ControlError is why a control event changed nothing.
type ControlError struct {
	Reason  string // a word for programs
	Message string // a sentence for people
}

// Error returns the reason.
func (e *ControlError) Error() string { return e.Reason }

// The reasons.
var (
	errUnauthorized = &ControlError{"unauthorized", "Only the teacher can do that."}
	errNoStudent    = &ControlError{"no_such_student", "Nobody in this room has that id."}
)

func badPayload(message string) error { return &ControlError{"bad_payload", message} }

// control is what one control event does. It is called with the lock held.
type control func(r *Room, now clock.Millis, p request) ([]Change, error)

// controls are the events with which a teacher controls the room.
var controls = map[string]control{
	"set_tempo":         (*Room).setTempo,
	"start":             (*Room).start,
	"stop":              (*Room).stop,
	"mute_student":      (*Room).muteStudent,
	"assign_beat":       (*Room).assignBeat,
	"assign_role":       (*Room).assignRole,
	"assign_instrument": (*Room).assignInstrument,
	"remove_student":    (*Room).removeStudent,
	"set_mode":          (*Room).setMode,
	"set_listening":     (*Room).setListening,
	"set_scale":         (*Room).setScale,
	"set_quiet":         (*Room).setQuiet,
	"set_count_in":      (*Room).setCountIn,
	"lock_room":         (*Room).lock,
}

// IsControl reports whether an event controls a room.
func IsControl(event string) bool { return controls[event] != nil }

// reserved are the events that only the box sends.
var reserved = []string{
	wire.EventRoomState, wire.EventRoomChanged, wire.EventRoomClosed, wire.EventMemberChanged, wire.EventMemberRemoved,
	wire.EventTempoChanged, wire.EventStudentNote, wire.EventStudentNoteOff, wire.EventStudentMuted,
	wire.EventBeatAssigned, wire.EventRoleAssigned, wire.EventInstrument, wire.EventBeat,
}

// IsReserved reports whether only the box may send an event.
func IsReserved(event string) bool { return slices.Contains(reserved, event) }

// request is the payload of any control event. Pointers tell what is missing
// from what is zero.
type request struct {
	StudentID  string          `json:"student_id"`
	Muted      *bool           `json:"muted"`
	Beat       json.RawMessage `json:"beat"`
	Role       *string         `json:"role"`
	Instrument *string         `json:"instrument"`
	BPM        *float64        `json:"bpm"`
	Meter      *int            `json:"meter"`
	Mode       *string         `json:"mode"`
	Grid       *int            `json:"grid"`
	Interval   *int            `json:"interval"`
	Listening  *string         `json:"listening"`
	Root       *int            `json:"root"`
	Kind       *string         `json:"kind"`
	Quiet      *bool           `json:"quiet"`
	Bars       *int            `json:"bars"`
	Locked     *bool           `json:"locked"`
}

// Control does what a control event asks for, if the member of that id may:
// teachers all of it, students only choose their own instrument. The error is
// a *ControlError, and then nothing has changed.
func (r *Room) Control(now clock.Millis, id string, teacher bool, event string, payload []byte) ([]Change, error) {
	do := controls[event]
	if do == nil {
		return nil, &ControlError{"unknown_event", "This room does not know that event."}
	}
	var p request
	err := json.Unmarshal(payload, &p)
	if own := event == "assign_instrument" && p.StudentID == id; !teacher && !own {
		return nil, errUnauthorized
	}
	if err != nil {
		return nil, badPayload("A field has the wrong type.")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return do(r, now, p)
}

func (r *Room) setTempo(now clock.Millis, p request) ([]Change, error) {
	w := r.wishLocked()
	if p.BPM == nil || !(*p.BPM >= clock.MinBPM && *p.BPM <= clock.MaxBPM) {
		return nil, badPayload("The tempo goes from 30 to 300 beats a minute.")
	}
	w.BPM = *p.BPM
	if p.Meter != nil {
		if *p.Meter < clock.MinMeter || *p.Meter > clock.MaxMeter {
			return nil, badPayload("A bar has 1 to 16 beats.")
		}
		w.Meter = *p.Meter
	}
	return []Change{r.retimeLocked(now, w)}, nil
}

func (r *Room) start(now clock.Millis, _ request) ([]Change, error) {
	w := r.wishLocked()
	if w.Running {
		return nil, nil
	}
	w.Running = true
	return []Change{r.retimeLocked(now, w)}, nil
}

func (r *Room) stop(now clock.Millis, _ request) ([]Change, error) {
	w := r.wishLocked()
	if !w.Running {
		return nil, nil
	}
	w.Running = false
	return []Change{r.retimeLocked(now, w)}, nil
}

// oneLocked is the member that a request is about.
func (r *Room) oneLocked(p request) (*seated, error) {
	m, ok := r.byID[p.StudentID]
	if !ok {
		return nil, errNoStudent
	}
	return m, nil
}

// StudentMuted is the payload of student_muted.
type StudentMuted struct {
	StudentID string `json:"student_id"`
	Muted     bool   `json:"muted"`
	Revision  int    `json:"revision"`
}

func (r *Room) muteStudent(now clock.Millis, p request) ([]Change, error) {
	m, err := r.oneLocked(p)
	if err != nil {
		return nil, err
	}
	if p.Muted == nil {
		return nil, badPayload("muted must be true or false.")
	}
	m.Muted = *p.Muted
	var ended []wire.NoteEvent
	if m.Muted {
		ended = m.silence(now)
	}
	c := r.changedLocked(wire.EventStudentMuted, func(revision int) any { return StudentMuted{m.ID, m.Muted, revision} })
	c.Notes = ended
	return []Change{c}, nil
}

// BeatAssigned is the payload of beat_assigned.
type BeatAssigned struct {
	StudentID string          `json:"student_id"`
	Beat      json.RawMessage `json:"beat"` // as it was asked for
	Beats     []int           `json:"beats"`
	Revision  int             `json:"revision"`
}

func (r *Room) assignBeat(_ clock.Millis, p request) ([]Change, error) {
	m, err := r.oneLocked(p)
	if err != nil {
		return nil, err
	}
	beats, bits, ok := parseBeats(p.Beat)
	if !ok {
		return nil, badPayload("beat must be a beat of the bar, counted from 0, or a list of them.")
	}
	m.Beats, m.beats = beats, bits
	return []Change{r.changedLocked(wire.EventBeatAssigned, func(revision int) any {
		return BeatAssigned{m.ID, p.Beat, beats, revision}
	})}, nil
}

// parseBeats reads a beat of the bar or a list of them; an empty list and
// null mean every beat.
func parseBeats(raw json.RawMessage) (beats []int, bits uint16, ok bool) {
	var one int
	if err := json.Unmarshal(raw, &one); err == nil && string(raw) != "null" {
		beats = []int{one}
	} else if err := json.Unmarshal(raw, &beats); err != nil {
		return nil, 0, false
	}
	for _, b := range beats {
		if b < 0 || b >= clock.MaxMeter {
			return nil, 0, false
		}
		bits |= 1 << b
	}
	slices.Sort(beats)
	beats = slices.Compact(beats)
	if beats == nil {
		beats = []int{}
	}
	return beats, bits, true
}

// RoleAssigned is the payload of role_assigned.
type RoleAssigned struct {
	StudentID string `json:"student_id"`
	Role      string `json:"role"`
	Revision  int    `json:"revision"`
}

// maxRole is the longest label of a role, in letters.
const maxRole = 32

func (r *Room) assignRole(_ clock.Millis, p request) ([]Change, error) {
	m, err := r.oneLocked(p)
	if err != nil {
		return nil, err
	}
	if p.Role == nil || !labelled(*p.Role) {
		return nil, badPayload("A role is a short word.")
	}
	fixed := func(role string) bool { return role == RoleTeacher || role == RoleStage }
	if fixed(m.Role) || fixed(*p.Role) {
		return nil, badPayload("Nobody becomes or stops being the teacher or the stage that way.")
	}
	m.Role = *p.Role
	return []Change{r.changedLocked(wire.EventRoleAssigned, func(revision int) any {
		return RoleAssigned{m.ID, m.Role, revision}
	})}, nil
}

func labelled(role string) bool {
	letters := []rune(role)
	return len(letters) > 0 && len(letters) <= maxRole && strings.TrimSpace(role) == role &&
		!slices.ContainsFunc(letters, func(c rune) bool { return !unicode.IsPrint(c) })
}

// InstrumentAssigned is the payload of instrument_assigned.
type InstrumentAssigned struct {
	StudentID  string `json:"student_id"`
	Instrument string `json:"instrument"`
	Revision   int    `json:"revision"`
}

func (r *Room) assignInstrument(now clock.Millis, p request) ([]Change, error) {
	m, err := r.oneLocked(p)
	if err != nil {
		return nil, err
	}
	if p.Instrument == nil || !slices.Contains(instrumentNames, *p.Instrument) {
		return nil, badPayload("The box has no such instrument.")
	}
	ended := m.silence(now)
	m.Instrument = *p.Instrument
	c := r.changedLocked(wire.EventInstrument, func(revision int) any {
		return InstrumentAssigned{m.ID, m.Instrument, revision}
	})
	c.Notes = ended
	return []Change{c}, nil
}

func (r *Room) removeStudent(now clock.Millis, p request) ([]Change, error) {
	m, err := r.oneLocked(p)
	if err != nil {
		return nil, err
	}
	if m.Role == RoleTeacher {
		return nil, badPayload("A teacher is not removed.")
	}
	r.banLocked(m)
	return []Change{r.dropLocked(now, m)}, nil
}
