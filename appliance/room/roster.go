package room

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// seated is a member with what only the room knows of them.
type seated struct {
	Member
	guest  bool              // has no secret; the seat is free when they go
	before string            // the role before Promote; empty without a promotion
	resume [sha256.Size]byte // hash of the secret for the seat; zero for guests and staff
	conns  int
	came   bool         // was online at least once
	since  clock.Millis // when they were last online, or joined
	joined clock.Millis // when they joined; 0 before the box started
	beats  uint16       // Member.Beats as bits; 0 means all
	// listening is whom a teacher listens in to, and ear the place where they do.
	listening Target
	ear       wire.Place
	// address is where they joined from; empty is this machine, or unknown.
	address string
	device  string // tells devices at the address apart; empty if it is not known
	was     string // as [Room.Was]
	suspect bool   // muted from the start because somebody else was, not by the teacher
}

// roster is the members of a room and their seats. Room.mu guards it.
type roster struct {
	capacity int  // seats for students
	locked   bool // no new students
	byID     map[string]*seated
	byResume map[[sha256.Size]byte]*seated
	seats    [Seats]*seated
	lastIn   [Seats]string // id of the member now or last in each seat
	removed  [][sha256.Size]byte
	expelled []string // ids of the removed and the forgotten members, oldest first
	// sanctions are about the devices of muted and removed students.
	sanctions sanctions
	// silencedAt is when a member was removed or left while muted; 0 is never.
	silencedAt clock.Millis
}

func newRoster(capacity int) roster {
	return roster{
		capacity: capacity,
		byID:     make(map[string]*seated), byResume: make(map[[sha256.Size]byte]*seated),
	}
}

// add makes an applicant a member in a free seat, and returns the secret for
// that seat. The caller has made room and checked the name. The error is
// ErrFull.
func (p *roster) add(now clock.Millis, a Applicant) (m *seated, resume string, err error) {
	seat, ok := p.freeSeat(a.Role)
	if !ok {
		return nil, "", ErrFull // makeRoom rules this out
	}
	m = &seated{
		Member: Member{
			ID: uuid.NewString(), Seat: seat, Role: a.Role, Name: a.Name,
			Beats: []int{}, Instrument: DefaultInstrument, Animal: noAnimal, MIDI: a.MIDI, OnStage: a.OnStage,
		},
		guest: a.Guest, address: a.Address, device: a.Device,
		since: now, joined: now,
	}
	if a.Guest && a.Role == RoleTeacher {
		m.before = RoleStudent // a teacher while the token says so
	}
	if a.Name == "" {
		m.Name, m.Animal = p.generateName(seat, a.Role)
	}
	if !a.Guest && !staff(a.Role) {
		resume = rand.Text()
		m.resume = sha256.Sum256([]byte(resume))
	}
	p.seat(m)
	return m, resume, nil
}

// seat puts a member into their seat, which is free.
func (p *roster) seat(m *seated) {
	p.byID[m.ID], p.seats[m.Seat], p.lastIn[m.Seat] = m, m, m.ID
	if m.resume != ([sha256.Size]byte{}) {
		p.byResume[m.resume] = m
	}
}

// remove takes a member out of their seat.
func (p *roster) remove(m *seated) {
	delete(p.byID, m.ID)
	delete(p.byResume, m.resume)
	p.seats[m.Seat] = nil
}

// present reports whether any student is here with a page.
func (p *roster) present() bool {
	return slices.ContainsFunc(p.seats[:], func(m *seated) bool { return m != nil && m.conns > 0 && m.studies() })
}

// studies reports whether a member is a student: neither staff nor a keyboard.
func (m *seated) studies() bool { return !staff(m.Role) && m.MIDI == "" }

// members lists copies of all members, by seat.
func (p *roster) members() []Member {
	all := make([]Member, 0, len(p.byID))
	for _, m := range p.seats {
		if m != nil {
			all = append(all, m.Member)
		}
	}
	return all
}

// freeSeat finds a seat for a new member: students fill the ring from the
// front, staff from the back.
func (p *roster) freeSeat(role string) (seat uint8, ok bool) {
	if staff(role) {
		for i := Seats - 1; i >= staffSeats; i-- {
			if p.seats[i] == nil {
				return uint8(i), true
			}
		}
		return 0, false
	}
	for i := range staffSeats {
		if p.seats[i] == nil {
			return uint8(i), true
		}
	}
	return 0, false
}

// returning finds the member that an applicant was before; nil for a new one.
// The error is ErrRemoved.
func (p *roster) returning(a Applicant) (*seated, error) {
	switch {
	case a.Guest:
		return nil, nil
	case staff(a.Role):
		for _, m := range p.seats[staffSeats:] {
			if m != nil && m.Role == a.Role && !m.guest {
				return m, nil
			}
		}
		return nil, nil
	}
	if s := p.sanctions.of(a.Device); s != nil && s.Removed {
		return nil, ErrRemoved
	}
	if a.Resume == "" {
		return nil, nil
	}
	hash := sha256.Sum256([]byte(a.Resume))
	if slices.Contains(p.removed, hash) {
		return nil, ErrRemoved
	}
	return p.byResume[hash], nil
}

// rename gives a member a nickname of their own choice. The error wraps
// names.ErrName.
func (p *roster) rename(m *seated, typed string) error {
	name, err := p.checkName(m, m.Role, typed)
	if err == nil {
		m.Name, m.Animal = name, noAnimal
	}
	return err
}

