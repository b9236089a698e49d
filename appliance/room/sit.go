package room

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"downbeat.local/sync/clock"
)

// Applicant is somebody who wants a seat.
type Applicant struct {
	Name   string // a nickname; empty for a generated one
	Role   string // RoleTeacher, RoleStage or RoleStudent; empty means the last
	Resume string // the secret of an earlier seat; empty for a new one
	// Guest is for who has no way to come back to his seat: he shares it with
	// nobody, and it does not outlive the box.
	Guest bool
}

// Seat is what an applicant gets.
type Seat struct {
	Member
	// Resume gives the same seat again, also when the room is locked. Guests,
	// teachers and the stage have none: nobody becomes a teacher by a secret
	// that lies in a browser.
	Resume string
}

// awayGrace is how long a student may be away before his seat can go to
// somebody else in a full room: a break, a fire drill, a Chromebook that was
// shut to listen. Shorter, and whoever knows the code evicts a class.
const awayGrace = 15 * time.Minute

// returnGrace is what is left of it when the box starts: whose page is open
// comes back by itself, and nobody knows how long the others have been away.
const returnGrace = 30 * time.Second

// comingGrace is how long somebody who has taken a seat has to connect. Seats
// that nobody ever came to go first: a program can take any number of them.
const comingGrace = 10 * time.Second

// Sit gives somebody a seat: the one that Resume opens, or a new one. A
// teacher and a stage find the one seat of their kind again. A secret that
// opens nothing any more is as good as none. The errors are ErrLocked,
// ErrFull, ErrRemoved and names.ErrName, which may be wrapped.
func (r *Room) Sit(now clock.Millis, a Applicant) (Seat, []Change, error) {
	if a.Role == "" {
		a.Role = RoleStudent
	}
	if a.Role != RoleStudent && !staff(a.Role) {
		return Seat{}, nil, fmt.Errorf("nobody comes in as %q", a.Role)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := r.formerLocked(a)
	switch {
	case err != nil:
		return Seat{}, nil, err
	case m != nil:
		return r.sitAgainLocked(m, a)
	case r.locked && !staff(a.Role):
		return Seat{}, nil, ErrLocked
	}
	return r.sitNewLocked(now, a)
}

// Former is the member whose seat a secret gives back; false if it gives none.
func (r *Room) Former(resume string) (Member, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := r.formerLocked(Applicant{Role: RoleStudent, Resume: resume})
	if err != nil || m == nil {
		return Member{}, false
	}
	return m.Member, true
}

// formerLocked is the member who comes back, nil for somebody new.
func (r *Room) formerLocked(a Applicant) (*seated, error) {
	switch {
	case a.Guest:
		return nil, nil
	case staff(a.Role):
		for _, m := range r.seats[staffSeats:] {
			if m != nil && m.Role == a.Role && !m.guest {
				return m, nil
			}
		}
		return nil, nil
	case a.Resume == "":
		return nil, nil
	}
	hash := sha256.Sum256([]byte(a.Resume))
	if slices.Contains(r.removed, hash) {
		return nil, ErrRemoved
	}
	return r.byResume[hash], nil
}

// sitAgainLocked gives a member his seat back, under another name if he asks
// for one. What he is told is what his secret gives, which is no teacher.
func (r *Room) sitAgainLocked(m *seated, a Applicant) (Seat, []Change, error) {
	var changes []Change
	if a.Name != "" && a.Name != m.Name {
		name, err := r.checkNameLocked(m, m.Role, a.Name)
		if err != nil {
			return Seat{}, nil, err
		}
		m.Name, m.Animal = name, noAnimal
		changes = append(changes, r.memberChangedLocked(m))
	}
	if staff(a.Role) {
		return Seat{Member: m.Member}, changes, nil
	}
	seat := Seat{Member: m.Member, Resume: a.Resume}
	if m.before != "" {
		seat.Role = m.before
	}
	return seat, changes, nil
}

func (r *Room) sitNewLocked(now clock.Millis, a Applicant) (Seat, []Change, error) {
	name := ""
	if a.Name != "" {
		var err error
		if name, err = r.checkNameLocked(nil, a.Role, a.Name); err != nil {
			return Seat{}, nil, err
		}
	}
	changes, err := r.makeRoomLocked(now, a)
	if err != nil {
		return Seat{}, nil, err
	}
	number, ok := r.freeSeatLocked(a.Role)
	if !ok {
		return Seat{}, nil, ErrFull // makeRoomLocked saw to it that this does not happen
	}
	m := &seated{
		Member: Member{
			ID: uuid.NewString(), Seat: number, Role: a.Role, Name: name,
			Beats: []int{}, Instrument: DefaultInstrument, Animal: noAnimal,
		},
		guest: a.Guest,
		since: now,
	}
	if a.Guest && a.Role == RoleTeacher {
		m.before = RoleStudent // a teacher by his token, and for as long as it says so
	}
	if name == "" {
		m.Name, m.Animal = r.generateNameLocked(number, a.Role)
	}
	resume := ""
	if !a.Guest && !staff(a.Role) {
		resume = rand.Text()
		m.resume = sha256.Sum256([]byte(resume))
	}
	r.addLocked(m)
	return Seat{Member: m.Member, Resume: resume}, append(changes, r.memberChangedLocked(m)), nil
}

// staffGuests is how many teachers may be guests: they leave a seat for the
// teacher and one for the stage.
const staffGuests = Seats - staffSeats - 2

// makeRoomLocked sees to it that there is a free seat of the kind that an
// applicant takes: in a full room the member who has been offline for longest
// loses his. The error is ErrFull.
func (r *Room) makeRoomLocked(now clock.Millis, a Applicant) ([]Change, error) {
	row, capacity := r.seats[:staffSeats], r.capacity
	if staff(a.Role) {
		row, capacity = r.seats[staffSeats:], Seats-staffSeats
	}
	taken, guests := 0, 0
	var idle *seated
	for _, m := range row {
		if m == nil {
			continue
		}
		taken++
		if m.guest {
			guests++
		}
		if m.conns == 0 && (idle == nil || m.goesBefore(idle)) {
			idle = m
		}
	}
	switch {
	case a.Guest && staff(a.Role) && guests >= staffGuests:
		return nil, ErrFull
	case taken < capacity:
		return nil, nil
	case idle == nil || now.Sub(idle.since) < idle.grace():
		return nil, ErrFull
	}
	return []Change{r.dropLocked(now, idle)}, nil
}

// goesBefore reports whose seat is free first: one that nobody ever came to,
// then the one that was left longest ago.
func (m *seated) goesBefore(other *seated) bool {
	if m.came != other.came {
		return !m.came
	}
	return m.since < other.since
}

func (m *seated) grace() time.Duration {
	if m.came {
		return awayGrace
	}
	return comingGrace
}

// maxRemoved bounds the memory of who was removed: the oldest are forgotten.
// Who comes back as somebody new is not known anyway; against that a teacher
// locks the room.
const maxRemoved = 512

// banLocked sees to it that a member's secret opens nothing any more.
func (p *people) banLocked(m *seated) {
	if m.guest || staff(m.Role) {
		return
	}
	if len(p.removed) >= maxRemoved {
		p.removed = slices.Delete(p.removed, 0, 1)
	}
	p.removed = append(p.removed, m.resume)
}
