package room

import (
	"errors"
	"time"

	"downbeat.local/sync/clock"
)

// State is everything about a room: the payload of room_state, to which the box
// adds [wire.MemberLimits] as "limits".
type State struct {
	Revision int    `json:"revision"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Locked   bool   `json:"locked"`
	Door     Door   `json:"door"`

	Timeline clock.Timeline  `json:"timeline"` // the one that holds now
	Next     *clock.Timeline `json:"next"`     // the one that was planned last; null without a plan
	// Timelines is the whole plan: Timeline, those that hold between the two, and
	// Next. Each holds until the time0 of the one after it.
	Timelines clock.Plan `json:"timelines"`
	Settings
	Alone   *Target `json:"alone"`    // who plays alone; null is nobody
	AllCall bool    `json:"all_call"` // everybody hears the teacher, all else is softer
	Lesson
	Members []Member `json:"members"` // by seat
	You     *You     `json:"you,omitempty"`
}

// You tells a member which of the members they are.
type You struct {
	ID   string `json:"student_id"`
	Seat uint8  `json:"seat"`
	// ListenIn is whom a teacher listens in to; nobody else is told.
	ListenIn *Target `json:"listen_in,omitempty"`
}

// State is the whole state, with You for the member of that id. An id that is
// no member's leaves You out.
func (r *Room) State(now clock.Millis, you string) State {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tempo.advance(now)
	s := State{
		Revision: int(r.revision), Code: r.code, Name: r.name, Locked: r.roster.locked, Door: r.door,
		Timeline: r.tempo.current(), Next: r.tempo.next(), Timelines: r.tempo.plan,
		Settings: r.settings, Alone: r.alone.orNull(), AllCall: r.called, Lesson: r.lesson.shown(), Members: r.roster.members(),
	}
	if m, ok := r.roster.byID[you]; ok {
		s.You = &You{ID: m.ID, Seat: m.Seat, ListenIn: m.listening.orNull()}
	}
	return s
}

// TimelineAt is the timeline that holds at a moment, as it is planned now.
func (r *Room) TimelineAt(at clock.Millis) clock.Timeline {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tempo.plan.At(at)
}

// Member finds a member by id.
func (r *Room) Member(id string) (Member, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok {
		return Member{}, false
	}
	return m.Member, true
}

// StudentAt is the id of the member in a seat, or of the last one there; empty
// if the seat was never taken. Notes that end when a member is removed are
// still theirs.
func (r *Room) StudentAt(seat uint8) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(seat) >= Seats {
		return ""
	}
	return r.roster.lastIn[seat]
}

// Summary is one room as a list of rooms shows it.
type Summary struct {
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Online    int       `json:"online"` // students who are connected
	Locked    bool      `json:"locked"`
	CreatedAt time.Time `json:"created_at"`
}

// Errors of whatever holds several rooms.
var (
	ErrNoRoom       = errors.New("no room has that code")
	ErrCodeTaken    = errors.New("another room has that code")
	ErrTooManyRooms = errors.New("the box holds no more rooms")
)
