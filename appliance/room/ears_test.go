package room

import (
	"downbeat.local/appliance/wire"
	"pgregory.net/rapid"
)

// ear is what one member's devices hear: the notes that reached them and have not
// ended there.
type ear struct {
	at     wire.Place
	sounds map[[2]uint8]bool
}

// hear gives an event to every member who listens where it is heard, and checks that
// they may hear it.
func (c *class) hear(t *rapid.T, e wire.NoteEvent) {
	for id, ear := range c.ears {
		if e.Except.Has(ear.at) {
			continue
		}
		key := [2]uint8{e.Seat, e.Note}
		if e.Velocity == 0 {
			delete(ear.sounds, key)
			continue
		}
		if !c.mayHear(id, e.Seat) {
			t.Fatalf("%s hears %+v at place %d", id, e, ear.at)
		}
		ear.sounds[key] = true
	}
}

// mayHear says, from the state that clients see, whether a member may hear the one in
// a seat.
func (c *class) mayHear(id string, seat uint8) bool {
	s := c.room.State(c.now, id)
	var listener, player Member
	grouped := false
	for _, m := range s.Members {
		if m.ID == id {
			listener = m
		}
		if m.Seat == seat {
			player = m
		}
		grouped = grouped || m.Group != 0
	}
	to := s.You.ListenIn
	switch {
	case listener.Role == RoleTeacher && to != nil:
		return to.StudentID == player.ID || to.Group != 0 && to.Group == player.Group
	case listener.Role == RoleStage, staff(player.Role), !grouped, s.Hearing == HearAll:
		return true
	}
	return listener.Group == player.Group
}

// moveEars brings every member to where they listen now. Who has moved gets what
// sounds there: the rest of what they heard ends.
func (c *class) moveEars() {
	places, held := c.room.Places(), c.room.Held(nil)
	for id := range c.ears {
		if _, ok := c.room.Member(id); !ok {
			delete(c.ears, id)
		}
	}
	for _, m := range c.room.roster.members() {
		at := places[m.Seat]
		old := c.ears[m.ID]
		if old != nil && old.at == at {
			continue
		}
		next := &ear{at: at, sounds: map[[2]uint8]bool{}}
		for _, h := range held {
			if key := [2]uint8{h.Seat, h.Note}; old != nil && old.sounds[key] && !h.Except.Has(at) {
				next.sounds[key] = true
			}
		}
		c.ears[m.ID] = next
	}
}

// checkEars: no note goes on for a member after it has ended.
func (c *class) checkEars(t *rapid.T) {
	for id, ear := range c.ears {
		for key := range ear.sounds {
			if _, ok := c.sounding[key]; !ok {
				t.Fatalf("%s still hears note %d of seat %d", id, key[1], key[0])
			}
		}
	}
}

// mayAlone reports whether a member may play, as far as somebody plays alone.
func mayAlone(alone *Target, m Member) bool {
	return alone == nil || alone.StudentID == m.ID || alone.Group != 0 && alone.Group == m.Group
}
