package room

import (
	"errors"
	"time"
)

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
