package classlist

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// Visit says that a child was in a session of a room, on a seat. It lasts for the
// session: next week another child may sit on the same seat.
type Visit struct {
	Child   string    `json:"child"`
	Class   string    `json:"class"`
	Session string    `json:"session"`
	Seat    string    `json:"seat"` // the student_id of the seat
	At      time.Time `json:"at"`   // when they came
}

func (v Visit) key() string { return v.Session + "/" + v.Seat }

// Why a music name opens nothing.
var (
	ErrNoMusic   = errors.New("no child of the class has those pictures")
	ErrElsewhere = errors.New("the child is on another seat")
)

// maxVisits bounds the visits: a school year of full classes. The oldest go first.
const maxVisits = 50_000

// Place is where somebody enters a music name.
type Place struct {
	Room, Session, Seat string
	// Taken reports whether another seat of the session is in use now. A child is
	// in one place at a time, so who guesses a music name cannot read beside them.
	Taken func(seat string) bool
}

// Enter finds the listed child of a room's class who has a music name, and notes
// that they are here. Errors: ErrNoMusic, ErrElsewhere.
func (l *Lists) Enter(ctx context.Context, p Place, m Music) (Child, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	child, ok := l.find(p.Room, m)
	if !ok || p.Session == "" {
		return Child{}, ErrNoMusic
	}
	for _, v := range l.In(p.Session) {
		if v.Child == child.ID && v.Seat != p.Seat && p.Taken(v.Seat) {
			return Child{}, ErrElsewhere
		}
	}
	if at, ok := l.At(p.Session, p.Seat); ok && at == child.ID {
		return child, nil
	}
	l.mu.RLock()
	full := len(l.visits) >= maxVisits
	l.mu.RUnlock()
	if full {
		if err := l.dropVisits(ctx, time.Time{}); err != nil {
			return Child{}, err
		}
	}
	v := Visit{Child: child.ID, Class: child.Class, Session: p.Session, Seat: p.Seat, At: l.cfg.Now().UTC()}
	return child, l.commit(ctx, change{visits: []Visit{v}})
}

func (l *Lists) find(room string, m Music) (Child, bool) {
	c, ok := l.Of(room)
	if !ok {
		return Child{}, false
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, child := range l.children {
		if child.Class == c.ID && child.Listed && child.Music == m {
			return child, true
		}
	}
	return Child{}, false
}

// At returns the child on a seat of a session.
func (l *Lists) At(session, seat string) (child string, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	v, ok := l.visits[Visit{Session: session, Seat: seat}.key()]
	return v.Child, ok
}

// On returns the child on a seat of a session; empty if nobody knows. Without a
// session, because its room is closed, it is the one who sat there last.
func (l *Lists) On(seat, session string) (child string) {
	if session != "" {
		child, _ = l.At(session, seat)
		return child
	}
	for _, v := range l.visited(func(v Visit) bool { return v.Seat == seat }) {
		child = v.Child
	}
	return child
}

// SeatOf returns the seat of a child in a session; empty if they have none. It is
// the last one that they took.
func (l *Lists) SeatOf(child, session string) (seat string) {
	for _, v := range l.In(session) {
		if v.Child == child {
			seat = v.Seat
		}
	}
	return seat
}

// In lists the visits of a session, in order.
func (l *Lists) In(session string) []Visit {
	return l.visited(func(v Visit) bool { return v.Session == session })
}

// VisitsOf lists the visits of a child, in order.
func (l *Lists) VisitsOf(child string) []Visit {
	return l.visited(func(v Visit) bool { return v.Child == child })
}

func (l *Lists) visited(keep func(Visit) bool) (all []Visit) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, v := range l.visits {
		if keep(v) {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b Visit) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.key(), b.key())) })
	return all
}

func (l *Lists) wasHere(child string) bool { return len(l.VisitsOf(child)) > 0 }

// Sweep deletes the visits from before a time.
func (l *Lists) Sweep(ctx context.Context, before time.Time) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	return l.dropVisits(ctx, before)
}

// Erase calls erase, which erases a child from the store with all that their key
// sealed, and then forgets the child. Nobody enters their music name meanwhile.
func (l *Lists) Erase(child string, erase func() error) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	if err := erase(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.children, child)
	for key, v := range l.visits {
		if v.Child == child {
			delete(l.visits, key)
		}
	}
	return nil
}
