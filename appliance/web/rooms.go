package web

import (
	"context"
	"time"

	"downbeat.local/appliance/room"
)

// Rooms is what the pages need from the rooms of the box. Codes arrive
// normalised: upper case, with the dash. Implementations return the errors
// below, wrapped or not. Any other error is a fault of the box and is answered
// with 500.
type Rooms interface {
	// List returns the rooms, newest first.
	List(ctx context.Context) ([]room.Summary, error)
	// Create opens a room. Without a code the box chooses one, and without a
	// name it calls the room by its code. Errors: room.ErrCodeTaken,
	// room.ErrCode, names.ErrName, room.ErrTooManyRooms. kept is false if the
	// store did not take the room: it ends with the next start of the box.
	Create(ctx context.Context, code, name string) (s room.Summary, kept bool, err error)
	// Close ends a room for everyone in it. kept is false if the store did not
	// forget it: it may come back with the next start. Errors: room.ErrNoRoom.
	Close(ctx context.Context, code string) (kept bool, err error)
	// FindCode returns the code of the one open room that a typed code means, as
	// [names.FindCode] does.
	FindCode(typed string) (code string, ok bool)
	// TakeSeat gives an applicant a seat, and says what the room is called. Errors:
	// room.ErrNoRoom, room.ErrLocked, room.ErrFull, room.ErrRemoved,
	// names.ErrName.
	TakeSeat(ctx context.Context, code string, a room.Applicant) (seat room.Seat, roomName string, err error)
	// Returning finds the member whose seat a secret gives back. If it reports
	// false, TakeSeat gives a new seat.
	Returning(code, resume string) (room.Member, bool)
	// Students lists the students of all rooms.
	Students() []room.Student
	// Member finds a member of a room.
	Member(code, studentID string) (room.Member, bool)
	// HasStudent reports whether a member of a room is one of them.
	HasStudent(code, studentID string) bool
	// Rename gives a member the name asked for. Errors: room.ErrNoRoom,
	// room.ErrNoMember, names.ErrName.
	Rename(ctx context.Context, code, studentID, name string) (room.Member, error)
	// Shuffle gives a member another generated name. Errors: room.ErrNoRoom,
	// room.ErrNoMember.
	Shuffle(ctx context.Context, code, studentID string) (room.Member, error)
	// Forget gives up the seats of a member in every room.
	Forget(ctx context.Context, studentID string) error
	// Missing lists the students who are in a room and have no answer kept to its
	// question. Errors: room.ErrNoRoom.
	Missing(ctx context.Context, code string) ([]room.Member, error)
	// Lesson returns the lesson plan that a room follows; false if it follows none.
	// Errors: room.ErrNoRoom.
	Lesson(ctx context.Context, code string) (plan room.Plan, follows bool, err error)
	// Session returns the id of the session that a room is in. Errors:
	// room.ErrNoRoom.
	Session(code string) (string, error)
	// CheckIns returns the id of the check-in that runs in a room, empty without one,
	// and those of the last two that ended, oldest first.
	CheckIns(code string) (running string, over []string)
	// Ready notes that a member has answered or skipped a check-in.
	Ready(code, studentID, checkIn string)
	// Leave gives up a member's seat. Errors: room.ErrNoRoom, room.ErrNoMember.
	Leave(ctx context.Context, code, studentID string) error
}

// CreateRequest asks for a room. Both fields may be empty.
type CreateRequest struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// JoinRequest asks for a student's seat in the room of that code. Name is the
// nickname asked for, and empty for a generated one. Resume is the secret of
// an earlier seat, and empty for a new one.
type JoinRequest struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Resume string `json:"resume"`
	// Visitor is the id under which the page reports while it has no seat (see
	// [VisitRequest]); empty if it does not.
	Visitor string `json:"visitor"`
	// Exact says that nobody typed the code, so that no slip is forgiven: a page
	// comes back to the room it was in.
	Exact bool `json:"exact"`
}

// RenameRequest changes the caller's own name. The token says who they are.
type RenameRequest struct {
	Name    string `json:"name"`
	Shuffle bool   `json:"shuffle"`
}

// MemberReply is the holder of a seat, as the caller is told.
type MemberReply struct {
	StudentID string `json:"student_id"`
	Seat      int    `json:"seat"`
	Name      string `json:"name"`
	Role      string `json:"role"`
}

func replyOf(m room.Member) MemberReply {
	return MemberReply{StudentID: m.ID, Seat: int(m.Seat), Name: m.Name, Role: m.Role}
}

// SeatReply is the JSON answer to joining and entering.
type SeatReply struct {
	Token  string      `json:"token"` // for the socket; expires after TokenTTL
	Resume string      `json:"resume"`
	Topic  string      `json:"topic"` // "music_room:MUSIC-2024"
	Room   RoomName    `json:"room"`
	Member MemberReply `json:"member"`
	// MusicNames says that the room is of a class with a list.
	MusicNames bool `json:"music_names"`
}

// RoomName names a room in a SeatReply.
type RoomName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// TokenTTL is how long a member's token is good: longer than a school day, so
// that no token expires in a lesson.
const TokenTTL = 12 * time.Hour
