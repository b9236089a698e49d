package web

import (
	"context"
	"errors"
	"time"
)

// Roles that a seat is entered with. A teacher may later give a student a
// shorter label of her own; these three come from the way in.
const (
	RoleTeacher = "teacher"
	RoleStudent = "student"
	RoleStage   = "stage"
)

// Rooms is what the pages need from the rooms of the box. Codes arrive
// normalised by [NormalCode]: upper case, with the dash. Implementations
// return the sentinels below, wrapped or not; any other error is a fault of
// the box and answered with 500.
type Rooms interface {
	// List returns the rooms, newest first.
	List(ctx context.Context) ([]Room, error)
	// Create opens a room. ErrCodeTaken, ErrBadCode, ErrBadName, ErrTooManyRooms.
	Create(ctx context.Context, req CreateRequest) (Room, error)
	// Close ends a room for everybody in it. ErrNoRoom.
	Close(ctx context.Context, code string) error
	// Join gives a student a seat, the same one again when Resume fits.
	// ErrNoRoom, ErrLocked, ErrFull, ErrBadName, ErrRemoved.
	Join(ctx context.Context, req JoinRequest) (Seat, error)
	// Former is the member whose seat Resume gives back in a room; false if
	// it gives none, and Join a new seat.
	Former(code, resume string) (Member, bool)
	// Enter gives a signed-in teacher a seat as RoleTeacher or RoleStage.
	// ErrNoRoom, ErrFull.
	Enter(ctx context.Context, code, as string) (Seat, error)
	// Rename gives a member another name: the one asked for, or with Shuffle
	// a new generated one. ErrNoRoom, ErrNoMember, ErrBadName.
	Rename(ctx context.Context, req RenameRequest) (Member, error)
	// Leave gives up a member's seat. ErrNoRoom, ErrNoMember.
	Leave(ctx context.Context, code, studentID string) error
}

// Room is one room as the teacher's list shows it.
type Room struct {
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Online    int       `json:"online"` // members connected now
	Locked    bool      `json:"locked"`
	CreatedAt time.Time `json:"created_at"`
}

// CreateRequest asks for a room. Both fields may be empty: the box then
// chooses a code and calls the room after it.
type CreateRequest struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// JoinRequest asks for a student's seat in the room of that code. Name is the
// nickname wished for, empty for a generated one; Resume is the secret of an
// earlier seat, empty for a new one.
type JoinRequest struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Resume string `json:"resume"`
}

// RenameRequest changes the name of one member. Code and StudentID come from
// the member's token, never from the request's body.
type RenameRequest struct {
	Code      string `json:"-"`
	StudentID string `json:"-"`
	Name      string `json:"name"`
	Shuffle   bool   `json:"shuffle"`
}

// Member is a seat's holder as others see them.
type Member struct {
	StudentID string `json:"student_id"`
	Seat      int    `json:"seat"`
	Name      string `json:"name"`
	Role      string `json:"role"`
}

// Seat is what Join and Enter give: who the caller is now. Resume is the
// secret with which the same browser gets the same seat again.
type Seat struct {
	Code     string // of the room
	RoomName string
	Member   Member
	Resume   string
}

// SeatReply is the JSON answer to joining and entering.
type SeatReply struct {
	Token  string   `json:"token"` // for the socket; holds TokenTTL
	Resume string   `json:"resume"`
	Topic  string   `json:"topic"` // "music_room:MUSIC-2024"
	Room   RoomName `json:"room"`
	Member Member   `json:"member"`
}

// RoomName names a room in a SeatReply.
type RoomName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// TokenTTL is how long a member's token holds: longer than any school day, so
// that nobody is put out of a lesson.
const TokenTTL = 12 * time.Hour

// What a Rooms may answer with. [problemOf] says how each is told to people.
var (
	ErrNoRoom       = errors.New("no room has that code")
	ErrNoMember     = errors.New("no such member")
	ErrLocked       = errors.New("the room is locked")
	ErrFull         = errors.New("the room is full")
	ErrRemoved      = errors.New("removed from the room")
	ErrBadName      = errors.New("that name cannot be used")
	ErrBadCode      = errors.New("that code cannot be used")
	ErrCodeTaken    = errors.New("another room has that code")
	ErrTooManyRooms = errors.New("the box holds no more rooms")
)
