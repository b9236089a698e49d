package musicroom

import (
	"maps"
	"slices"
	"testing"
	"time"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/appliance/wire/wiretest"
	"downbeat.local/sync/clock"
)

func TestSteps(t *testing.T) {
	const now = clock.Millis(1e7)
	ago := func(d time.Duration) clock.Millis { return now.Add(-d) }
	seen := map[string]bool{}
	for name, tt := range map[string]struct {
		progress progress
		online   bool
		want     string
	}{
		"nothing known":               {progress{}, false, stepAway},
		"a program":                   {progress{}, true, stepIn},
		"a page":                      {progress{heard: ago(time.Second)}, true, stepIn},
		"a page that is silent":       {progress{heard: ago(time.Second), silent: true, played: true}, true, stepSilent},
		"a page that played":          {progress{heard: ago(time.Second), played: true}, true, stepPlayed},
		"a page that was just heard":  {progress{heard: ago(unheardAfter)}, true, stepIn},
		"a page that is not heard":    {progress{heard: ago(unheardAfter + time.Second), played: true}, true, stepMissed},
		"a seat that was just taken":  {progress{coming: ago(comingFor - time.Second)}, false, stepComing},
		"a seat that stays empty":     {progress{coming: ago(comingFor)}, false, stepAway},
		"a connection lost":           {progress{missed: ago(missedFor - time.Second), played: true}, false, stepMissed},
		"a connection lost long ago":  {progress{missed: ago(missedFor)}, false, stepAway},
		"a lost one that comes again": {progress{missed: ago(time.Second), coming: ago(0)}, false, stepComing},
	} {
		got, _ := tt.progress.step(now, tt.online)
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
		seen[got] = true
	}
	for _, step := range wiretest.Read(t).Lobby.Steps {
		if !seen[step] {
			t.Errorf("the page knows the step %s, and nobody is ever at it", step)
		}
		delete(seen, step)
	}
	if len(seen) > 0 {
		t.Errorf("the page does not know the steps %v", slices.Collect(maps.Keys(seen)))
	}
}

// TestProgressIsBounded has many students come and go.
func TestProgressIsBounded(t *testing.T) {
	q := newQuartet(t)
	for range 3 * room.Seats {
		seat, err := q.seat(room.Applicant{})
		if err != nil {
			t.Fatal(err)
		}
		q.coming(seat.ID)
		q.reported(seat.ID, wire.NetworkReport{Played: true})
		q.do(func() ([]room.Change, error) { return q.rules.Leave(clock.Now(), seat.ID) })
	}
	if n := len(q.progress); n > room.Seats {
		t.Errorf("the room remembers %d members, and has %d seats", n, room.Seats)
	}
}
