package room

import (
	"slices"
	"strings"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// ControlError is why a control event changed nothing.
type ControlError struct {
	Reason  string // a word for programs
	Message string // a sentence for people
}

// Error returns the reason and the message.
func (e *ControlError) Error() string { return e.Reason + ": " + e.Message }

var (
	errUnauthorized = &ControlError{"unauthorized", "Only the teacher can do that."}
	errUnknown      = &ControlError{"unknown_event", "This room does not know that event."}
	errNoStudent    = &ControlError{"no_such_student", "Nobody in this room has that id."}
	errStaff        = &ControlError{"not_a_student", "That works for students only."}
)

func badPayload(message string) error { return &ControlError{"bad_payload", message} }

// control is what one control event does. It is called with the lock held; if
// it returns an error, nothing has changed.
type control func(r *Room, now clock.Millis, p request) (Change, error)

const assignInstrument = "assign_instrument"

// controls are the events with which a teacher controls the room.
var controls = map[string]control{
	"set_tempo":      (*Room).setTempo,
	"start":          (*Room).start,
	"stop":           (*Room).stop,
	"mute_student":   (*Room).muteStudent,
	"assign_beat":    (*Room).assignBeat,
	"assign_role":    (*Room).assignRole,
	assignInstrument: (*Room).assignInstrument,
	"remove_student": (*Room).removeStudent,
	"set_mode":       (*Room).setMode,
	"set_listening":  (*Room).setListening,
	"set_scale":      (*Room).setScale,
	"set_quiet":      (*Room).setQuiet,
	"set_count_in":   (*Room).setCountIn,
	"lock_room":      (*Room).lock,
}

// IsControl reports whether an event controls a room.
func IsControl(event string) bool { return controls[event] != nil }

// Controls lists the events that control a room, in alphabetical order.
func Controls() []string {
	names := make([]string, 0, len(controls))
	for name := range controls {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// reserved are the events that only the box sends, and those that exist in
// binary only.
var reserved = []string{
	wire.EventRoomState, wire.EventRoomChanged, wire.EventRoomClosed, wire.EventMemberChanged, wire.EventMemberRemoved,
	wire.EventTempoChanged, wire.EventStudentNote, wire.EventStudentNoteOff, wire.EventStudentMuted,
	wire.EventBeatAssigned, wire.EventRoleAssigned, wire.EventInstrument, wire.EventBeat,
	wire.EventNotes, wire.EventClock, wire.EventNetwork,
}

// IsReserved reports whether no client may send an event as a message of its
// own: it would be taken for the box's, or for something that the box has
// done. Names count without regard to case, as supabase-js compares them.
func IsReserved(event string) bool {
	name := strings.ToLower(event)
	return slices.Contains(reserved, name) ||
		name != event && (IsControl(name) || name == wire.EventPlayNote || name == wire.EventStopNote || name == wire.EventReport)
}

// Control does what a control event asks for, if the member of that id may:
// teachers all of it, everybody else only chooses his own instrument. The
// error is a *ControlError, and then nothing has changed.
func (r *Room) Control(now clock.Millis, id string, teacher bool, event string, payload []byte) ([]Change, error) {
	do := controls[event]
	if do == nil {
		return nil, errUnknown
	}
	if !teacher && event != assignInstrument {
		return nil, errUnauthorized
	}
	p, err := parseRequest(payload)
	if err != nil {
		return nil, err
	}
	if !teacher {
		if whose, err := p.text("student_id"); err != nil || whose != id {
			return nil, errUnauthorized
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := do(r, now, p)
	if err != nil {
		return nil, err
	}
	return []Change{c}, nil
}

func (r *Room) setTempo(now clock.Millis, p request) (Change, error) {
	bpm, err := p.number("bpm", clock.MinBPM, clock.MaxBPM)
	if err != nil {
		return Change{}, err
	}
	meter, err := optional(p, "meter", func() (int, error) { return p.whole("meter", clock.MinMeter, clock.MaxMeter) })
	if err != nil {
		return Change{}, err
	}
	return r.retimeLocked(now, func(w *clock.Wish) {
		w.BPM = bpm
		if meter != nil {
			w.Meter = *meter
		}
	}), nil
}

func (r *Room) start(now clock.Millis, _ request) (Change, error) {
	return r.retimeLocked(now, func(w *clock.Wish) { w.Running = true }), nil
}

func (r *Room) stop(now clock.Millis, _ request) (Change, error) {
	return r.retimeLocked(now, func(w *clock.Wish) { w.Running = false }), nil
}
