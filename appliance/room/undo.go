package room

import (
	"fmt"
	"slices"
	"strings"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// What can be taken back.
const (
	undoMute   = "mute"
	undoBeats  = "beats"
	undoRole   = "role"
	undoGroup  = "group"
	undoRemove = "remove"
)

var undoKinds = []string{undoMute, undoBeats, undoRole, undoGroup, undoRemove}

// The history of a room is bounded by its commands and by the members in all of
// them together: it is saved with the room.
const (
	maxUndo        = 32
	maxUndoMembers = 512
)

var errNothingToUndo = &ControlError{"nothing_to_undo", "There is nothing to take back."}

// undoStep is one command that can be taken back: what it changed, as it was.
type undoStep struct {
	Kind string   `json:"kind"`
	Was  []former `json:"was,omitempty"`
	// Gone is the member that the command removed. It is nil for a guest, whose seat
	// nobody could take up again, and for one whom the school has forgotten.
	Gone *SavedMember `json:"gone,omitempty"`
	// silencedAt is that of the roster before. After a restart newcomers are not
	// suspected anyway.
	silencedAt clock.Millis
	address    string // of the removed
}

// former is a member as they were, as far as commands can be taken back.
type former struct {
	ID    string `json:"student_id"`
	Muted bool   `json:"muted,omitempty"`
	Beats []int  `json:"beats,omitempty"`
	Role  string `json:"role,omitempty"`
	Group Group  `json:"group,omitzero"`
}

// history is the commands of a room that can be taken back, oldest first. Room.mu
// guards it.
type history []undoStep

func (h *history) push(s undoStep) {
	*h = append(*h, s)
	members := 0
	for i := len(*h) - 1; i >= 0; i-- {
		if members += len((*h)[i].Was); members > maxUndoMembers || len(*h)-i > maxUndo {
			*h = slices.Delete(*h, 0, i+1)
			return
		}
	}
}

// forget drops what is known of a member.
func (h *history) forget(id string) (known bool) {
	isTheirs := func(was former) bool { return was.ID == id }
	for i, s := range *h {
		if slices.ContainsFunc(s.Was, isTheirs) {
			(*h)[i].Was, known = slices.DeleteFunc(slices.Clone(s.Was), isTheirs), true
		}
		if s.Gone != nil && s.Gone.ID == id {
			(*h)[i].Gone, known = nil, true
		}
	}
	return known
}

// remember keeps what a command is about to change of some members. Those that it
// leaves as they are do not count, and a command that changes nothing is not kept.
func (c command) remember(kind string, members []*seated, changes func(i int) bool) {
	s := undoStep{Kind: kind}
	for i, m := range members {
		if changes(i) {
			s.Was = append(s.Was, former{ID: m.ID, Muted: m.Muted, Beats: m.Beats, Role: m.Role, Group: m.Group})
		}
	}
	if len(s.Was) > 0 {
		c.room.history.push(s)
	}
}

// rememberGone keeps a member who is about to be removed.
func (c command) rememberGone(m *seated) {
	s := undoStep{Kind: undoRemove, silencedAt: c.room.roster.silencedAt, address: m.address}
	if !m.guest {
		gone := c.room.savedMember(m)
		s.Gone = &gone
	}
	c.room.history.push(s)
}

// undo takes back the last command that can be. One whose members are gone counts as
// none.
func (c command) undo() ([]Change, error) {
	r := c.room
	for n := len(r.history); n > 0; n-- {
		s := r.history[n-1]
		changes, done, err := c.takeBack(s)
		if err != nil {
			return nil, err // nothing has changed
		}
		r.history = r.history[:n-1]
		if done {
			return changes, nil
		}
	}
	return nil, errNothingToUndo
}

func (c command) takeBack(s undoStep) (changes []Change, done bool, err error) {
	if s.Kind == undoRemove {
		changes, err = c.bringBack(s)
		return changes, true, err
	}
	var members []*seated
	var groups []Group
	for _, was := range s.Was {
		m, ok := c.room.roster.byID[was.ID]
		if !ok || m.Role == RoleTeacher && s.Kind != undoMute && s.Kind != undoBeats {
			continue
		}
		members, groups = append(members, m), append(groups, was.Group)
		switch s.Kind {
		case undoMute:
			changes = append(changes, c.room.mute(c.now, m, was.Muted))
		case undoBeats:
			changes = append(changes, c.room.giveBeats(m, was.Beats, was.Beats))
		case undoRole:
			m.Role = was.Role
			changes = append(changes, c.room.revision.roleAssigned(m))
		}
	}
	if s.Kind == undoGroup {
		changes = c.room.regroup(members, groups, true)
	}
	return changes, len(members) > 0, nil
}

// bringBack gives a removed member their seat again, or another if somebody has it,
// with all that was theirs. Their device comes back by its secret. A guest can only
// join anew, and is suspected no longer.
func (c command) bringBack(s undoStep) ([]Change, error) {
	p := &c.room.roster
	if s.Gone == nil {
		p.silencedAt = s.silencedAt
		return nil, nil
	}
	gone := *s.Gone
	if p.students() >= p.capacity {
		return nil, &ControlError{"full", "The room is full. Nobody can come back now."}
	}
	if p.seats[gone.Seat] != nil {
		var ok bool
		if gone.Seat, ok = p.freeSeat(gone.Role); !ok {
			return nil, &ControlError{"full", "The room is full. Nobody can come back now."}
		}
	}
	if err := p.restore(gone, c.now); err != nil {
		return nil, badPayload("They cannot come back: " + err.Error() + ".")
	}
	m := p.byID[gone.ID]
	m.since, m.address = c.now, s.address
	p.silencedAt = s.silencedAt
	p.pardon(m)
	p.sanctions.forget(m.device)
	c.room.voices.open(m.Seat)
	return []Change{c.room.revision.memberChanged(m)}, nil
}

// validate says what is wrong with a step from a file.
func (s undoStep) validate() error {
	if !slices.Contains(undoKinds, s.Kind) || len(s.Was) > Seats {
		return fmt.Errorf("no command that can be taken back: %q", s.Kind)
	}
	for _, was := range s.Was {
		if was.Group > wire.Groups || was.Role == "" || staff(strings.ToLower(was.Role)) && s.Kind == undoRole || !validBeats(was.Beats) {
			return fmt.Errorf("%s of a member that cannot have been", s.Kind)
		}
	}
	if s.Gone != nil && (int(s.Gone.Seat) >= staffSeats || staff(s.Gone.Role)) {
		return fmt.Errorf("no student can have been removed from seat %d", s.Gone.Seat)
	}
	return nil
}
