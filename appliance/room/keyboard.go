package room

import (
	"errors"
	"slices"

	"downbeat.local/sync/clock"
)

// Errors about keyboards on the box.
var (
	ErrNoKeyboard = errors.New("no such keyboard")                       // none with that ID is plugged in
	ErrNoStudent  = errors.New("no such student for a keyboard to play") // teachers, stages and keyboards are none
)

// Keyboard is a MIDI keyboard that is plugged into the box, for the pages: where it
// plays, and how it is.
type Keyboard struct {
	ID   string `json:"id"`   // stays the same while it is in its socket
	Name string `json:"name"` // what its port calls itself
	// Room is the code of the room where it plays, and StudentID the member that
	// it plays as. Both are empty while it plays nowhere.
	Room      string `json:"room"`
	StudentID string `json:"student_id"`
	// As says whose seat that is: one of the constants below. Empty while it plays
	// nowhere.
	As KeyboardSeat `json:"as"`
	// Claimed says that the student has found it, and not got it from the teacher.
	Claimed bool `json:"claimed"`
	// Fit says how its keys fit the scale of the room, and Octave how many octaves
	// they are moved up.
	Fit    Fit `json:"fit"`
	Octave int `json:"octave"`
	// LeftAlone says that the port is meant for a program. It is not listened to
	// until the teacher sends it somewhere.
	LeftAlone bool `json:"left_alone"`
	// Problem says in one sentence why it cannot play; empty if it can.
	Problem string `json:"problem"`
	// Playing says that a key was pressed in the last moments.
	Playing bool `json:"playing"`
}

// KeyboardSeat says on whose seat a keyboard plays.
type KeyboardSeat string

// Whose seats a keyboard can play on.
const (
	OwnSeat     KeyboardSeat = "own"     // its own; it sounds on the stage, and where the room's listening says
	StudentSeat KeyboardSeat = "student" // a student's; it sounds on the stage and on their device
	StageSeat   KeyboardSeat = "stage"   // its own; it sounds on the stage alone
)

// KeyboardPlace is where a keyboard is to play.
type KeyboardPlace struct {
	Room      string // the code of a room; empty means nowhere
	StudentID string // the student to play as; empty means on its own seat
	Stage     bool   // on its own seat, and heard on the stage alone
}

// Student is a student of a room, as the teacher chooses one for a keyboard.
type Student struct {
	Room      string `json:"room"`
	StudentID string `json:"student_id"`
	Name      string `json:"name"`
	Seat      uint8  `json:"seat"`
}

// SearchState is how far a student's search for their keyboard has got.
type SearchState string

// The states of a search.
const (
	SearchNone  SearchState = "none"  // there is no search
	SearchWait  SearchState = "wait"  // others search before
	SearchPress SearchState = "press" // the next key that is pressed counts
	SearchFound SearchState = "found"
	SearchOver  SearchState = "over" // nobody pressed a key in time
)

// KeyboardSearch is a student's search for the keyboard in front of them, for their
// page.
type KeyboardSearch struct {
	State SearchState `json:"state"`
	Ahead int         `json:"ahead"` // how many students search before
	Turn  string      `json:"turn"`  // the id of the student whose turn it is
	Found string      `json:"found"` // the ID of the keyboard
	// Refused is the last keyboard that was played and that the student cannot
	// have; nil if there is none.
	Refused *RefusedKeyboard `json:"refused,omitempty"`
}

// RefusedKeyboard is a keyboard that a student cannot have.
type RefusedKeyboard struct {
	Name  string `json:"name"`
	Owner string `json:"owner"` // the id of the student who has it; empty if the teacher keeps it
}

// Attach makes a keyboard on the box, by the name of its port, play as a student.
// The error is ErrNoStudent.
func (r *Room) Attach(id, port string) ([]Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok || !m.takesKeyboard() {
		return nil, ErrNoStudent
	}
	m.Keyboards = append(slices.Clip(m.Keyboards), port)
	return []Change{r.revision.memberChanged(m)}, nil
}

// takesKeyboard reports whether keyboards on the box may play as the member.
func (m *seated) takesKeyboard() bool { return !staff(m.Role) && m.MIDI == "" }

// Detach undoes an Attach. The member's notes end if nothing else plays them. It
// ignores unknown members.
func (r *Room) Detach(now clock.Millis, id, port string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	if !ok {
		return nil
	}
	i := slices.Index(m.Keyboards, port)
	if i < 0 {
		return nil
	}
	m.Keyboards = slices.Delete(slices.Clone(m.Keyboards), i, i+1)
	c := r.revision.memberChanged(m)
	c.Notes = r.silenceLocked(now, m)
	return []Change{c}
}

// ScaleFor is the scale for the notes of a member. A drum is in no scale.
func (r *Room) ScaleFor(id string) (scale Scale, drums bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	return r.settings.Scale, ok && m.Instrument == Drums
}

// Students lists the members as whom a keyboard may play, by seat.
func (r *Room) Students() []Student {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Student
	for _, m := range r.roster.seats {
		if m != nil && m.takesKeyboard() {
			all = append(all, Student{Room: r.code, StudentID: m.ID, Name: m.Name, Seat: m.Seat})
		}
	}
	return all
}

// Absent reports whether a member is gone, or has been away for so long that
// another may take their seat.
func (r *Room) Absent(now clock.Millis, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.roster.byID[id]
	return !ok || m.conns == 0 && now.Sub(m.since) >= m.grace()
}
