package room

import "downbeat.local/sync/clock"

// State is everything about a room, the payload of room_state.
type State struct {
	Revision int    `json:"revision"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Locked   bool   `json:"locked"`
	Door     Door   `json:"door"`

	Timeline clock.Timeline  `json:"timeline"` // the one that holds now
	Next     *clock.Timeline `json:"next"`     // what replaces it, until it does
	Manner
	Members []Member `json:"members"` // by seat
	You     *You     `json:"you,omitempty"`
}

// You says to one member who he is.
type You struct {
	ID   string `json:"student_id"`
	Seat uint8  `json:"seat"`
}

// State is the whole state for the member of that id; an empty one is nobody.
func (r *Room) State(now clock.Millis, you string) State {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnLocked(now)
	s := State{
		Revision: r.revision, Code: r.code, Name: r.name, Locked: r.locked, Door: r.door,
		Timeline: r.timeline, Next: r.pendingLocked(),
		Manner: r.manner, Members: r.membersLocked(),
	}
	if m, ok := r.byID[you]; ok {
		s.You = &You{ID: m.ID, Seat: m.Seat}
	}
	return s
}

// Members is everybody with a seat, by seat.
func (r *Room) Members() []Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.membersLocked()
}

// Member is the member of that id.
func (r *Room) Member(id string) (Member, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return Member{}, false
	}
	return m.Member, true
}

// StudentAt is the id of whoever sits in a seat, or sat there last; empty if
// nobody ever did. Notes that end when a member is removed are still his.
func (r *Room) StudentAt(seat uint8) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(seat) >= Seats {
		return ""
	}
	return r.lastIn[seat]
}

func (p *people) membersLocked() []Member {
	members := make([]Member, 0, len(p.byID))
	for _, m := range p.seats {
		if m != nil {
			members = append(members, m.Member)
		}
	}
	return members
}
