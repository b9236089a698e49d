package musicroom

import (
	"errors"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
)

// refusal turns an error of the rules into what the client is told.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	if c, ok := errors.AsType[*room.ControlError](err); ok {
		return &realtime.Refusal{Reason: c.Reason, Message: c.Message}
	}
	if r, ok := noteRefusals[err]; ok {
		return r
	}
	return err
}

// noteRefusals say why a note did not sound. They are made once, for notes come
// often.
var noteRefusals = map[error]*realtime.Refusal{
	room.ErrMuted:       {Reason: "muted", Message: "The teacher has muted you."},
	room.ErrQuiet:       {Reason: "quiet", Message: "Everybody is quiet now."},
	room.ErrAlone:       {Reason: "alone", Message: "Somebody else plays alone now."},
	room.ErrNotYourBeat: {Reason: "not_your_beat", Message: "That was not one of your beats."},
	room.ErrTooMany:     {Reason: "too_many_notes", Message: "Too many notes sound at once."},
	room.ErrTooLate:     errTooLate,
	room.ErrNote:        {Reason: "bad_payload", Message: "A note needs midi from 0 to 127, and velocity from 0 to 127."},
	room.ErrNotHeld:     {Reason: "not_held", Message: "That note was not sounding."},
	room.ErrNoSeat:      {Reason: "unauthorized", Message: "You have no seat in this room."},
}

// errTooLate refuses a note that nobody would hear. A client whose clock is
// behind would otherwise never learn why.
var errTooLate = &realtime.Refusal{
	Reason:  "too_late",
	Message: "That note came too late to be heard. Check the time in at, or leave it out.",
}
