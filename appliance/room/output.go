package room

import "errors"

// Errors of outputs.
var (
	ErrNoOutput  = errors.New("no such output")
	ErrBadOutput = errors.New("an output cannot play that")
)

// Whose says whose notes an output plays.
type Whose string

// Whose notes.
const (
	WhoseNone   Whose = "none"
	WhoseAll    Whose = "all"
	WhoseChosen Whose = "chosen" // those of the members that the teacher has chosen
)

// Output is a MIDI output of the box, for the pages: what it plays, and how it is.
type Output struct {
	ID   string `json:"id"`   // stays the same while it is in its socket
	Name string `json:"name"` // what its port calls itself
	// Room is the code of the room that it plays; empty if the teacher has to choose.
	Room string `json:"room"`
	// Clock says that it is sent the beat, as MIDI clock.
	Clock bool `json:"clock"`
	// Notes says whose notes it is sent, and Members are the ids of the chosen ones.
	Notes   Whose    `json:"notes"`
	Members []string `json:"members"`
	// LocalOff says that it is a keyboard with a speaker of its own, whose keys do not
	// sound there: it was told local control off.
	LocalOff bool `json:"local_off"`
	// Problem says in one sentence why it cannot play; empty if it can.
	Problem string `json:"problem"`
	// Playing says that it was sent a note in the last moments.
	Playing bool `json:"playing"`
}

// OutputWish is what the teacher changes of an output. What is nil stays as it is.
type OutputWish struct {
	Room    *string   `json:"room,omitempty"` // its code; empty means the only one
	Clock   *bool     `json:"clock,omitempty"`
	Notes   *Whose    `json:"notes,omitempty"`
	Members *[]string `json:"members,omitempty"`
	// LocalOff says whether the keys of a keyboard are to be silent on its own speaker.
	LocalOff *bool `json:"local_off,omitempty"`
}

// Validate returns ErrBadOutput for a wish that no output can fulfil.
func (w OutputWish) Validate() error {
	if w.Notes != nil && *w.Notes != WhoseNone && *w.Notes != WhoseAll && *w.Notes != WhoseChosen {
		return ErrBadOutput
	}
	if w.Members != nil && len(*w.Members) > Seats {
		return ErrBadOutput
	}
	return nil
}
