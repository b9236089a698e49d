package room

import (
	"slices"
	"strings"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// ControlError says why a control event changed nothing.
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

// AssignInstrument is the control that every member may send, for themself.
const AssignInstrument = "assign_instrument"

// control does what one control event asks for. If it returns an error,
// nothing has changed.
type control func(c command) ([]Change, error)

// controls lists the events with which a teacher controls a room.
var controls = map[string]control{
	"set_tempo":      one(command.setTempo),
	"start":          one(command.start),
	"stop":           one(command.stop),
	"mute_student":   command.muteStudent,
	"assign_beat":    command.assignBeat,
	"assign_role":    command.assignRole,
	"assign_group":   command.assignGroup,
	AssignInstrument: command.assignInstrument,
	"play_alone":     command.playAlone,
	"all_call":       command.allCall,
	"listen_in":      command.listenIn,
	"undo":           command.undo,
	"remove_student": command.removeStudent,
	"readmit":        one(command.readmit),
	"set_mode":       setting((*Settings).setMode),
	"set_listening":  setting((*Settings).setListening),
	"set_hearing":    setting((*Settings).setHearing),
	"set_scale":      setting((*Settings).setScale),
	"set_quiet":      command.setQuiet,
	"set_volume":     command.setVolume,
	"set_count_in":   setting((*Settings).setCountIn),
	"lock_room":      one(command.lockRoom),
	"ask_reflection": one(command.askReflection),
	"end_reflection": one(command.endReflection),
	"ask_check_in":   one(command.askCheckIn),
	"end_check_in":   one(command.endCheckIn),
}

// lessonControls lists the events that follow a lesson plan. One of them makes
// many changes. [Room.BeginLesson] does what BeginLesson asks for.
var lessonControls = map[string]control{
	BeginLesson: func(command) ([]Change, error) { return nil, errNoPlan },
	GoToStep:    command.goToStep,
	EndLesson:   command.endLesson,
}

// controlOf is what an event asks for; nil if it controls nothing.
func controlOf(event string) control {
	if do := controls[event]; do != nil {
		return do
	}
	return lessonControls[event]
}

// IsControl reports whether an event controls a room.
func IsControl(event string) bool { return controlOf(event) != nil }

// Controls lists the events that control a room, in alphabetical order.
func Controls() []string {
	names := make([]string, 0, len(controls))
	for name := range controls {
		names = append(names, name)
	}
	for name := range lessonControls {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// reserved lists the events that only the box sends, and those that exist in
// binary only.
var reserved = []string{
	wire.EventRoomState, wire.EventRoomChanged, wire.EventRoomClosed, wire.EventMemberChanged, wire.EventMemberRemoved,
	wire.EventTempoChanged, wire.EventStudentNote, wire.EventStudentNoteOff, wire.EventStudentMuted,
	wire.EventBeatAssigned, wire.EventRoleAssigned, wire.EventInstrument, wire.EventBeat,
	wire.EventGroupAssigned, wire.EventVolume, wire.EventAlone, wire.EventAllCall, wire.EventListening,
	wire.EventNotes, wire.EventClock, wire.EventNetwork, wire.EventLobby, wire.EventReflection,
}

// answered are the events besides commands that the box answers.
var answered = []string{wire.EventPlayNote, wire.EventStopNote, wire.EventReport, wire.EventExpect, wire.EventDismiss}

// IsReserved reports whether no client may send an event as a message of its
// own, because others would take it for a message of the box. Case does not
// count: supabase-js compares names without regard to it.
func IsReserved(event string) bool {
	name := strings.ToLower(event)
	return slices.Contains(reserved, name) ||
		name != event && (IsControl(name) || slices.Contains(answered, name))
}

// Control does what a control event asks for, in the name of the member with
// that id. Teachers may send all of them; other members may only choose their
// own instrument. The error is a *ControlError, and then nothing has changed.
func (r *Room) Control(now clock.Millis, id string, teacher bool, event string, payload []byte) ([]Change, error) {
	if !IsControl(event) {
		return nil, errUnknown
	}
	if !teacher && event != AssignInstrument {
		return nil, errUnauthorized
	}
	p, err := parseRequest(payload)
	if err != nil {
		return nil, err
	}
	if !teacher {
		if about, err := p.text("student_id"); err != nil || about != id {
			return nil, errUnauthorized
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	order := command{request: p, room: r, now: now, by: id}
	changes, err := controlOf(event)(order)
	if err != nil {
		return nil, err
	}
	return r.heardAnewLocked(now, changes), nil
}
