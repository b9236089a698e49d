package room

import "downbeat.local/appliance/wire"

// Target is whom a teacher listens in to, or who plays alone: one student, or a
// group. The zero value is nobody.
type Target struct {
	StudentID string `json:"student_id,omitempty"`
	Group     Group  `json:"group,omitzero"`
}

// isNone reports whether the target is nobody.
func (t Target) isNone() bool { return t == Target{} }

// orNull is the target for JSON: nil for nobody.
func (t Target) orNull() *Target {
	if t.isNone() {
		return nil
	}
	return &t
}

// includes reports whether a member is the target, or in it.
func (t Target) includes(m *seated) bool {
	return t.StudentID != "" && t.StudentID == m.ID || t.Group != 0 && t.Group == m.Group
}

// valid reports whether the target of a file can be one of a room.
func (t Target) valid() bool { return t.Group <= wire.Groups && (t.StudentID == "" || t.Group == 0) }

// target reads whom a command is about: a student, a group, or nobody.
func (c command) target() (t Target, err error) {
	switch {
	case c.has("student_id") && c.has("group"):
		return t, badPayload("Name a student or a group, not both.")
	case c.has("student_id"):
		m, err := c.student()
		if err != nil {
			return t, err
		}
		return Target{StudentID: m.ID}, nil
	case c.has("group"):
		t.Group, err = c.group("group")
	}
	return t, err
}

// playAlone makes all students silent but one, or but a group, or ends that. It
// counts for newcomers too.
func (c command) playAlone() ([]Change, error) {
	t, err := c.target()
	if err != nil {
		return nil, err
	}
	return []Change{c.room.setAloneLocked(c, t)}, nil
}

func (r *Room) setAloneLocked(c command, t Target) Change {
	r.alone = t
	change := r.revision.aloneChanged(t)
	for _, m := range r.roster.seats {
		if m != nil && r.silences(m) {
			change.Notes = r.voices.silence(change.Notes, m.Seat, c.now)
		}
	}
	return change
}

// allCall makes everybody hear the teacher, and everything else softer.
func (c command) allCall() ([]Change, error) {
	on, err := c.boolean("on")
	if err != nil {
		return nil, err
	}
	c.room.called = on
	return []Change{c.room.revision.allCallChanged(on)}, nil
}

var (
	errNoEar       = &ControlError{"no_seat", "Only a teacher who is in the room can listen in."}
	errManyListens = &ControlError{"full", "Too many teachers listen in."}
)

// listenIn makes the teacher's own devices hear one student or one group, or what
// they heard before. Nobody else is told.
func (c command) listenIn() ([]Change, error) {
	t, err := c.target()
	if err != nil {
		return nil, err
	}
	me, ok := c.room.roster.byID[c.by]
	if !ok || me.Role != RoleTeacher {
		return nil, errNoEar
	}
	if !c.room.roster.listen(me, t) {
		return nil, errManyListens
	}
	if !t.isNone() {
		c.room.voices.deafen(me.ear)
	}
	return []Change{listeningChanged(me)}, nil
}

// listen makes a teacher listen in, at another place than before: what sounded there
// is over. It reports false if there is no place left.
func (p *roster) listen(m *seated, to Target) bool {
	if to.isNone() {
		m.listening = to
		return true
	}
	var taken wire.Places
	for _, other := range p.seats {
		if other != nil && !other.listening.isNone() {
			taken = taken.With(other.ear)
		}
	}
	for place := wire.PlaceListening; int(place) < wire.PlaceCount; place++ {
		if !taken.Has(place) {
			m.listening, m.ear = to, place
			return true
		}
	}
	return false
}
