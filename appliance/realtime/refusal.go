package realtime

import (
	"errors"
)

// Refusal is an error that goes to the client in a reply.
type Refusal struct {
	Reason  string // a word for programs, or a literal of the protocol
	Message string // a sentence for people; may be empty
	Code    string // the name in supabase/realtime, sent as "error"; may be empty
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// ErrUnauthorized refuses what the client may not do.
var ErrUnauthorized = &Refusal{Reason: "unauthorized"}

// errMayNotWrite refuses a broadcast in a private channel that the client may
// only read.
var errMayNotWrite = &Refusal{Reason: "unauthorized", Message: "You may not write to this channel.", Code: "unauthorized"}

// unauthorized reports whether an error means that the client may not do this.
func unauthorized(err error) bool {
	r, ok := errors.AsType[*Refusal](err)
	return ok && r.Reason == ErrUnauthorized.Reason
}

// MayNotRead refuses a join of a topic (without "realtime:") that the client
// may not read. It is the same whether the topic is in use or not.
func MayNotRead(topic string) *Refusal {
	return &Refusal{Reason: "Unauthorized: You do not have permissions to read from this Channel topic: " + topic}
}
