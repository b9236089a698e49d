package room

import (
	"crypto/sha256"

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

// Member is somebody in a room, as others see him. It is a copy; its Beats
// are shared and must not be changed.
type Member struct {
	ID         string `json:"student_id"`
	Seat       uint8  `json:"seat"` // 0-71
	Role       string `json:"role"`
	Name       string `json:"name"`
	Muted      bool   `json:"muted"`
	Beats      []int  `json:"beats"` // of the bar, from 0, in order; none means all
	Instrument string `json:"instrument"`
	Online     bool   `json:"online"`
	// Animal is the place in the list of animals of a generated name, -1 for
	// a name of his own: for whoever wants to say it in another language.
	Animal int `json:"-"`
}

// seated is a member with what only the room knows of him.
type seated struct {
	Member
	guest  bool              // has no secret; his seat goes when he does
	before string            // his role before a token made him a teacher; empty if none did
	resume [sha256.Size]byte // of the secret that gives the seat back; zero for guests and staff
	conns  int
	came   bool         // was online at least once
	since  clock.Millis // when he was last online, or sat down
	beats  uint16       // Member.Beats as bits; 0 means all
	voice
}

// people is who is in a room.
type people struct {
	byID     map[string]*seated
	byResume map[[sha256.Size]byte]*seated
	seats    [Seats]*seated
	lastIn   [Seats]string // id of who sits or sat in each seat
	seq      [Seats]uint16 // number of each seat's last note event
	removed  [][sha256.Size]byte
}

func newPeople() people {
	return people{byID: make(map[string]*seated), byResume: make(map[[sha256.Size]byte]*seated)}
}

// addLocked puts a member into his seat, which is free.
func (p *people) addLocked(m *seated) {
	p.byID[m.ID], p.seats[m.Seat], p.lastIn[m.Seat] = m, m, m.ID
	if m.resume != ([sha256.Size]byte{}) {
		p.byResume[m.resume] = m
	}
}

// dropLocked takes a member out of his seat.
func (r *Room) dropLocked(now clock.Millis, m *seated) Change {
	ended := r.silenceLocked(nil, m, now)
	delete(r.byID, m.ID)
	delete(r.byResume, m.resume)
	r.seats[m.Seat] = nil
	return Change{
		Event:   wire.EventMemberRemoved,
		Payload: MemberRemoved{Revision: r.nextRevisionLocked(), StudentID: m.ID},
		Notes:   ended,
	}
}

func (r *Room) memberChangedLocked(m *seated) Change {
	return Change{
		Event:   wire.EventMemberChanged,
		Payload: MemberChanged{Revision: r.nextRevisionLocked(), Member: m.Member},
	}
}

// Connect says that a member's device is here; a member may have several.
// Unknown members are ignored.
func (r *Room) Connect(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return nil
	}
	m.since, m.came = now, true
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
	m.since = now
	if m.conns--; m.conns > 0 {
		return nil
	}
	ended := r.silenceLocked(nil, m, now)
	m.Online = false
	m.uncast()
	c := r.memberChangedLocked(m)
	c.Notes = ended
	return []Change{c}
}

// Release gives up the seat of somebody who is offline and will not come back:
// a guest who left. He may come again as somebody new.
func (r *Room) Release(now clock.Millis, id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok || m.conns > 0 {
		return nil
	}
	return []Change{r.dropLocked(now, m)}
}

// Resign gives up the seat of a member who says so, also while he is here; his
// secret opens nothing any more. He may come again as somebody new.
func (r *Room) Resign(now clock.Millis, id string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	return []Change{r.dropLocked(now, m)}, nil
}

// Recast makes a member a teacher because his token now says so, or ends that.
// It lasts while he is connected; his seat stays. Who sat down as a teacher or
// a stage, and is no guest, remains one in name: what he may do is for his
// token to say.
func (r *Room) Recast(now clock.Millis, id string, teacher bool) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	var ended []wire.NoteEvent
	switch {
	case !ok:
		return nil
	case teacher && !staff(m.Role):
		m.Role, m.before = RoleTeacher, m.Role
	case !teacher && m.before != "":
		m.uncast()
		if r.manner.Quiet {
			ended = r.silenceLocked(nil, m, now)
		}
	default:
		return nil
	}
	c := r.roleAssignedLocked(m)
	c.Notes = ended
	return []Change{c}
}

// uncast gives a member back the role that he had before [Room.Recast].
func (m *seated) uncast() {
	if m.before != "" {
		m.Role, m.before = m.before, ""
	}
}

// Rename gives a member a nickname of his own. The errors are names.ErrName and
// ErrNoMember.
func (r *Room) Rename(id, name string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	name, err := r.checkNameLocked(m, m.Role, name)
	if err != nil {
		return nil, err
	}
	m.Name, m.Animal = name, noAnimal
	return []Change{r.memberChangedLocked(m)}, nil
}

// Shuffle gives a member another generated nickname. The error is ErrNoMember.
func (r *Room) Shuffle(id string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok {
		return nil, ErrNoMember
	}
	m.Name, m.Animal = r.generateNameLocked(m.Seat, m.Role)
	return []Change{r.memberChangedLocked(m)}, nil
}
