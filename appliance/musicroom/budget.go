package musicroom

import (
	"golang.org/x/time/rate"

	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// budget is what one seat may still spend, in all its tabs together: notes, other
// events, clock pings, and bytes that are relayed unchanged. With a limit on
// events alone, one child could send each other member a megabyte a second.
type budget struct{ notes, events, bytes, pings *rate.Limiter }

// PingRate and pingBurst bound the clock pings of a member, unless the limit of
// events is higher. No --limit lowers them: a device sends 17 pings a second at
// first and 2.5 later (sync/clock), and without answers it loses the beat.
const (
	PingRate  = 20
	pingBurst = 60
)

func newBudget(l limits.Limits) *budget {
	limiter := func(name string) *rate.Limiter {
		r := l.Rate(name)
		return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
	}
	events := l.Rate("events")
	return &budget{
		notes: limiter("notes"), events: limiter("events"), bytes: limiter("bytes"),
		pings: rate.NewLimiter(rate.Limit(max(PingRate, events.PerSecond)), max(pingBurst, events.Burst)),
	}
}

// budgets are the budgets of a room's seats. They outlast connections and
// members: a client that came back would have a full budget otherwise. A guest
// who returns is a new member in the first free seat, usually the old one.
type budgets struct {
	limits limits.Limits
	seats  [room.Seats]*budget
}

func newBudgets(l limits.Limits) *budgets {
	b := &budgets{limits: l}
	for seat := range b.seats {
		b.seats[seat] = newBudget(l)
	}
	return b
}

// memberLimits is what the page is told of these limits.
func (b *budgets) memberLimits() wire.MemberLimits {
	rate := func(name string) wire.Rate {
		r := b.limits.Rate(name)
		return wire.Rate{PerSecond: r.PerSecond, Burst: r.Burst}
	}
	return wire.MemberLimits{Notes: rate("notes"), Events: rate("events"), Bytes: rate("bytes")}
}

// of is the budget of a member's seat. Without a seat it is a new one each time.
func (b *budgets) of(m room.Member) *budget {
	if m.ID == "" {
		return newBudget(b.limits)
	}
	return b.seats[m.Seat]
}
