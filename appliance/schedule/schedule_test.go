package schedule

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"downbeat.local/appliance/room"
	"downbeat.local/sync/clock"
)

// The vectors in testdata are results of this package. The same code in the web
// engine must give them too. To write them anew:
//
//	go test ./appliance/schedule -update
var update = flag.Bool("update", false, "write testdata anew")

// vector is a note in a room. Moments that never come are null.
type vector struct {
	Name      string        `json:"name"`
	Plan      clock.Plan    `json:"plan"`
	Mode      string        `json:"mode"`
	Grid      int           `json:"grid"`
	Interval  int           `json:"interval"`
	Played    clock.Millis  `json:"played"`
	Ended     clock.Millis  `json:"ended"`
	Earliest  clock.Millis  `json:"earliest"` // when it can be heard
	Begins    *clock.Millis `json:"begins"`
	Ends      *clock.Millis `json:"ends"`
	Postponed *clock.Millis `json:"postponed"` // null also for a note without a grid
}

// at120 is a plan with 120 beats a minute from 1000 on; the rest follows it.
func at120(rest ...clock.Timeline) clock.Plan {
	return append(clock.Plan{{Running: true, BPM: 120, Time0: 1000, Meter: 4}}, rest...)
}

// cases are the notes of the vectors.
func cases() []vector {
	still := clock.Plan{{BPM: 120, Time0: 1000, Meter: 4}}
	slower := clock.Timeline{Running: true, BPM: 60, Beat0: 4, Time0: 3000, Meter: 4, Bar0: 1}
	stop := clock.Timeline{BPM: 120, Beat0: 4, Time0: 3000, Meter: 4, Bar0: 1}
	countIn := clock.Plan{{Running: true, BPM: 120, Beat0: -4, Time0: 1000, Meter: 4, Bar0: -1}}
	return []vector{
		{Name: "live", Plan: at120(), Mode: room.ModeLive, Played: 1234, Ended: 1400, Earliest: 1300},
		{Name: "snap without a beat is live", Plan: still, Mode: room.ModeSnap, Played: 1234, Ended: 1400, Earliest: 1300},
		{Name: "loop without a beat is live", Plan: still, Mode: room.ModeLoop, Played: 1234, Ended: 1400, Earliest: 1300},
		{Name: "snap to the next step", Plan: at120(), Mode: room.ModeSnap, Played: 1010, Ended: 1400, Earliest: 1300},
		{Name: "snap, early for a step", Plan: at120(), Mode: room.ModeSnap, Played: 1120, Ended: 1180, Earliest: 1130},
		{Name: "snap, too early for a step", Plan: at120(), Mode: room.ModeSnap, Grid: 1, Played: 1430, Ended: 1500, Earliest: 1440},
		{Name: "snap, early for a beat", Plan: at120(), Mode: room.ModeSnap, Grid: 1, Played: 1445, Ended: 1500, Earliest: 1450},
		{Name: "snap, on the edge of a step", Plan: at120(), Mode: room.ModeSnap, Grid: 1, Played: 1440, Ended: 1500, Earliest: 1450},
		{Name: "snap in triplets", Plan: at120(), Mode: room.ModeSnap, Grid: 3, Played: 1050, Ended: 1600, Earliest: 1700},
		{Name: "snap, and the end before the step", Plan: at120(), Mode: room.ModeSnap, Grid: 1, Played: 1010, Ended: 1020, Earliest: 1100},
		{Name: "snap, late for its step", Plan: at120(), Mode: room.ModeSnap, Played: 1120, Ended: 1180, Earliest: 1290},
		{Name: "snap over a change of tempo", Plan: at120(slower), Mode: room.ModeSnap, Grid: 1, Played: 2900, Ended: 3500, Earliest: 3000},
		{Name: "snap, and the music stops", Plan: at120(stop), Mode: room.ModeSnap, Grid: 1, Played: 2600, Ended: 2900, Earliest: 2700},
		{Name: "loop", Plan: at120(), Mode: room.ModeLoop, Played: 1010, Ended: 1400, Earliest: 1300},
		{Name: "loop of a bar", Plan: at120(), Mode: room.ModeLoop, Interval: 4, Played: 1010, Ended: 1400, Earliest: 3100},
		{Name: "loop, two rounds late", Plan: at120(), Mode: room.ModeLoop, Interval: 1, Played: 1010, Ended: 1400, Earliest: 2100},
		{Name: "loop over a change of tempo", Plan: at120(slower), Mode: room.ModeLoop, Interval: 4, Played: 1250, Ended: 1500, Earliest: 1300},
		{Name: "loop, and the music stops", Plan: at120(stop), Mode: room.ModeLoop, Interval: 4, Played: 1250, Ended: 1500, Earliest: 1300},
		{Name: "snap while counting in", Plan: countIn, Mode: room.ModeSnap, Grid: 1, Played: 1700, Ended: 1800, Earliest: 1750},
	}
}

// solve fills in when the note of a vector sounds.
func (v *vector) solve() {
	s := room.Settings{Mode: v.Mode, Grid: v.Grid, Interval: v.Interval}
	due := Of(v.Plan, s, v.Played)
	v.Begins = moment(due, v.Plan)
	v.Ends = moment(due.End(v.Plan, v.Played, v.Ended), v.Plan)
	if later, ok := due.Postponed(v.Plan, s, v.Earliest); ok {
		v.Postponed = moment(later, v.Plan)
	}
}

func moment(d Due, plan clock.Plan) *clock.Millis {
	if at := d.Moment(plan); at < clock.Never() {
		return &at
	}
	return nil
}

func TestVectors(t *testing.T) {
	got := cases()
	for i := range got {
		v := &got[i]
		v.Grid, v.Interval = cmp.Or(v.Grid, 4), cmp.Or(v.Interval, 8)
		v.solve()
	}
	path := filepath.Join("testdata", "notes.json")
	if *update {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		if err := enc.Encode(got); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(out.String(), `},{"name"`, "},\n{\"name\"")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want []vector
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
