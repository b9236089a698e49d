package room

import (
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Hearings say what the groups of a class hear.
const (
	HearGroup = "group" // each group itself and the teacher
	HearAll   = "all"   // everybody
)

var hearings = []string{HearGroup, HearAll}

// hearing is where the notes of each seat are not heard. It is computed after each
// change, so that a note only looks it up. Room.mu guards it.
type hearing struct {
	apart  bool // there are groups, and they hear only themselves
	except [Seats]wire.Places
}

func newHearing(p *roster, who string) (h hearing) {
	var listeners []*seated
	for _, m := range p.seats {
		if m == nil {
			continue
		}
		h.apart = h.apart || who == HearGroup && m.Group != 0
		if m.listensIn() {
			listeners = append(listeners, m)
		}
	}
	for _, m := range p.seats {
		if m == nil {
			continue
		}
		if h.apart && !staff(m.Role) {
			h.except[m.Seat] = wire.GroupPlaces.Without(m.Group.place())
		}
		for _, l := range listeners {
			if !l.listening.includes(m) {
				h.except[m.Seat] = h.except[m.Seat].With(l.ear)
			}
		}
	}
	return h
}

// listensIn reports whether a member hears only whom they listen in to.
func (m *seated) listensIn() bool { return m.Role == RoleTeacher && !m.listening.isNone() }

// place is where a member listens.
func (h *hearing) place(m *seated) wire.Place {
	switch {
	case m.Role == RoleStage:
		return wire.PlaceAll
	case m.listensIn():
		return m.ear
	case h.apart:
		return m.Group.place()
	}
	return wire.PlaceAll
}

// rehearLocked computes anew who hears whom. Notes that would be heard elsewhere now
// end, where they are heard. What teachers listen in to ends no note: nobody is told.
func (r *Room) rehearLocked(now clock.Millis) (ended []wire.NoteEvent) {
	before := r.hearing.except
	r.hearing = newHearing(&r.roster, r.settings.Hearing)
	for seat, except := range r.hearing.except {
		if (except^before[seat])&^wire.ListeningPlaces != 0 && r.voices.seats[seat] != nil {
			ended = r.voices.silence(ended, uint8(seat), now)
		}
	}
	return ended
}

// heardAnewLocked adds to changes the notes that end because others hear them now.
func (r *Room) heardAnewLocked(now clock.Millis, changes []Change) []Change {
	ended := r.rehearLocked(now)
	if len(changes) > 0 {
		changes[0].Notes = append(changes[0].Notes, ended...)
	}
	return changes
}

// Places is where the members in each seat listen. An empty seat is PlaceAll.
func (r *Room) Places() (places [Seats]wire.Place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for seat, m := range r.roster.seats {
		places[seat] = wire.PlaceAll
		if m != nil {
			places[seat] = r.hearing.place(m)
		}
	}
	return places
}
