package room

import (
	"slices"
)

// Sanction is what the teacher decided about the students of one device. It
// lasts as long as the room, whatever name or seat the device asks for.
type Sanction struct {
	Device  string `json:"device"` // as Applicant.Device
	Removed bool   `json:"removed,omitempty"`
	Muted   bool   `json:"muted,omitempty"`
	Name    string `json:"name"` // of the student whom the teacher muted or removed last
}

// sanctions are those of a room, oldest first. At most maxRemoved are kept.
type sanctions []Sanction

// of returns the sanction of a device; nil if there is none, or if the device is
// not known.
func (all sanctions) of(device string) *Sanction {
	i := slices.IndexFunc(all, func(s Sanction) bool { return s.Device == device })
	if i < 0 || device == "" {
		return nil
	}
	return &all[i]
}

// add keeps the sanction of a member who has gone. expelled says that the teacher
// removed them.
func (all *sanctions) add(m *seated, expelled bool) {
	muted := m.Muted && !m.suspect
	if m.device == "" || !expelled && !muted {
		return
	}
	s := Sanction{Device: m.device, Removed: expelled, Muted: muted, Name: m.Name}
	if known := all.of(m.device); known != nil {
		s.Removed, s.Muted = s.Removed || known.Removed, s.Muted || known.Muted
		all.forget(m.device)
	}
	if len(*all) >= maxRemoved {
		*all = slices.Delete(*all, 0, 1)
	}
	*all = append(*all, s)
}

// forget lets the next student of a device begin like any other.
func (all *sanctions) forget(device string) {
	*all = slices.DeleteFunc(*all, func(s Sanction) bool { return s.Device == device && device != "" })
}

// silenced returns the name of the student because of whom a device is muted, and
// reports whether it is: they are muted now, or were when they left.
func (p *roster) silenced(device string) (name string, muted bool) {
	if s := p.sanctions.of(device); s != nil && s.Muted {
		return s.Name, true
	}
	for _, m := range p.seats {
		if m != nil && m.Muted && !m.suspect && device != "" && m.device == device {
			return m.Name, true
		}
	}
	return "", false
}

// Was returns the name under which the teacher muted a member's device before
// they came; empty if the teacher did not.
func (r *Room) Was(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.roster.byID[id]
	if m == nil || !m.Muted {
		return ""
	}
	return m.was
}

// readmit lets everyone whom the teacher has removed join again, as new students.
func (c command) readmit() (Change, error) {
	p := &c.room.roster
	p.removed = nil
	p.sanctions = slices.DeleteFunc(p.sanctions, func(s Sanction) bool { return !s.Muted })
	for i := range p.sanctions {
		p.sanctions[i].Removed = false
	}
	return c.room.revision.roomChanged(RoomChanged{}), nil
}
