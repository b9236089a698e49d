package realtime

import (
	"encoding/json"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Director gives a topic a meaning. Its methods are called from many
// goroutines.
type Director interface {
	// Join admits a member or says why not. The client receives a *Refusal;
	// any other error is logged.
	Join(m *Member) (Participant, error)
	// Post takes a broadcast that came over HTTP, from a sender in no channel.
	// handled is false for an event that means nothing here: the hub relays it
	// unchanged.
	Post(topic string, claims auth.Claims, b Broadcast) (handled bool, err error)
}

// Participant is one member of a directed channel, as its director knows them.
// The member's reader calls its methods, one at a time, except Resync and
// Meta.
type Participant interface {
	// Joined is called when the client has the answer to its join.
	Joined()
	// Broadcast takes a broadcast of the member. handled is false for an event
	// that means nothing here: the channel relays it unchanged.
	Broadcast(b Broadcast) (handled bool, err error)
	// Meta is what presence shows of the member besides what they track. A field
	// that is nil is the director's too, and not shown.
	Meta() map[string]any
	// Tracked is called with what the member tracks, before presence shows it.
	Tracked(fields map[string]json.RawMessage)
	// SetClaims is called when the member has a new token.
	SetClaims(claims auth.Claims)
	// Resync sends the member the whole state again.
	Resync()
	// Left is the last call.
	Left()
}

// Broadcast is one broadcast from a member.
type Broadcast struct {
	Event    string
	Encoding wire.Encoding
	Payload  []byte // JSON or bytes, as Encoding says
	// Beside counts the other bytes that are relayed with the payload: names
	// and fields that the client put next to it.
	Beside int
	At     clock.Millis
}
