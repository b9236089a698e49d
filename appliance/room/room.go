// Package room is one ensemble: who sits where, who may play what and when,
// the beat they share, and how they listen to each other.
//
// A [Room] is pure. It does no I/O, starts nothing, has no timer and logs
// nothing; whoever owns it tells it the time with every call, and sends what
// the calls return. Its methods may be called from any goroutine and never
// wait for anything. Every change raises the revision and is returned as a
// [Change], to be told to everybody in that order: who has the state and every
// change since has the state now.
//
// The box gives out identity: a member is known by the seat in which a note
// arrives, and no message carries a name that its sender chose. Only a teacher
// controls.
package room

import (
	"errors"
	"fmt"
	"sync"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Door says who may come in.
type Door string

// The doors.
const (
	DoorOpen  Door = "open"  // anybody with the code in the topic, as a guest
	DoorToken Door = "token" // who was given a token for the code
)

// MaxMembers is how many may sit in one room.
const MaxMembers = 64

// Config is what a room is made with.
type Config struct {
	Code string // as NewCode makes them
	Name string // for people, at most 60 letters
	Door Door   // empty means DoorToken
	// MaxMembers is how many may sit here; 0 means the constant of the name.
	MaxMembers int
}

// What a room may answer with.
var (
	ErrFull     = errors.New("the room is full")
	ErrLocked   = errors.New("the room is locked")
	ErrRemoved  = errors.New("removed from the room")
	ErrName     = errors.New("that name cannot be used")
	ErrCode     = errors.New("that code cannot be used")
	ErrNoMember = errors.New("no such member")
)

// Change is one change of a room, to be told to everybody.
type Change struct {
	Event   string // a broadcast's name
	Payload any    // its payload; marshals to a JSON object
	// Notes end with the change: whoever was muted no longer sounds.
	Notes []wire.NoteEvent
}

// Room is one ensemble.
type Room struct {
	code, name string
	door       Door
	capacity   int

	mu       sync.Mutex // guards what follows
	revision int
	locked   bool
	people
	tempo
	manner
	ends []ending // of notes with a duration, unordered
}

// New returns an empty room. The errors are ErrCode and ErrName, wrapped.
func New(cfg Config) (*Room, error) {
	if !validCode(cfg.Code) {
		return nil, fmt.Errorf("%w: %q", ErrCode, cfg.Code)
	}
	name, err := roomName(cfg.Name)
	if err != nil {
		return nil, err
	}
	r := &Room{code: cfg.Code, name: name, door: cfg.Door, capacity: cfg.MaxMembers}
	if r.door != DoorOpen {
		r.door = DoorToken
	}
	if r.capacity <= 0 || r.capacity > MaxMembers {
		r.capacity = MaxMembers
	}
	r.people = newPeople()
	r.tempo = newTempo()
	r.manner = newManner()
	return r, nil
}

// Code is the room's join code.
func (r *Room) Code() string { return r.code }

// Name is what the room is called.
func (r *Room) Name() string { return r.name }

// Door says who may come in.
func (r *Room) Door() Door { return r.door }

// changedLocked is a change under a new revision.
func (r *Room) changedLocked(event string, payload func(revision int) any) Change {
	r.revision++
	return Change{Event: event, Payload: payload(r.revision)}
}

// State is everything about a room, the payload of room_state.
type State struct {
	Revision int    `json:"revision"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Locked   bool   `json:"locked"`
	Door     Door   `json:"door"`

	Timeline clock.Timeline  `json:"timeline"`
	Next     *clock.Timeline `json:"next"` // what replaces it, until it does
	CountIn  int             `json:"count_in"`

	Manner
	Members []Member `json:"members"` // by seat
	You     *You     `json:"you,omitempty"`
}

// You says to one member who he is.
type You struct {
	ID   string `json:"student_id"`
	Seat uint8  `json:"seat"`
}

// State is the whole state for the member of that id; an empty one is nobody.
func (r *Room) State(now clock.Millis, you string) State {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnLocked(now)
	s := State{
		Revision: r.revision, Code: r.code, Name: r.name, Locked: r.locked, Door: r.door,
		Timeline: r.timeline, CountIn: r.countIn,
		Manner: r.manner.Manner, Members: r.listLocked(),
	}
	if r.next != nil {
		next := *r.next
		s.Next = &next
	}
	if m, ok := r.byID[you]; ok {
		s.You = &You{ID: m.ID, Seat: m.Seat}
	}
	return s
}
