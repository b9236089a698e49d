package room

import (
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Change is one change of a room. The owner sends it to everyone.
type Change struct {
	Event   string // a broadcast's name
	Payload any    // its payload, a struct that marshals to a JSON object
	// To is the id of the member to whom alone the change goes: it has no revision.
	// Empty means everyone.
	To string
	// Notes are the note-offs that the change causes, as when a member is muted.
	Notes []wire.NoteEvent
}

// revision counts the changes of a room. Room.mu guards it. Each method makes
// one change, without notes, and gives it the next number.
type revision int

func (n *revision) next() int {
	*n++
	return int(*n)
}

func (n *revision) memberChanged(m *seated) Change {
	return Change{Event: wire.EventMemberChanged, Payload: MemberChanged{Revision: n.next(), Member: m.Member}}
}

func (n *revision) memberRemoved(m *seated, expelled bool) Change {
	removed := MemberRemoved{Revision: n.next(), StudentID: m.ID, Expelled: expelled}
	return Change{Event: wire.EventMemberRemoved, Payload: removed}
}

func (n *revision) studentMuted(m *seated) Change {
	return Change{Event: wire.EventStudentMuted, Payload: StudentMuted{Revision: n.next(), StudentID: m.ID, Muted: m.Muted}}
}

func (n *revision) beatAssigned(m *seated, asked any) Change {
	return Change{
		Event:   wire.EventBeatAssigned,
		Payload: BeatAssigned{Revision: n.next(), StudentID: m.ID, Beat: asked, Beats: m.Beats},
	}
}

func (n *revision) roleAssigned(m *seated) Change {
	return Change{Event: wire.EventRoleAssigned, Payload: RoleAssigned{Revision: n.next(), StudentID: m.ID, Role: m.Role}}
}

func (n *revision) groupAssigned(ids []string, group Group, asList bool) Change {
	var who any = ids
	if !asList {
		who = ids[0]
	}
	return Change{Event: wire.EventGroupAssigned, Payload: GroupAssigned{Revision: n.next(), StudentID: who, Group: group}}
}

func (n *revision) volumeChanged(ids []string, v Volume, asList bool) Change {
	var who any = ids
	if !asList {
		who = ids[0]
	}
	return Change{Event: wire.EventVolume, Payload: VolumeChanged{Revision: n.next(), StudentID: who, Volume: v}}
}

func (n *revision) aloneChanged(t Target) Change {
	return Change{Event: wire.EventAlone, Payload: AloneChanged{Revision: n.next(), Target: t}}
}

func (n *revision) allCallChanged(on bool) Change {
	return Change{Event: wire.EventAllCall, Payload: AllCallChanged{Revision: n.next(), On: on}}
}

// listeningChanged tells a teacher's devices whom they listen in to.
func listeningChanged(m *seated) Change {
	return Change{Event: wire.EventListening, Payload: m.listening, To: m.ID}
}

func (n *revision) instrumentAssigned(m *seated) Change {
	return Change{
		Event:   wire.EventInstrument,
		Payload: InstrumentAssigned{Revision: n.next(), StudentID: m.ID, Instrument: m.Instrument},
	}
}

func (n *revision) tempoChanged(plan clock.Plan) Change {
	changed := TempoChanged{Timeline: plan.Last(), RoomRevision: n.next(), Timelines: plan}
	return Change{Event: wire.EventTempoChanged, Payload: changed}
}

func (n *revision) lessonChanged(l *lesson) Change {
	return Change{Event: wire.EventReflection, Payload: ReflectionChanged{Revision: n.next(), Lesson: l.shown()}}
}

func (n *revision) roomChanged(c RoomChanged) Change {
	c.Revision = n.next()
	return Change{Event: wire.EventRoomChanged, Payload: c}
}

// MemberChanged is the payload of member_changed: a member has joined, was
// renamed, came online or went offline.
type MemberChanged struct {
	Revision int    `json:"revision"`
	Member   Member `json:"member"`
}

// MemberRemoved is the payload of member_removed: a seat is free again.
type MemberRemoved struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
	// Expelled says that the teacher removed the member.
	Expelled bool `json:"-"`
}

// StudentMuted is the payload of student_muted.
type StudentMuted struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
	Muted     bool   `json:"muted"`
}

// BeatAssigned is the payload of beat_assigned.
type BeatAssigned struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
	Beat      any    `json:"beat"`  // as the teacher sent it: an int or a []int
	Beats     []int  `json:"beats"` // the same as a sorted list, each once
}

// RoleAssigned is the payload of role_assigned.
type RoleAssigned struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
	Role      string `json:"role"`
}

// GroupAssigned is the payload of group_assigned.
type GroupAssigned struct {
	Revision  int   `json:"revision"`
	StudentID any   `json:"student_id"` // as the teacher sent it: a string or a []string
	Group     Group `json:"group"`
}

// VolumeChanged is the payload of volume_changed.
type VolumeChanged struct {
	Revision  int    `json:"revision"`
	StudentID any    `json:"student_id"` // as the teacher sent it: a string or a []string
	Volume    Volume `json:"volume"`
}

// AloneChanged is the payload of alone_changed. Without a student and a group
// everybody plays again.
type AloneChanged struct {
	Revision int `json:"revision"`
	Target
}

// AllCallChanged is the payload of all_call_changed.
type AllCallChanged struct {
	Revision int  `json:"revision"`
	On       bool `json:"on"`
}

// InstrumentAssigned is the payload of instrument_assigned.
type InstrumentAssigned struct {
	Revision   int    `json:"revision"`
	StudentID  string `json:"student_id"`
	Instrument string `json:"instrument"`
}

// TempoChanged is the payload of tempo_changed: the new timeline, which holds
// from its time0 on. The field revision counts timelines.
type TempoChanged struct {
	clock.Timeline
	RoomRevision int `json:"room_revision"`
	// Timelines says what holds until when: the timeline in force, those that
	// will still take over before the new one, and the new one. A timeline of an
	// earlier message that is not among them is cancelled.
	Timelines clock.Plan `json:"timelines"`
}

// RoomChanged is the payload of room_changed. It holds the fields of the
// room's state that were set, and no others.
type RoomChanged struct {
	Revision  int     `json:"revision"`
	Locked    *bool   `json:"locked,omitempty"`
	CountIn   *int    `json:"count_in,omitempty"`
	Mode      *string `json:"mode,omitempty"`
	Grid      *int    `json:"grid,omitempty"`
	Interval  *int    `json:"interval,omitempty"`
	Listening *string `json:"listening,omitempty"`
	Hearing   *string `json:"hearing,omitempty"`
	Scale     *Scale  `json:"scale,omitempty"`
	Quiet     *bool   `json:"quiet,omitempty"`
	Volume    *Volume `json:"volume,omitempty"`
}

// ReflectionChanged is the payload of reflection_changed: another session, another
// question or none, or one more answer that is kept.
type ReflectionChanged struct {
	Revision int `json:"revision"`
	Lesson
}

// Beat is the payload of beat, for clients that keep no timeline.
type Beat struct {
	Beat      float64      `json:"beat"`
	Bar       int          `json:"bar"`
	BeatInBar int          `json:"beat_in_bar"`
	At        clock.Millis `json:"at"`
	BPM       float64      `json:"bpm"`
}