// How long a seat stays with a member who is not connected.
const (
	// awayGrace is for a student who was here: a break, a fire drill, a
	// Chromebook that was shut to listen. If it were shorter, anyone with the
	// code could evict a class.
	awayGrace = 15 * time.Minute
	// returnGrace is what is left of awayGrace when the box starts. An open
	// page comes back by itself, and the box cannot know how long the others
	// have been away.
	returnGrace = 30 * time.Second
	// comingGrace is for a member who has joined and never connected. Those
	// seats go first: a program can take any number of them.
	comingGrace = 10 * time.Second
)

// staffGuests is how many teachers may be guests: they leave one seat for the
// teacher and one for the stage.
const staffGuests = Seats - staffSeats - 2

var errManyTeachers = fmt.Errorf("%w: it has %d teachers with a token already", ErrFull, staffGuests)

// makeRoom makes sure that there is a seat of the kind that an applicant
// takes. In a full room a member loses theirs and is returned: the one who has
// been offline for longest, or else one of a device that has taken many seats. The
// error is ErrFull.
func (p *roster) makeRoom(now clock.Millis, a Applicant) (evicted *seated, err error) {
	row, capacity := p.seats[:staffSeats], p.capacity
	if staff(a.Role) {
		row, capacity = p.seats[staffSeats:], Seats-staffSeats
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
		return nil, errManyTeachers
	case taken < capacity:
		return nil, nil
	}
	if idle == nil || now.Sub(idle.since) < idle.grace() {
		idle = crowding(row, a)
	}
	if idle == nil {
		return nil, ErrFull
	}
	p.remove(idle)
	return idle, nil
}

// household is how many seats an address keeps whatever others want.
const household = 8

// deviceSeats is how many seats a device keeps that shares its address with others:
// a student's own, and one that a second browser on it has.
const deviceSeats = 2

// crowding returns the member who makes room for an applicant: of the address with
// the most seats, if those are more than a household and than the applicant's own
// address has, or else of the applicant's address and the device with the most. It
// returns nil if there is none. A class behind one router is one address, and shares
// a full room with others. Devices that are not known count as one.
func crowding(row []*seated, a Applicant) *seated {
	gone := mostOf(row, func(m *seated) (string, bool) { return m.address, true }, a.Address, household)
	if gone != nil || a.Address == "" || a.Device == "" {
		return gone
	}
	device := func(m *seated) (string, bool) { return m.device, m.address == a.Address }
	return mostOf(row, device, a.Device, deviceSeats)
}

// mostOf returns the member who gives up a seat first among those of the holder
// with the most, if those are more than least and than own has, with one more. of
// names the holder of a member's seat, and says whether it counts.
func mostOf(row []*seated, of func(*seated) (string, bool), own string, least int) (gone *seated) {
	seats := make(map[string]int)
	for _, m := range row {
		if m == nil || m.MIDI != "" {
			continue
		}
		if holder, counts := of(m); counts {
			seats[holder]++
		}
	}
	least = max(least, seats[own]+1)
	most := 0
	for _, m := range row {
		if m == nil || m.MIDI != "" || m.address == "" {
			continue
		}
		holder, counts := of(m)
		if n := seats[holder]; counts && holder != own && n > least && (n > most || n == most && m.yieldsBefore(gone)) {
			gone, most = m, n
		}
	}
	return gone
}

// yieldsBefore reports whether m loses a seat of a crowding device before another
// of that device does.
func (m *seated) yieldsBefore(other *seated) bool {
	if away := m.conns == 0; away != (other.conns == 0) {
		return away
	}
	return m.joined > other.joined
}

// goesBefore reports whether m loses the seat before other does: first the
// members who never connected, then those who left longest ago.
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

// suspicion is how long after a removal new members begin muted: a lesson, with
// what comes before and after it.
const suspicion = time.Hour

// suspects reports whether a new member begins muted. A student who was muted or
// removed could come back at once as a new one.
func (p *roster) suspects(now clock.Millis) bool {
	if p.silencedAt > 0 && now.Sub(p.silencedAt) < suspicion {
		return true
	}
	return slices.ContainsFunc(p.seats[:staffSeats], func(m *seated) bool { return m != nil && m.Muted && m.MIDI == "" })
}

// maxRemoved bounds the list of removed members; the oldest are forgotten. A
// removed student can come back as a new one only with another device, and begins
// muted. Locking the room stops that too.
const maxRemoved = 512

// ban makes a member's secret open nothing any more.
func (p *roster) ban(m *seated) {
	if m.guest || staff(m.Role) {
		return
	}
	if len(p.removed) >= maxRemoved {
		p.removed = slices.Delete(p.removed, 0, 1)
	}
	p.removed = append(p.removed, m.resume)
	p.expel(m.ID)
}

// pardon undoes a ban.
func (p *roster) pardon(m *seated) {
	p.removed = slices.DeleteFunc(p.removed, func(hash [sha256.Size]byte) bool { return hash == m.resume })
	p.expelled = slices.DeleteFunc(p.expelled, func(id string) bool { return id == m.ID })
}

// students is how many students have a seat.
func (p *roster) students() (n int) {
	for _, m := range p.seats[:staffSeats] {
		if m != nil {
			n++
		}
	}
	return n
}

// expel makes the tokens of a member send no more words.
func (p *roster) expel(id string) {
	if len(p.expelled) >= maxRemoved {
		p.expelled = slices.Delete(p.expelled, 0, 1)
	}
	p.expelled = append(p.expelled, id)
}
