package realtime

import (
	"golang.org/x/time/rate"
)

// Rate is how many a second, and how many at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// Limits on one client. Zero fields mean the defaults.
type Limits struct {
	Channels   int  // at once: 100
	Joins      Rate // 10/s, burst 30
	Broadcasts Rate // that are relayed: 100/s, burst 300
	Bytes      Rate // of what is relayed in plain channels, without a service key: 64 KB/s, burst 256 KB
	Presence   Rate // tracks and untracks: 10/s, burst 30
	Answers    Rate // to what does nothing, such as heartbeats: 10/s, burst 100
}

func (l Limits) withDefaults() Limits {
	fill := func(r *Rate, def Rate) {
		if *r == (Rate{}) {
			*r = def
		}
	}
	if l.Channels == 0 {
		l.Channels = 100
	}
	fill(&l.Joins, Rate{PerSecond: 10, Burst: 30})
	fill(&l.Broadcasts, Rate{PerSecond: 100, Burst: 300})
	fill(&l.Bytes, Rate{PerSecond: 64 << 10, Burst: 256 << 10})
	fill(&l.Presence, Rate{PerSecond: 10, Burst: 30})
	fill(&l.Answers, Rate{PerSecond: 10, Burst: 100})
	return l
}

// sessionLimits are one client's budgets.
type sessionLimits struct {
	joins, broadcasts, bytes, presence, answers *rate.Limiter
	warnings                                    *rate.Limiter // of being over one of the others
}

func newSessionLimits(l Limits) *sessionLimits {
	return &sessionLimits{
		joins: l.Joins.limiter(), broadcasts: l.Broadcasts.limiter(), bytes: l.Bytes.limiter(), presence: l.Presence.limiter(), answers: l.Answers.limiter(),
		warnings: rate.NewLimiter(1, 1),
	}
}

var (
	errTooManyMessages = &Refusal{Reason: "Too many messages per second"}
	errTooManyBytes    = &Refusal{Reason: "Too many bytes per second"}
)

var errTooManyJoins = &Refusal{Reason: "ClientJoinRateLimitReached: Too many joins per second"}
