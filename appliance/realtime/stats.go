package realtime

import (
	"strings"
	"sync/atomic"

	"downbeat.local/appliance/count"
)

// counters count what a hub does; hot paths add to them and nothing more.
type counters struct {
	received, broadcasts, joins, changes atomic.Uint64

	refused *count.Reasons // joins
	ignored *count.Reasons // messages
	denied  *count.Reasons // by what the policy does not allow
}

// Why a message does nothing.
const (
	malformed        = "malformed"
	unmatched        = "unmatched_topic"
	unknownEvent     = "unknown_event"
	tooManyMessages  = "too_many_messages"
	tooManyBytes     = "too_many_bytes"
	tooManyOfMember  = "too_many_of_member" // over what a director allows
	tooManyPresence  = "too_many_presence"
	tooLargePresence = "too_large_presence"
	tooManyAnswers   = "too_many_answers" // heartbeats, and what does nothing
)

func newCounters() counters {
	return counters{
		// The codes that the protocol has for them.
		refused: count.ByReason("ClientJoinRateLimitReached", "ChannelRateLimitReached", "TopicNameRequired",
			"InvalidJWTToken", "MalformedJWT", "JwtSignatureError", "Unauthorized",
			"UnableToReplayMessages", "RealtimeDisabledForConfiguration", "other"),
		ignored: count.ByReason(malformed, unmatched, unknownEvent,
			tooManyMessages, tooManyBytes, tooManyOfMember, tooManyPresence, tooLargePresence, tooManyAnswers),
		denied: count.ByReason("join", "broadcast", "presence", "post"),
	}
}

// code is what the protocol calls a refusal: what is before the first colon.
func code(err error) string {
	name, _, _ := strings.Cut(err.Error(), ":")
	return name
}

// Stats is what a hub holds now and what it has done since it was made.
type Stats struct {
	Sessions  int // connections
	Channels  int
	Members   int // of all channels
	Present   int // entries of presence, those too that are only missed
	Listeners int // members who hear changes of tables

	Received   uint64 // messages from clients
	Broadcasts uint64 // that were relayed unchanged
	Joins      uint64
	Changes    uint64 // of tables, once for each listener

	Refused map[string]uint64 // joins, by the protocol's code for why
	Ignored map[string]uint64 // messages that did nothing, by why
	Denied  map[string]uint64 // by the policy, by what
}

// Stats takes a look at the hub.
func (h *Hub) Stats() Stats {
	c := &h.counters
	s := Stats{
		Received: c.received.Load(), Broadcasts: c.broadcasts.Load(),
		Joins: c.joins.Load(), Changes: c.changes.Load(),
		Refused: c.refused.All(), Ignored: c.ignored.All(), Denied: c.denied.All(),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Sessions, s.Channels, s.Listeners = len(h.sessions), len(h.channels), len(h.listeners)
	for _, ch := range h.channels {
		s.Members += len(ch.Members())
		s.Present += ch.present()
	}
	return s
}

func (ch *Channel) present() (n int) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for _, members := range ch.crowd {
		n += len(members)
	}
	return n
}
