package appliance

import (
	"golang.org/x/time/rate"

	"downbeat.local/appliance/room"
)

// purse is what one member may still spend, whatever the number of his tabs: of
// notes, of other events, and of bytes that are relayed to everybody unchanged.
// At the events' rate alone one child could send each other a megabyte a second.
type purse struct{ notes, events, bytes *rate.Limiter }

func newPurse(l limits) *purse {
	limiter := func(name string) *rate.Limiter {
		r := l.rate(name)
		return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
	}
	return &purse{notes: limiter("notes"), events: limiter("events"), bytes: limiter("bytes")}
}

// purses are those of a room's seats. They outlast connections and members, or
// whoever came again would have a full one: a guest gets a new seat each time,
// but the first that is free, which is the one that he has just left.
type purses struct {
	limits limits
	seats  [room.Seats]*purse
}

func newPurses(l limits) *purses {
	p := &purses{limits: l}
	for seat := range p.seats {
		p.seats[seat] = newPurse(l)
	}
	return p
}

// of is a member's purse; who has no seat gets a new one each time.
func (p *purses) of(who room.Member) *purse {
	if who.ID == "" {
		return newPurse(p.limits)
	}
	return p.seats[who.Seat]
}
