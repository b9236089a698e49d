package musicroom

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/room"
)

// TestASession follows the sessions of a room: what is kept of each, and when it
// ended.
func TestASession(t *testing.T) {
	at := func(minutes int) time.Time {
		return time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
	}
	first := Session{ID: "a", Room: "MUSIC-2024", Started: at(1)}
	taught := first
	taught.PlanID, taught.Plan = "p", "Steady beat"
	ended := func(s Session, seen, end time.Time) Session {
		s.Seen, s.Ended = seen, end
		return s
	}
	seen := func(s Session, when time.Time) Session {
		s.Seen = when
		return s
	}
	second := Session{ID: "b", Room: "MUSIC-2024", Started: at(30)}
	s := Session{}
	for _, step := range []struct {
		name   string
		minute int
		is     room.Session
		want   []Session
	}{
		{"nobody is here", 0, room.Session{ID: "a"}, nil},
		{"a student comes", 1, room.Session{ID: "a", Visited: true}, []Session{first}},
		{"nothing of it changes", 2, room.Session{ID: "a", Visited: true}, nil},
		{"a plan begins", 3, room.Session{ID: "a", Visited: true, PlanID: "p", Plan: "Steady beat"}, []Session{seen(taught, at(2))}},
		{"the plan goes on", 29, room.Session{ID: "a", Visited: true, PlanID: "p", Plan: "Steady beat"}, nil},
		{"the teacher ends it", 30, room.Session{ID: "b", Visited: true}, []Session{ended(taught, at(29), at(30)), second}},
		{"the next class comes late", 90, room.Session{ID: "c", Visited: true}, []Session{ended(second, at(30), at(30)), {ID: "c", Room: "MUSIC-2024", Started: at(90)}}},
		{"nobody is here any more", 91, room.Session{ID: "d"}, []Session{ended(Session{ID: "c", Room: "MUSIC-2024", Started: at(90)}, at(90), at(91))}},
		{"and nobody comes", 92, room.Session{ID: "d"}, nil},
	} {
		var changed []Session
		s, changed = s.next(step.is, "MUSIC-2024", at(step.minute))
		if diff := cmp.Diff(step.want, changed); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}
