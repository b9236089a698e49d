package musicroom

import (
	"maps"
	"slices"
	"sync"

	"downbeat.local/appliance/names"
	"downbeat.local/appliance/room"
)

// register holds the open rooms by their codes.
type register struct {
	most int // how many rooms there may be

	mu         sync.Mutex // guards what follows; held while a room is opened
	rooms      map[string]*Room
	forgotten  map[string]bool // ids of students whom the school has forgotten since the start
	unreadable map[string]bool // codes of saved rooms that cannot be read
}

func newRegister(most int) register {
	return register{most: most, rooms: make(map[string]*Room), forgotten: make(map[string]bool), unreadable: make(map[string]bool)}
}

// find is the room with a code, nil if there is none.
func (g *register) find(code string) *Room {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rooms[code]
}

// list lists the rooms, newest first.
func (g *register) list() []*Room {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.SortedFunc(maps.Values(g.rooms), func(a, b *Room) int { return b.created.Compare(a.created) })
}

// take removes a room and returns it, nil if there is none.
func (g *register) take(code string) *Room {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.rooms[code]
	delete(g.rooms, code)
	return r
}

// FindCode returns the code of the one open room that a typed code means.
func (g *register) FindCode(typed string) (code string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return names.FindCode(typed, maps.Keys(g.rooms))
}

// Codes lists the codes of the open rooms, newest first.
func (g *register) Codes() []string {
	var codes []string
	for _, r := range g.list() {
		codes = append(codes, r.rules.Code())
	}
	return codes
}

// Count is how many rooms are open.
func (g *register) Count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.rooms)
}

// newCodeLocked makes a code that no room has.
func (g *register) newCodeLocked() string {
	for {
		if code := names.NewCode(nil); g.rooms[code] == nil && !g.unreadable[code] {
			return code
		}
	}
}

// checkNewLocked says why a new room cannot have a code.
func (g *register) checkNewLocked(code string) error {
	switch {
	case g.rooms[code] != nil || g.unreadable[code]:
		return room.ErrCodeTaken
	case len(g.rooms) >= g.most:
		return room.ErrTooManyRooms
	}
	return nil
}
