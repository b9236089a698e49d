package musicroom

import (
	"bytes"
	"context"
	"maps"
	"time"

	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// The lobby tells the staff of a room, and only them, who is in: the devices
// without a seat, and how far each student is. It is put together apart from the
// notes, at most twice a second, and kept in memory.

const (
	// lobbyEvery is how often a lobby may change on the screens of the staff.
	lobbyEvery = 500 * time.Millisecond
	// lobbyAgain is how soon it is sent again unchanged: a slow client may have
	// dropped it.
	lobbyAgain = 10 * time.Second
	// comingFor is how long a seat without a connection counts as a student that
	// reads their name. After it the page has been closed.
	comingFor = 3 * time.Minute
	// unheardAfter is how long a device may be silent that has reported before: four
	// reports and a half. A shut lid is noticed long before its socket is closed.
	unheardAfter = 15 * time.Second
	// missedFor is how long a student is missed whose connection was lost. After it
	// they have gone home.
	missedFor = 10 * time.Minute
)

// Steps of a student on the way in, as on the wire.
const (
	stepComing = "coming" // has a seat, and has not pressed Play
	stepSilent = "silent" // is here, and the browser keeps the page silent
	stepIn     = "in"     // is here
	stepPlayed = "played" // is here and has played a note
	stepMissed = "missed" // was here, and is not heard any more
	stepAway   = "away"   // has left, or was not here for long
)

// progress is how far a member is, as far as the rules do not know it.
type progress struct {
	coming clock.Millis // when they took their seat, if they have not come since; else 0
	missed clock.Millis // when their connection was lost, if it was; else 0
	heard  clock.Millis // when their device reported last, since they came; 0 if it has not
	since  clock.Millis // when their step began
	silent bool
	played bool

	dismissed clock.Millis // when the teacher said that they need no help; 0 if they have not
}

// lobbyMember is a student in the lobby.
type lobbyMember struct {
	ID    string       `json:"student_id"`
	Step  string       `json:"step"`
	Since clock.Millis `json:"since"` // when it began; 0 if that is not known
	// Dismissed means that the teacher has said that they need no help at this step.
	Dismissed bool `json:"dismissed,omitempty"`
	// Was is the name under which the teacher muted their device; empty if they did
	// not. Only teachers see it.
	Was string `json:"was,omitempty"`
}

// lobbyState is the payload of lobby_changed.
type lobbyState struct {
	Expected int             `json:"expected"` // by the teacher; 0 if they have not said
	Visitors []lobby.Visitor `json:"visitors"`
	Members  []lobbyMember   `json:"members"`
}

// tellLobbies keeps the staff of every room informed until ctx ends.
func (rs *Rooms) tellLobbies(ctx context.Context) {
	tick := time.NewTicker(lobbyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, r := range rs.list() {
			r.tellLobby()
		}
	}
}

// tellLobby sends the lobby to the staff that do not have it yet.
func (r *Room) tellLobby() {
	r.mu.Lock()
	defer r.mu.Unlock()
	staff := r.staffLocked()
	if len(staff) == 0 {
		return
	}
	now := r.now()
	state := lobbyState{Expected: r.expected, Visitors: r.visitors.List(now, r.rules.Code()), Members: r.lobbyMembersLocked(now)}
	teachers := encode(state)
	for i := range state.Visitors {
		state.Visitors[i].Typed = "" // the whole class reads the stage
	}
	for i := range state.Members {
		state.Members[i].Was = ""
	}
	stage := encode(state)
	for _, c := range staff {
		payload := stage
		if c.teacher {
			payload = teachers
		}
		c.tellLobbyLocked(now, payload)
	}
}

// staffLocked lists the clients of teachers and of the stage.
func (r *Room) staffLocked() (staff []*Client) {
	for _, clients := range r.clients {
		for _, c := range clients {
			if (c.teacher || c.stage) && c.member != nil {
				staff = append(staff, c)
			}
		}
	}
	return staff
}

// tellLobbyLocked sends a lobby to one client, unless they have it.
func (c *Client) tellLobbyLocked(now clock.Millis, payload []byte) {
	if bytes.Equal(payload, c.lobby) && now.Sub(c.lobbyAt) < lobbyAgain {
		return
	}
	c.lobby, c.lobbyAt = payload, now
	c.member.SendDroppable(wire.EventLobby, payload)
}

// lobbyMembersLocked lists the students and how far each is. Keyboards of the box
// are no students that somebody waits for.
func (r *Room) lobbyMembersLocked(now clock.Millis) []lobbyMember {
	members := r.rules.State(now, "").Members
	all := make([]lobbyMember, 0, len(members))
	for _, m := range members {
		if m.Role == room.RoleTeacher || m.Role == room.RoleStage || m.MIDI != "" {
			continue
		}
		p := r.progress[m.ID]
		if p == nil {
			p = &progress{}
		}
		step, since := p.step(now, m.Online)
		all = append(all, lobbyMember{ID: m.ID, Step: step, Since: since, Dismissed: p.dismissed > since, Was: r.rules.Was(m.ID)})
	}
	return all
}

// step names how far a member is, and since when.
func (p *progress) step(now clock.Millis, online bool) (step string, since clock.Millis) {
	switch {
	case online && p.heard > 0 && now.Sub(p.heard) > unheardAfter:
		return stepMissed, p.heard
	case online && p.silent:
		return stepSilent, p.since
	case online && p.played:
		return stepPlayed, p.since
	case online:
		return stepIn, p.since
	case p.coming > 0 && now.Sub(p.coming) < comingFor:
		return stepComing, p.since
	case p.missed > 0 && now.Sub(p.missed) < missedFor:
		return stepMissed, p.since
	}
	return stepAway, p.since
}

// progressLocked is how far a member is. It forgets those who are no members any
// more before it would know more than there are seats.
func (r *Room) progressLocked(id string) *progress {
	if p := r.progress[id]; p != nil {
		return p
	}
	if len(r.progress) >= room.Seats {
		maps.DeleteFunc(r.progress, func(id string, _ *progress) bool {
			_, seated := r.rules.Member(id)
			return !seated
		})
	}
	p := &progress{}
	r.progress[id] = p
	return p
}

// coming notes that a member has taken their seat and is not connected yet.
func (r *Room) coming(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m, ok := r.rules.Member(id); ok && !m.Online {
		p, now := r.progressLocked(id), r.now()
		p.coming, p.missed, p.since, p.silent = now, 0, now, false
	}
}

// cameLocked notes that a member is connected.
func (r *Room) cameLocked(id string) {
	p := r.progressLocked(id)
	p.coming, p.missed, p.heard, p.since = 0, 0, 0, r.now()
}

// wentLocked notes that a member is not connected any more. Somebody misses them
// if they did not leave.
func (r *Room) wentLocked(id string, lost bool) {
	if _, seated := r.rules.Member(id); !seated {
		delete(r.progress, id)
		return
	}
	p := r.progressLocked(id)
	p.since, p.silent = r.now(), false
	if lost {
		p.missed = p.since
	}
}

// reported takes what a member's device says of its sound and its notes.
func (r *Room) reported(id string, report wire.NetworkReport) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.progressLocked(id)
	p.heard = r.now()
	if p.silent != report.Silent {
		p.silent, p.since = report.Silent, p.heard
	}
	p.played = p.played || report.Played
}
