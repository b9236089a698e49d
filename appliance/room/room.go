package room

import (
	"errors"
	"fmt"
	"sync"

	"downbeat.local/appliance/names"
)

// Door says who may come in.
type Door string

// The doors.
const (
	DoorOpen  Door = "open"  // anybody with the code in the topic, as a guest
	DoorToken Door = "token" // who was given a token for the code
)

// MaxMembers is how many students may sit in one room (design, "Limits").
// Teachers and the stage have seats of their own beside them, so a full class
// never keeps its teacher out.
const MaxMembers = 64

// Config is what a room is made with.
type Config struct {
	Code string // a word and a number, as names.NewCode makes them
	Name string // for people, 1 to 60 letters
	Door Door   // empty means DoorToken
	// MaxMembers is how many students may sit here, up to the constant of
	// that name; 0 means all of those.
	MaxMembers int
	// Listening is who hears what until the teacher says otherwise; empty
	// means ListenOwn: thirty devices that all sound everything are noise.
	Listening string
}

// What a room may answer with.
var (
	ErrFull     = errors.New("the room is full")
	ErrLocked   = errors.New("the room is locked")
	ErrRemoved  = errors.New("removed from the room")
	ErrCode     = errors.New("that code cannot be used")
	ErrNoMember = errors.New("no such member")
)

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
	manner Manner
}

// New returns an empty room. The errors are ErrCode and names.ErrName, wrapped, and
// one for a Config that nobody can have meant.
func New(cfg Config) (*Room, error) {
	if code, ok := names.ParseCode(cfg.Code); !ok || code != cfg.Code {
		return nil, fmt.Errorf("%w: %q", ErrCode, cfg.Code)
	}
	name, err := roomName(cfg.Name)
	if err != nil {
		return nil, err
	}
	r := &Room{code: cfg.Code, name: name, door: cfg.Door, capacity: cfg.MaxMembers}
	if r.door == "" {
		r.door = DoorToken
	}
	if r.capacity == 0 {
		r.capacity = MaxMembers
	}
	if r.capacity < 0 || r.capacity > MaxMembers || r.door != DoorOpen && r.door != DoorToken {
		return nil, fmt.Errorf("a room with door %q for %d", r.door, r.capacity)
	}
	r.people = newPeople()
	r.tempo = newTempo()
	r.manner = newManner()
	if cfg.Listening != "" {
		r.manner.Listening = cfg.Listening
	}
	if err := r.manner.validate(); err != nil {
		return nil, err
	}
	return r, nil
}

// Code is the room's join code.
func (r *Room) Code() string { return r.code }

// Name is what the room is called.
func (r *Room) Name() string { return r.name }

// Door says who may come in.
func (r *Room) Door() Door { return r.door }
