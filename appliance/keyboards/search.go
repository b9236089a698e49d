package keyboards

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/room"
)

// A student who looks for the keyboard in front of them presses one of its keys.
// The box cannot see who presses, so that one student searches at a time, and the
// others wait in line.
const (
	// searchTime is how long a search lasts.
	searchTime = time.Minute
	// turnTime is how long a student may take while others wait. Then they go to
	// the end of the line.
	turnTime = 15 * time.Second
	// pageTime is how long a search lasts without a word of the page.
	pageTime = 4 * time.Second
)

// searcher is a student who searches, in a room.
type searcher struct{ room, student string }

// search is the search of one student.
type search struct {
	searcher
	began, heard time.Time // when it began, and when the page last asked
	turn         time.Time // since when it is first in line
	found        string    // the ID of the keyboard; empty while it goes on
	over         bool      // nobody pressed a key in time
	refused      *room.RefusedKeyboard
}

// waits reports whether a search goes on.
func (s *search) waits() bool { return s.found == "" && !s.over }

// searches are the searches that go on, in the order of their turns, and those
// whose end the page has not heard yet. Each student has one.
type searches struct {
	active atomic.Bool // whether any may go on

	mu  sync.Mutex // guards all
	all []*search
}

// ask begins a student's search or goes on with it, and returns how it goes.
func (s *searches) ask(now time.Time, by searcher) room.KeyboardSearch {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidyLocked(now)
	mine := s.findLocked(by)
	if mine == nil {
		mine = &search{searcher: by, began: now}
		s.all = append(s.all, mine)
	}
	mine.heard = now
	s.tidyLocked(now)
	return s.describeLocked(mine)
}

// stop ends a student's search.
func (s *searches) stop(now time.Time, by searcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(a *search) bool { return a.searcher == by })
	s.tidyLocked(now)
}

// next is the student whose turn it is.
func (s *searches) next(now time.Time) (by searcher, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.tidyLocked(now); first != nil {
		return first.searcher, true
	}
	return searcher{}, false
}

// find ends a student's search: the keyboard with that ID is theirs.
func (s *searches) find(now time.Time, by searcher, id string) {
	s.change(now, by, func(mine *search) { mine.found = id })
}

// refuse notes that a student cannot have a keyboard. Their search goes on.
func (s *searches) refuse(now time.Time, by searcher, k room.RefusedKeyboard) {
	s.change(now, by, func(mine *search) { mine.refused = &k })
}

func (s *searches) change(now time.Time, by searcher, do func(*search)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine := s.findLocked(by); mine != nil {
		do(mine)
	}
	s.tidyLocked(now)
}

func (s *searches) findLocked(by searcher) *search {
	for _, a := range s.all {
		if a.searcher == by {
			return a
		}
	}
	return nil
}

// tidyLocked forgets the searches of pages that are gone, ends those that took too
// long, and returns the first that goes on; nil if there is none.
func (s *searches) tidyLocked(now time.Time) (first *search) {
	s.all = slices.DeleteFunc(s.all, func(a *search) bool { return now.Sub(a.heard) > pageTime })
	waiting := 0
	for _, a := range s.all {
		a.over = a.over || a.found == "" && now.Sub(a.began) > searchTime
		if a.waits() {
			waiting++
		}
	}
	s.active.Store(waiting > 0)
	first = s.firstLocked(now)
	if first != nil && waiting > 1 && now.Sub(first.turn) > turnTime {
		i := slices.Index(s.all, first)
		s.all = append(slices.Delete(s.all, i, i+1), first)
		first.turn = time.Time{}
		first = s.firstLocked(now)
	}
	return first
}

// firstLocked is the first search that goes on. Its turn begins.
func (s *searches) firstLocked(now time.Time) *search {
	for _, a := range s.all {
		if a.waits() {
			if a.turn.IsZero() {
				a.turn = now
			}
			return a
		}
	}
	return nil
}

func (s *searches) describeLocked(mine *search) room.KeyboardSearch {
	shown := room.KeyboardSearch{State: room.SearchPress, Found: mine.found, Refused: mine.refused}
	switch {
	case mine.found != "":
		shown.State = room.SearchFound
		return shown
	case mine.over:
		shown.State = room.SearchOver
		return shown
	}
	for _, a := range s.all {
		if a == mine {
			break
		}
		if !a.waits() {
			continue
		}
		if shown.Ahead == 0 && a.room == mine.room {
			shown.Turn = a.student
		}
		shown.Ahead++
		shown.State = room.SearchWait
	}
	return shown
}
