package appliance

import (
	"sync"

	"golang.org/x/time/rate"

	"downbeat.local/appliance/room"
)

// Limits on one member of a room (design, "Limits"), whatever the number of
// his tabs. The bytes are those of what is relayed to everybody unchanged: at
// the events' rate alone one child could send each other a megabyte a second.
const (
	notesPerSecond  = 40
	notesBurst      = 80
	eventsPerSecond = 20
	eventsBurst     = 60
	bytesPerSecond  = 64 << 10
	bytesBurst      = 256 << 10
)

// purse is what one member may still spend.
type purse struct{ notes, events, bytes *rate.Limiter }

func newPurse() *purse {
	return &purse{
		notes:  rate.NewLimiter(notesPerSecond, notesBurst),
		events: rate.NewLimiter(eventsPerSecond, eventsBurst),
		bytes:  rate.NewLimiter(bytesPerSecond, bytesBurst),
	}
}

// purses are those of the members of a room. They outlast a connection, or
// whoever came again would have a full one.
type purses struct {
	room *room.Room

	mu   sync.Mutex // guards byID
	byID map[string]*purse
}

func newPurses(r *room.Room) *purses { return &purses{room: r, byID: make(map[string]*purse)} }

// of is a member's purse; who has no seat gets a new one each time.
func (p *purses) of(id string) *purse {
	if id == "" {
		return newPurse()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	mine, ok := p.byID[id]
	if !ok {
		if len(p.byID) >= 2*room.Seats {
			p.tidyLocked()
		}
		mine = newPurse()
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
