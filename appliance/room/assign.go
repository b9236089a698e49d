package room

import (
	"strings"

	"downbeat.local/appliance/names"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// memberLocked is the member that a request is about.
func (r *Room) memberLocked(p request) (*seated, error) {
	id, err := p.text("student_id")
	if err != nil {
		return nil, err
	}
	m, ok := r.byID[id]
	if !ok {
		return nil, errNoStudent
	}
	return m, nil
}

// studentLocked is the member that a request is about, if he is a student.
func (r *Room) studentLocked(p request) (*seated, error) {
	m, err := r.memberLocked(p)
	if err == nil && staff(m.Role) {
		return nil, errStaff
	}
	return m, err
}

func (r *Room) muteStudent(now clock.Millis, p request) (Change, error) {
	m, err := r.memberLocked(p)
	if err != nil {
		return Change{}, err
	}
	muted, err := p.boolean("muted")
	if err != nil {
		return Change{}, err
	}
	var ended []wire.NoteEvent
	if m.Muted = muted; muted {
		ended = r.silenceLocked(nil, m, now)
	}
	return Change{
		Event:   wire.EventStudentMuted,
		Payload: StudentMuted{Revision: r.nextRevisionLocked(), StudentID: m.ID, Muted: muted},
		Notes:   ended,
	}, nil
}

func (r *Room) assignBeat(_ clock.Millis, p request) (Change, error) {
	m, err := r.memberLocked(p)
	if err != nil {
		return Change{}, err
	}
	beats, given, err := p.beats("beat", r.lastLocked().Meter)
	if err != nil {
		return Change{}, err
	}
	m.Beats, m.beats = beats, beatBits(beats)
	return Change{
		Event:   wire.EventBeatAssigned,
		Payload: BeatAssigned{Revision: r.nextRevisionLocked(), StudentID: m.ID, Beat: given, Beats: beats},
	}, nil
}

// beatBits is a list of beats, 0 to 15, as a set.
func beatBits(beats []int) (set uint16) {
	for _, b := range beats {
		set |= 1 << b
	}
	return set
}

// maxRole is the longest label of a role, in letters.
const maxRole = 32

func (r *Room) assignRole(_ clock.Millis, p request) (Change, error) {
	m, err := r.studentLocked(p)
	if err != nil {
		return Change{}, err
	}
	typed, err := p.text("role")
	if err != nil {
		return Change{}, err
	}
	role, ok := names.Label(typed, maxRole)
	if !ok || staff(strings.ToLower(role)) {
		return Change{}, badPayload("role must be a short word, and not teacher or stage.")
	}
	m.Role = role
	return r.roleAssignedLocked(m), nil
}

func (r *Room) roleAssignedLocked(m *seated) Change {
	return Change{
		Event:   wire.EventRoleAssigned,
		Payload: RoleAssigned{Revision: r.nextRevisionLocked(), StudentID: m.ID, Role: m.Role},
	}
}

// assignInstrument gives a member an instrument. What sounds of the old one
// ends: the new one would not know how.
func (r *Room) assignInstrument(now clock.Millis, p request) (Change, error) {
	m, err := r.memberLocked(p)
	if err != nil {
		return Change{}, err
	}
	instrument, err := p.choice("instrument", instruments)
	if err != nil {
		return Change{}, err
	}
	ended := r.silenceLocked(nil, m, now)
	m.Instrument = instrument
	return Change{
		Event:   wire.EventInstrument,
		Payload: InstrumentAssigned{Revision: r.nextRevisionLocked(), StudentID: m.ID, Instrument: instrument},
		Notes:   ended,
	}, nil
}

func (r *Room) removeStudent(now clock.Millis, p request) (Change, error) {
	m, err := r.studentLocked(p)
	if err != nil {
		return Change{}, err
	}
	r.banLocked(m)
	return r.dropLocked(now, m), nil
}
