package room

import (
	"fmt"

	"downbeat.local/sync/clock"
)

// Applicant asks for a seat.
type Applicant struct {
	Name   string // a nickname; empty for a generated one
	Role   string // RoleTeacher, RoleStage or RoleStudent; empty means the last
	Resume string // the secret of an earlier seat; empty for a new seat
	// Guest marks an applicant that cannot come back to their seat. A guest
	// never gets the seat of another member, and is not in a Snapshot.
	Guest bool
	// Address is the applicant's network address without a port; empty on this
	// machine. It is only compared, and is not in a Snapshot.
	Address string
	// Device tells devices behind one address apart; empty if it is not known. It is
	// only compared, and what the teacher decides about a student follows it.
	Device string
	// MIDI is the name of the port of a keyboard that is plugged into the box.
	// Keyboards are no new students: they come in when the room is locked.
	MIDI string
	// OnStage says that such a keyboard sounds on the stage alone.
	OnStage bool
}

// Seat is what an applicant gets.
type Seat struct {
	Member
	// Resume gives the same seat again, even when the room is locked. It is
	// empty for guests, teachers and the stage: a secret that lies in a
	// browser must never make its holder a teacher.
	Resume string
}

// Join gives an applicant a seat: the one that Resume opens, or a new one. A
// teacher and a stage get the one seat of their kind again. A secret that opens
// no seat counts as none. The errors are ErrLocked, ErrFull, ErrRemoved and
// names.ErrName, which may be wrapped.
func (r *Room) Join(now clock.Millis, a Applicant) (Seat, []Change, error) {
	if a.Role == "" {
		a.Role = RoleStudent
	}
	if a.Role != RoleStudent && !staff(a.Role) {
		return Seat{}, nil, fmt.Errorf("no member joins as %q", a.Role)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := r.roster.returning(a)
	switch {
	case err != nil:
		return Seat{}, nil, err
	case m != nil:
		seat, changed, err := r.roster.rejoin(m, a)
		if !changed {
			return seat, nil, err
		}
		return seat, []Change{r.revision.memberChanged(m)}, nil
	case r.roster.locked && !staff(a.Role) && a.MIDI == "":
		return Seat{}, nil, ErrLocked
	}
	return r.joinNewLocked(now, a)
}

// Returning finds the member whose seat a secret gives back.
func (r *Room) Returning(resume string) (Member, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := r.roster.returning(Applicant{Role: RoleStudent, Resume: resume})
	if err != nil || m == nil {
		return Member{}, false
	}
	return m.Member, true
}

// rejoin gives a member their seat back, under another name if they ask for
// one. The returned role is the one that the secret gives, never a promotion.
func (p *roster) rejoin(m *seated, a Applicant) (seat Seat, changed bool, err error) {
	if a.Name != "" && a.Name != m.Name {
		if err := p.rename(m, a.Name); err != nil {
			return Seat{}, false, err
		}
		changed = true
	}
	if m.MIDI != a.MIDI || m.OnStage != a.OnStage {
		m.MIDI, m.OnStage, changed = a.MIDI, a.OnStage, true
	}
	if staff(a.Role) {
		return Seat{Member: m.Member}, changed, nil
	}
	if a.Device != "" {
		m.device = a.Device
	}
	seat = Seat{Member: m.Member, Resume: a.Resume}
	if m.before != "" {
		seat.Role = m.before
	}
	return seat, changed, nil
}

func (r *Room) joinNewLocked(now clock.Millis, a Applicant) (s Seat, changes []Change, err error) {
	if a.Name != "" {
		if a.Name, err = r.roster.checkName(nil, a.Role, a.Name); err != nil {
			return Seat{}, nil, err
		}
	}
	evicted, err := r.roster.makeRoom(now, a)
	if err != nil {
		return Seat{}, nil, err
	}
	suspect := r.roster.suspects(now) // before a muted member is evicted
	if evicted != nil {
		changes = append(changes, r.goneLocked(now, evicted, false)...)
	}
	was, muted := r.roster.silenced(a.Device)
	m, resume, err := r.roster.add(now, a)
	if err != nil {
		return Seat{}, changes, err
	}
	m.Muted, m.was = (suspect || muted) && !staff(a.Role) && a.MIDI == "", was
	m.suspect = m.Muted && !muted
	r.voices.open(m.Seat)
	changes = append(changes, r.revision.memberChanged(m))
	changes = append(changes, command{room: r, now: now}.welcome(m)...)
	return Seat{Member: m.Member, Resume: resume}, r.heardAnewLocked(now, changes), nil
}

// goneLocked ends the notes of a member that the roster has removed. expelled says
// that the teacher removed them. If they played alone, everybody plays again.
func (r *Room) goneLocked(now clock.Millis, m *seated, expelled bool) []Change {
	if expelled || m.Muted {
		r.roster.silencedAt = now
	}
	r.roster.sanctions.add(m, expelled)
	if m.studies() {
		r.lesson.leave(now, r.roster.present())
	}
	c := r.revision.memberRemoved(m, expelled)
	c.Notes = r.voices.silence(nil, m.Seat, now)
	changes := []Change{c}
	if r.alone.StudentID == m.ID {
		r.alone = Target{}
		changes = append(changes, r.revision.aloneChanged(r.alone))
	}
	for _, l := range r.roster.seats {
		if l != nil && l.listening.StudentID == m.ID {
			l.listening = Target{}
			changes = append(changes, listeningChanged(l))
		}
	}
	return r.heardAnewLocked(now, changes)
}
