package realtime

import (
	"strings"
	"sync/atomic"

	"downbeat.local/appliance/count"
)

// counters count what a hub does. On hot paths they cost one atomic addition.
type counters struct {
	received, broadcasts, joins, changes atomic.Uint64

	refused *count.Reasons // joins, by the protocol's code
	ignored *count.Reasons // messages, by why
	denied  *count.Reasons // by the policy, by action
}

// Why a message does nothing.
const (
	malformed        = "malformed"
	tooLong          = "too_long"
	unmatched        = "unmatched_topic"
	unknownEvent     = "unknown_event"
	tooManyMessages  = "too_many_messages"
	tooManyBytes     = "too_many_bytes"
	tooManyOfMember  = "too_many_of_member" // over a limit of a director
	tooManyPresence  = "too_many_presence"
	tooLargePresence = "too_large_presence"
	tooManyAnswers   = "too_many_answers" // to heartbeats and messages that do nothing
)

func newCounters() counters {
	return counters{
		// The protocol's codes.
		refused: count.ByReason("ClientJoinRateLimitReached", "ChannelRateLimitReached", "TopicNameRequired", "InvalidJoinPayload",
			"InvalidJWTToken", "MalformedJWT", "JwtSignatureError", "Unauthorized",
			"UnableToReplayMessages", "RealtimeDisabledForConfiguration", "other"),
		ignored: count.ByReason(malformed, tooLong, unmatched, unknownEvent,
			tooManyMessages, tooManyBytes, tooManyOfMember, tooManyPresence, tooLargePresence, tooManyAnswers),
		denied: count.ByReason("join", "broadcast", "presence", "post"),
	}
}

// code is the protocol's name for a refusal: the text before the first colon.
func code(err error) string {
	name, _, _ := strings.Cut(err.Error(), ":")
	return name
}

// Stats counts what a hub holds now, and what it has done since it was made.
type Stats struct {
	Sessions    int // connections
	Channels    int
	Members     int // of all channels
	Present     int // entries of presence, with those of lingering members
	Subscribers int // members with bindings to changes of rows

	Received   uint64 // messages from clients
	Broadcasts uint64 // relayed unchanged
	Joins      uint64
	Changes    uint64 // of rows, once for each subscriber

	Refused map[string]uint64 // joins, by the protocol's code
	Ignored map[string]uint64 // messages that did nothing, by why
	Denied  map[string]uint64 // by the policy, by action
}

// Stats reads the counters.
func (h *Hub) Stats() Stats {
	c := &h.counters
	s := Stats{
		Received: c.received.Load(), Broadcasts: c.broadcasts.Load(),
		Joins: c.joins.Load(), Changes: c.changes.Load(),
		Refused: c.refused.All(), Ignored: c.ignored.All(), Denied: c.denied.All(),
	}
	all := h.channels.all()
	s.Sessions, s.Channels, s.Subscribers = len(h.sessionList()), len(all), len(h.subscribers.all())
	for _, ch := range all {
		s.Members += len(ch.Members())
		s.Present += ch.present()
	}
	return s
}

func (ch *Channel) present() (n int) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for _, members := range ch.presence {
		n += len(members)
	}
	return n
}
