package client

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire/wiretest"
	"downbeat.local/sync/clock"
)

func TestConstants(t *testing.T) {
	c := wiretest.Read(t)
	ms := func(d time.Duration) int { return int(d.Milliseconds()) }
	var after []int
	for _, d := range repeatAt {
		after = append(after, ms(d))
	}
	if diff := cmp.Diff(c.Repeat.AfterMS, after); diff != "" {
		t.Errorf("repeats of a note, ms (-want +got):\n%s", diff)
	}
	first, p := time.Duration(c.Pings.FirstPhaseMS)*time.Millisecond, c.Pings
	for name, pair := range map[string][2]int{
		"between held keys":   {c.Repeat.HeldMS, ms(heldEvery)},
		"overlap time":        {c.Repeat.OverlapMS, ms(overlapTime)},
		"notes in an overlap": {c.Repeat.OverlapNotes, overlapNotes},
		"pings in a burst":    {p.Burst, clock.BurstSize},
		"between pings":       {p.GapMS, ms(clock.BurstGap)},
		"first pause":         {p.FirstPauseMS, ms(clock.NextBurst(first - 1))},
		"later pause":         {p.LaterPauseMS, ms(clock.NextBurst(first))},
		"between heartbeats":  {c.HeartbeatMS, ms(heartbeatEvery)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, want %d", name, pair[1], pair[0])
		}
	}
}
