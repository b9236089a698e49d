package room

import (
	"errors"
	"fmt"
	"sync"

	"downbeat.local/appliance/names"
)

// Door says what a client needs to join.
type Door string

// The doors.
const (
	DoorOpen  Door = "open"  // only the code in the topic; the client is a guest
	DoorToken Door = "token" // a token for the code
)

// MaxMembers is how many students one room has seats for (design, "Limits").
// Teachers and the stage have other seats, so that a full class never keeps its
// teacher out.
const MaxMembers = 64

// Config describes a new room.
type Config struct {
	Code string // a word and a number, as names.NewCode makes them
	Name string // for people, 1 to 60 letters
	Door Door   // empty means DoorToken
	// MaxMembers is how many students may have a seat, up to the constant of
	// that name. 0 means the constant.
	MaxMembers int
	// Listening says which devices sound which notes until the teacher changes
	// it. Empty means ListenOwn: thirty devices that sound everything make
	// noise.
	Listening string
}

// Errors of a room's methods.
var (
	ErrFull     = errors.New("the room is full")
	ErrLocked   = errors.New("the room is locked")
	ErrRemoved  = errors.New("removed from the room")
	ErrCode     = errors.New("that code cannot be used")
	ErrNoMember = errors.New("no such member")
)

// Room is one music room. Each part of its state has a type of its own; Room
// holds the lock and connects them.
type Room struct {
	code, name string
	door       Door

	mu       sync.Mutex // guards what follows
	revision revision
	roster   roster
	tempo    tempo
	settings Settings
	alone    Target // who plays alone
	called   bool   // all-call
	lesson   lesson
	voices   voices
	hearing  hearing
	history  history
}

// New returns an empty room. The errors are ErrCode and names.ErrName, wrapped,
// and one for a Config that makes no sense.
func New(cfg Config) (*Room, error) {
	if code, ok := names.ParseCode(cfg.Code); !ok || code != cfg.Code {
		return nil, fmt.Errorf("%w: %q", ErrCode, cfg.Code)
	}
	name, err := roomName(cfg.Name)
	if err != nil {
		return nil, err
	}
	door, capacity := cfg.Door, cfg.MaxMembers
	if door == "" {
		door = DoorToken
	}
	if capacity == 0 {
		capacity = MaxMembers
	}
	if capacity < 0 || capacity > MaxMembers || door != DoorOpen && door != DoorToken {
		return nil, fmt.Errorf("a room with door %q for %d", door, capacity)
	}
	r := &Room{
		code: cfg.Code, name: name, door: door,
		roster: newRoster(capacity), tempo: newTempo(), settings: defaultSettings(), lesson: newLesson(),
	}
	if cfg.Listening != "" {
		r.settings.Listening = cfg.Listening
	}
	if err := r.settings.validate(); err != nil {
		return nil, err
	}
	return r, nil
}

// Code is the room's join code.
func (r *Room) Code() string { return r.code }

// Name is what the room is called.
func (r *Room) Name() string { return r.name }

// Door says what a client needs to join.
func (r *Room) Door() Door { return r.door }
