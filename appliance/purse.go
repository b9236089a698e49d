package appliance

import (
	"sync"

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

// purses are those of the members of a room. They outlast a connection, or
// whoever came again would have a full one.
type purses struct {
	room   *room.Room
	limits limits

	mu   sync.Mutex // guards byID
	byID map[string]*purse
}

func newPurses(r *room.Room, l limits) *purses {
	return &purses{room: r, limits: l, byID: make(map[string]*purse)}
}

// of is a member's purse; who has no seat gets a new one each time.
func (p *purses) of(id string) *purse {
	if id == "" {
		return newPurse(p.limits)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	mine, ok := p.byID[id]
	if !ok {
		if len(p.byID) >= 2*room.Seats {
			p.tidyLocked()
		}
		mine = newPurse(p.limits)
		p.byID[id] = mine
	}
	return mine
}

// tidyLocked forgets those who have no seat any more.
func (p *purses) tidyLocked() {
	for id := range p.byID {
		if _, seated := p.room.Member(id); !seated {
			delete(p.byID, id)
		}
	}
}
