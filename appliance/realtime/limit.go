package realtime

import (
	"fmt"

	"golang.org/x/time/rate"

	"downbeat.local/appliance/wire"
)

// Rate is how many a second, and how many in a burst.
type Rate struct {
	PerSecond float64
	Burst     int
}

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// Limits on one client. Zero fields mean the defaults.
type Limits struct {
	Channels     int  // at once: 100
	Joins        Rate // 20/s, burst 120
	Broadcasts   Rate // relayed ones: 100/s, burst 500
	Bytes        Rate // relayed in plain channels without a service key: 64 KB/s, burst 256 KB
	Presence     Rate // tracks and untracks in one channel: 10/s, burst 30
	PresenceSize int  // of what a client tracks without a service key, in bytes: 8 KB
	Answers      Rate // to messages that do nothing, such as heartbeats: 10/s, burst 100
	Frame        int  // without a service key, in bytes: wire.MaxFrame
	ServiceFrame int  // with a service key, in bytes: wire.MaxServiceFrame
}

func (l Limits) withDefaults() Limits {
	fill := func(n *int, def int) {
		if *n == 0 {
			*n = def
		}
	}
	fillRate := func(r *Rate, def Rate) {
		if *r == (Rate{}) {
			*r = def
		}
	}
	fill(&l.Channels, 100)
	fillRate(&l.Joins, Rate{PerSecond: 20, Burst: 120})
	fillRate(&l.Broadcasts, Rate{PerSecond: 100, Burst: 500})
	fillRate(&l.Bytes, Rate{PerSecond: 64 << 10, Burst: 256 << 10})
	fillRate(&l.Presence, Rate{PerSecond: 10, Burst: 30})
	fill(&l.PresenceSize, 8<<10)
	fillRate(&l.Answers, Rate{PerSecond: 10, Burst: 100})
	fill(&l.Frame, wire.MaxFrame)
	fill(&l.ServiceFrame, wire.MaxServiceFrame)
	return l
}

// sessionLimits are one client's budgets.
type sessionLimits struct {
	joins, broadcasts, bytes, presence, answers *rate.Limiter
	warnings                                    *rate.Limiter // about being over one of the others
}

func newSessionLimits(l Limits) *sessionLimits {
	presence := l.Presence // of all channels: a page may track in each one that it joins at once
	presence.Burst = max(presence.Burst, l.Joins.Burst)
	return &sessionLimits{
		joins: l.Joins.limiter(), broadcasts: l.Broadcasts.limiter(), bytes: l.Bytes.limiter(), presence: presence.limiter(), answers: l.Answers.limiter(),
		warnings: rate.NewLimiter(1, 1),
	}
}

var (
	errTooManyMessages = &Refusal{Reason: "Too many messages per second"}
	errTooManyBytes    = &Refusal{Reason: "Too many bytes per second"}
)

// errTooManyJoins refuses a join and leaves the socket open. Clients try again by
// themselves, one channel at a time. A client whose socket was closed would come
// back with all of its joins at once.
var errTooManyJoins = &Refusal{Reason: "ClientJoinRateLimitReached: Too many joins per second"}

// errTooLong refuses a frame over that many bytes.
func errTooLong(bytes int) *Refusal {
	const name = "payload_size_exceeded"
	return &Refusal{Reason: name, Message: fmt.Sprintf("A message may be at most %d bytes long.", bytes), Code: name}
}
