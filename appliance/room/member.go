package room

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"

	"github.com/google/uuid"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Roles that come with the way in. A teacher may call a student by a label of
// her own instead.
const (
	RoleTeacher = "teacher"
	RoleStudent = "student"
	RoleStage   = "stage"
)

// DefaultInstrument is what everybody starts with.
const DefaultInstrument = "piano"

// Member is somebody in a room, as others see him.
type Member struct {
	ID         string `json:"student_id"`
	Seat       uint8  `json:"seat"`
	Role       string `json:"role"`
	Name       string `json:"name"`
	Muted      bool   `json:"muted"`
	Beats      []int  `json:"beats"` // of the bar, from 0; none means all
	Instrument string `json:"instrument"`
	Online     bool   `json:"online"`
}

// seated is a member with what only the room knows of him.
type seated struct {
	Member
	resume [sha256.Size]byte // of the secret that gives the seat back
	conns  int
	seen   clock.Millis // when he was last online
	beats  uint16       // Member.Beats as bits; 0 means all
	voice
}

// people is who is in a room.
type people struct {
	byID    map[string]*seated
	seats   [Seats]*seated
	removed map[string]bool // ids and resume hashes that may not come back
}

func newPeople() people {
	return people{byID: make(map[string]*seated), removed: make(map[string]bool)}
}

// maxRemoved bounds the memory of who was removed; past it the room forgets
// them all, and locks are the teacher's remedy.
const maxRemoved = 512

// Applicant is somebody who wants a seat.
type Applicant struct {
	Name   string // a nickname; empty for a generated one
	Role   string // empty means RoleStudent
	Resume string // the secret of an earlier seat; empty for a new one
}

// Seat is what an applicant gets.
type Seat struct {
	Member
	// Resume gives the same seat again; empty if it was given with it.
	Resume string
}

// Sit gives somebody a seat: the one that Resume opens, or a new one. A
// teacher and a stage find the one seat of their kind again. The errors are
// ErrLocked, ErrFull, ErrRemoved and ErrName.
func (r *Room) Sit(now clock.Millis, a Applicant) (Seat, []Change, error) {
	if a.Role == "" {
		a.Role = RoleStudent
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	hash := sha256.Sum256([]byte(a.Resume))
	if a.Resume != "" && r.removed[string(hash[:])] {
		return Seat{}, nil, ErrRemoved
	}
	if m := r.formerLocked(a, hash); m != nil {
		return Seat{Member: m.Member, Resume: a.Resume}, nil, nil
	}
	if r.locked && a.Role != RoleTeacher && a.Role != RoleStage {
		return Seat{}, nil, ErrLocked
	}
	name := ""
	if a.Name != "" {
		var err error
		if name, err = Nickname(a.Name); err != nil {
			return Seat{}, nil, err
		}
	}
	return r.newSeatLocked(now, a.Role, name)
}

// formerLocked is the member who comes back.
func (r *Room) formerLocked(a Applicant, hash [sha256.Size]byte) *seated {
	for _, m := range r.byID {
		if a.Role == m.Role && (a.Role == RoleTeacher || a.Role == RoleStage) {
			return m
		}
		if a.Resume != "" && subtle.ConstantTimeCompare(m.resume[:], hash[:]) == 1 {
			return m
		}
	}
	return nil
}

func (r *Room) newSeatLocked(now clock.Millis, role, name string) (Seat, []Change, error) {
	var changes []Change
	if len(r.byID) >= r.capacity {
		idle := r.longestGoneLocked()
		if idle == nil {
			return Seat{}, nil, ErrFull
		}
		changes = append(changes, r.dropLocked(now, idle))
	}
	seat, ok := r.freeSeatLocked(role)
	if !ok {
		return Seat{}, nil, ErrFull
	}
	if name == "" {
		name = r.newNameLocked(seat, role)
	}
	resume := rand.Text()
	m := &seated{
		Member: Member{ID: uuid.NewString(), Seat: seat, Role: role, Name: name, Beats: []int{}, Instrument: DefaultInstrument},
		resume: sha256.Sum256([]byte(resume)),
		seen:   now,
	}
	r.byID[m.ID], r.seats[seat] = m, m
	changes = append(changes, r.memberChangedLocked(m))
	return Seat{Member: m.Member, Resume: resume}, changes, nil
}

// longestGoneLocked is the student who has been offline for longest.
func (p *people) longestGoneLocked() *seated {
	var idle *seated
	for _, m := range p.byID {
		if m.conns == 0 && m.Role != RoleTeacher && m.Role != RoleStage && (idle == nil || m.seen < idle.seen) {
			idle = m
		}
	}
	return idle
}

// MemberChanged is the payload of member_changed.
type MemberChanged struct {
	Revision int    `json:"revision"`
	Member   Member `json:"member"`
}

func (r *Room) memberChangedLocked(m *seated) Change {
	return r.changedLocked(wire.EventMemberChanged, func(revision int) any { return MemberChanged{revision, m.Member} })
}

// MemberRemoved is the payload of member_removed.
type MemberRemoved struct {
	Revision  int    `json:"revision"`
	StudentID string `json:"student_id"`
}

// dropLocked takes a member out of his seat.
func (r *Room) dropLocked(now clock.Millis, m *seated) Change {
	ended := m.silence(now)
	delete(r.byID, m.ID)
	r.seats[m.Seat] = nil
	c := r.changedLocked(wire.EventMemberRemoved, func(revision int) any { return MemberRemoved{revision, m.ID} })
	c.Notes = ended
	return c
}

// banLocked sees to it that a member does not come back.
func (r *Room) banLocked(m *seated) {
	if len(r.removed) >= maxRemoved {
		clear(r.removed)
	}
	r.removed[string(m.resume[:])] = true
}

// Connect says that a member's device is here. Unknown members are ignored.
func (r *Room) Connect(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return nil
	}
	m.seen = now
	if m.conns++; m.conns > 1 {
		return nil
	}
	m.Online = true
	return []Change{r.memberChangedLocked(m)}
}

