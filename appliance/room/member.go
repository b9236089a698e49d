package room

import (
	"slices"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Roles that a member joins with. A teacher may give a student a label of
// their own instead.
const (
	RoleTeacher = "teacher"
	RoleStudent = "student"
	RoleStage   = "stage"
)

// Member is a member of a room, as others see them. It is a copy; its Beats
// are shared and must not be changed.
type Member struct {
	ID         string `json:"student_id"`
	Seat       uint8  `json:"seat"` // 0-71
	Role       string `json:"role"`
	Name       string `json:"name"`
	Muted      bool   `json:"muted"`
	Beats      []int  `json:"beats"` // of the bar, from 0, in order; none means all
	Group      Group  `json:"group"`
	Instrument string `json:"instrument"`
	Volume     Volume `json:"volume,omitzero"`
	Online     bool   `json:"online"`
	// MIDI is the name of the port of a keyboard that is plugged into the box. It
	// is empty for everyone else.
	MIDI string `json:"midi,omitempty"`
	// OnStage says that such a keyboard sounds on the stage alone, whatever the
	// room's listening says.
	OnStage bool `json:"on_stage,omitempty"`
	// Keyboards are the names of the ports that play as this student.
	Keyboards []string `json:"keyboards,omitempty"`
	// Animal is the place of a generated name's animal in names.Animals, so
	// that the name can be said in another language. It is -1 for a name that
	// the member chose.
	Animal int `json:"-"`
}

// played reports whether a device or a keyboard on the box plays the member.
func (m *seated) played() bool { return m.conns > 0 || len(m.Keyboards) > 0 }

// Connect counts one more device of a member. It ignores unknown members.
func (r *Room) Connect(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok {
		return nil
	}
	m.since, m.came = now, true
	if m.conns++; m.conns > 1 {
		return nil
	}
	m.Online = true
	changes := []Change{r.revision.memberChanged(m)}
	if m.studies() && r.lesson.enter(now) {
		changes = append(changes, r.revision.lessonChanged(&r.lesson))
	}
	return changes
}

// Disconnect counts one device of a member less. With the last one the
// member's notes end. They keep the seat.
func (r *Room) Disconnect(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok || m.conns == 0 {
		return nil
	}
	m.since = now
	if m.conns--; m.conns > 0 {
		return nil
	}
	m.Online = false
	if m.studies() {
		r.lesson.leave(now, r.roster.present())
	}
	m.demote()
	c := r.revision.memberChanged(m)
	c.Notes = r.silenceLocked(now, m)
	return r.heardAnewLocked(now, []Change{c})
}

// silenceLocked ends the notes of a member whom nothing plays any more, or who may
// not play any more.
func (r *Room) silenceLocked(now clock.Millis, m *seated) []wire.NoteEvent {
	if m.played() && !r.silences(m) {
		return nil
	}
	return r.voices.silence(nil, m.Seat, now)
}

// Free gives up the seat of a member who is offline and cannot come back: a
// guest who left. They may join again as a new member.
func (r *Room) Free(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok || m.conns > 0 {
		return nil
	}
	r.roster.remove(m)
	return r.goneLocked(now, m, false)
}

// Leave gives up the seat of a member who asks for it, online or not. Their
// secret opens nothing any more. They may join again as a new member. The
// error is ErrNoMember.
func (r *Room) Leave(now clock.Millis, id string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	r.roster.remove(m)
	return r.goneLocked(now, m, false), nil
}

// Expel refuses the words of the member with that id once they have no seat, and
// brings them back no more. It reports whether the room knew them.
func (r *Room) Expel(id string) (known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known = r.history.forget(id)
	if r.roster.byID[id] != nil {
		r.roster.expel(id)
		known = true
	}
	return known
}

// Expelled reports whether the member with that id was removed or forgotten.
func (r *Room) Expelled(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.roster.expelled, id)
}

// Promote makes a member a teacher, because their token now says so. It lasts
// while they are connected, and the seat stays theirs.
func (r *Room) Promote(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok || staff(m.Role) {
		return nil
	}
	m.Role, m.before = RoleTeacher, m.Role
	return r.heardAnewLocked(now, []Change{r.revision.roleAssigned(m)})
}

// Demote ends what Promote did: the member has their former role again. It
// does nothing to a member who joined as a teacher or a stage, unless as a
// guest: they keep the name of the role, and their token says what they may do.
func (r *Room) Demote(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok || !m.demote() {
		return nil
	}
	c := r.revision.roleAssigned(m)
	if r.silences(m) {
		c.Notes = r.voices.silence(nil, m.Seat, now)
	}
	return r.heardAnewLocked(now, []Change{c})
}

// demote gives a member back the role from before [Room.Promote], and reports
// whether there was one.
func (m *seated) demote() bool {
	if m.before == "" {
		return false
	}
	m.Role, m.before, m.listening = m.before, "", Target{}
	return true
}

// Rename gives a member a nickname of their own choice. The errors are
// ErrNoMember and names.ErrName, which may be wrapped.
func (r *Room) Rename(id, name string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	if err := r.roster.rename(m, name); err != nil {
		return nil, err
	}
	return []Change{r.revision.memberChanged(m)}, nil
}

// Shuffle gives a member another generated nickname. The error is ErrNoMember.
func (r *Room) Shuffle(id string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	m.Name, m.Animal = r.roster.generateName(m.Seat, m.Role)
	return []Change{r.revision.memberChanged(m)}, nil
}
