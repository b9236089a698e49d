package room

import (
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Change is one change of a room, to be told to everybody.
type Change struct {
	Event   string // a broadcast's name
	Payload any    // its payload, a struct that marshals to a JSON object
	// Notes end with the change: whoever was muted no longer sounds.
	Notes []wire.NoteEvent
}

// nextRevisionLocked is the revision of the change that is being made.
func (r *Room) nextRevisionLocked() int {
	r.revision++
	return r.revision
}

// MemberChanged is the payload of member_changed: somebody joined, was
// renamed, came online or went offline.
type MemberChanged struct {
	Revision int    `json:"revision"`
	Member   Member `json:"member"`
}

// MemberRemoved is the payload of member_removed: a seat is free again.
type MemberRemoved struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
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
	Beat      any    `json:"beat"`  // as it was asked for: an int or a []int
	Beats     []int  `json:"beats"` // the same as a list in order, each once
}

// RoleAssigned is the payload of role_assigned.
type RoleAssigned struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
	Role      string `json:"role"`
}

// InstrumentAssigned is the payload of instrument_assigned.
type InstrumentAssigned struct {
	Revision   int    `json:"revision"`
	StudentID  string `json:"student_id"`
	Instrument string `json:"instrument"`
}

// TempoChanged is the payload of tempo_changed: the new timeline, which holds
// from its time0 on. Its own revision is the timeline's.
type TempoChanged struct {
	clock.Timeline
	RoomRevision int `json:"room_revision"`
}

// RoomChanged is the payload of room_changed: the fields of the room's state
// that were set, and no others.
type RoomChanged struct {
	Revision  int     `json:"revision"`
	Locked    *bool   `json:"locked,omitempty"`
	CountIn   *int    `json:"count_in,omitempty"`
	Mode      *string `json:"mode,omitempty"`
	Grid      *int    `json:"grid,omitempty"`
	Interval  *int    `json:"interval,omitempty"`
	Listening *string `json:"listening,omitempty"`
	Scale     *Scale  `json:"scale,omitempty"`
	Quiet     *bool   `json:"quiet,omitempty"`
}

// Beat is the payload of beat, for clients that do not count by themselves.
type Beat struct {
	Beat      float64      `json:"beat"`
	Bar       int          `json:"bar"`
	BeatInBar int          `json:"beat_in_bar"`
	At        clock.Millis `json:"at"`
	BPM       float64      `json:"bpm"`
}