// Disconnect says that a member's device is gone; with his last one his notes
// end. The seat stays his.
func (r *Room) Disconnect(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok || m.conns == 0 {
		return nil
	}
	m.seen = now
	if m.conns--; m.conns > 0 {
		return nil
	}
	m.Online = false
	ended := m.silence(now)
	c := r.memberChangedLocked(m)
	c.Notes = ended
	return []Change{c}
}

// Release gives up the seat of somebody who will not come back: a guest who
// left. He may come again as somebody new.
func (r *Room) Release(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok || m.conns > 0 {
		return nil
	}
	return []Change{r.dropLocked(now, m)}
}

// Rename gives a member a nickname of his own. The errors are ErrName and
// ErrNoMember.
func (r *Room) Rename(id, name string) ([]Change, error) {
	name, err := Nickname(name)
	if err != nil {
		return nil, err
	}
	return r.renamed(id, func(*seated) string { return name })
}

// Shuffle gives a member another generated nickname. The error is ErrNoMember.
func (r *Room) Shuffle(id string) ([]Change, error) {
	return r.renamed(id, func(m *seated) string { return r.newNameLocked(m.Seat, m.Role) })
}

func (r *Room) renamed(id string, name func(*seated) string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	m.Name = name(m)
	return []Change{r.memberChangedLocked(m)}, nil
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

// StudentAt is the id of whoever sits in a seat; empty for nobody.
func (r *Room) StudentAt(seat uint8) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(seat) >= Seats || r.seats[seat] == nil {
		return ""
	}
	return r.seats[seat].ID
}

// listLocked is every member, by seat.
func (p *people) listLocked() []Member {
	members := make([]Member, 0, len(p.byID))
	for _, m := range p.seats {
		if m != nil {
			members = append(members, m.Member)
		}
	}
	return slices.Clip(members)
}
