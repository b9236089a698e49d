package keyboards

import (
	"testing"
	"time"

	"downbeat.local/appliance/room"
)

// line is searches at a time that a test sets.
type line struct {
	searches
	t   *testing.T
	now time.Time
}

func newLine(t *testing.T) *line { return &line{t: t, now: time.Unix(1, 0)} }

func in(student string) searcher { return searcher{room: "MUSIC-2024", student: student} }

// asks lets the pages of students ask.
func (l *line) asks(students ...string) (last room.KeyboardSearch) {
	for _, student := range students {
		last = l.ask(l.now, in(student))
	}
	return last
}

// later passes time in which the pages of students go on asking.
func (l *line) later(d time.Duration, asking ...string) {
	for end := l.now.Add(d); l.now.Before(end); {
		l.now = l.now.Add(min(time.Second, end.Sub(l.now)))
		l.asks(asking...)
	}
}

// turn fails unless it is a student's turn.
func (l *line) turn(want string) {
	l.t.Helper()
	by, ok := l.next(l.now)
	if by.student != want || ok != (want != "") {
		l.t.Errorf("it is the turn of %q, want %q", by.student, want)
	}
	if l.active.Load() != (want != "") {
		l.t.Errorf("while it is the turn of %q, active is %v", want, l.active.Load())
	}
}

func TestNobodySearches(t *testing.T) {
	newLine(t).turn("")
}

func TestSearchesTakeTurns(t *testing.T) {
	l := newLine(t)
	if got := l.asks("ada"); got.State != room.SearchPress {
		t.Errorf("the first is told %+v", got)
	}
	if got := l.asks("ben", "cleo"); got.State != room.SearchWait || got.Ahead != 2 || got.Turn != "ada" {
		t.Errorf("the third is told %+v", got)
	}
	l.turn("ada")
	l.find(l.now, in("ada"), "usb:1-1/0.0")
	if got := l.asks("ada"); got.State != room.SearchFound || got.Found != "usb:1-1/0.0" {
		t.Errorf("who has found is told %+v", got)
	}
	if got := l.asks("cleo"); got.State != room.SearchWait || got.Ahead != 1 || got.Turn != "ben" {
		t.Errorf("the third is told %+v", got)
	}
	l.turn("ben")
	l.stop(l.now, in("ben"))
	l.turn("cleo")
	l.stop(l.now, in("cleo"))
	l.turn("")
}

// The students of another room are in the same line, and unnamed.
func TestSearchesOfTwoRooms(t *testing.T) {
	l := newLine(t)
	l.asks("ada")
	got := l.ask(l.now, searcher{room: "CHOIR-1000", student: "ben"})
	if got.State != room.SearchWait || got.Ahead != 1 || got.Turn != "" {
		t.Errorf("the other room is told %+v", got)
	}
}

// A student who lets others wait goes to the end of the line.
func TestATurnEnds(t *testing.T) {
	l := newLine(t)
	l.asks("ada", "ben")
	l.later(turnTime, "ada", "ben")
	l.turn("ada")
	l.later(time.Second, "ada", "ben")
	l.turn("ben")
	l.later(turnTime, "ada", "ben")
	l.turn("ben")
	l.later(time.Second, "ada", "ben")
	l.turn("ada")
}

func TestASearchEnds(t *testing.T) {
	l := newLine(t)
	l.asks("ada")
	l.later(searchTime, "ada")
	l.turn("ada")
	l.later(time.Second, "ada")
	if got := l.asks("ada"); got.State != room.SearchOver {
		t.Errorf("after %v the student is told %+v", searchTime, got)
	}
	l.turn("")
	l.stop(l.now, in("ada"))
	if got := l.asks("ada"); got.State != room.SearchPress {
		t.Errorf("who asks again is told %+v", got)
	}
}

// A page that is gone searches no more.
func TestThePageOfASearchGoes(t *testing.T) {
	l := newLine(t)
	l.asks("ada", "ben")
	l.later(pageTime+time.Second, "ben")
	l.turn("ben")
	l.now = l.now.Add(pageTime + time.Second)
	l.turn("")
}

func TestARefusalIsShown(t *testing.T) {
	l := newLine(t)
	l.asks("ada")
	l.refuse(l.now, in("ada"), room.RefusedKeyboard{Name: "KeyStep 32", Owner: "ben"})
	if got := l.asks("ada"); got.State != room.SearchPress || got.Refused == nil || got.Refused.Owner != "ben" {
		t.Errorf("the student is told %+v", got)
	}
}
