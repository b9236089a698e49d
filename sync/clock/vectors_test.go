package clock

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The vectors in testdata are results of this package. The same code in the web
// engine must give them too. To write them anew:
//
//	go test -run Vectors ./sync/clock -update
var update = flag.Bool("update", false, "write testdata anew")

// approximately allows for machines that round differently.
var approximately = cmpopts.EquateApprox(0, 1e-5)

// golden compares with a file of testdata, or writes it. Numbers may differ by
// 1e-5: other machines round differently, and the search for the skew is only
// that exact.
func golden[T any](t *testing.T, name string, got T) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		if err := enc.Encode(got); err != nil {
			t.Fatal(err)
		}
		// One ping, read or case a line, for readable diffs.
		text := strings.NewReplacer("],[", "],\n[", "},{", "},\n{", ":[[", ":[\n[", ":[{", ":[\n{").Replace(out.String())
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want T
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, approximately); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// moment is the results of a timeline at a moment.
type moment struct {
	At          Millis  `json:"at"`
	Beat        float64 `json:"beat"`
	Bar         int     `json:"bar"`
	BeatInBar   int     `json:"beat_in_bar"`
	BeatAfter   float64 `json:"beat_after"`
	BarLine     Millis  `json:"bar_line"`
	BarLineBeat float64 `json:"bar_line_beat"`
}

type lineVector struct {
	Timeline Timeline `json:"timeline"`
	Moments  []moment `json:"moments"`
}

func momentOf(line Timeline, at Millis) moment {
	m := moment{At: at, Beat: line.BeatAt(at), BeatAfter: line.BeatAfter(at)}
	m.Bar, m.BeatInBar = line.Bar(m.Beat)
	m.BarLine, m.BarLineBeat = line.BarLineAfter(at)
	return m
}

func TestTimelineVectors(t *testing.T) {
	var vectors []lineVector
	for _, line := range []Timeline{
		{Revision: 1, BPM: 100, Meter: 4},
		{Revision: 2, Running: true, BPM: 120, Time0: 5_000_000.125, Meter: 4},
		{Revision: 3, Running: true, BPM: 90, Beat0: -8, Time0: 1400, Meter: 4, Bar0: -2},
		{Revision: 4, Running: true, BPM: 133.7, Beat0: 12, Time0: 86_400_000.875, Meter: 7, Bar0: 3},
		{Revision: 5, Running: true, BPM: 30, Beat0: 5, Time0: 77, Meter: 1, Bar0: 5},
		{Revision: 6, Running: true, BPM: 300, Beat0: 160, Time0: 9e9, Meter: 16, Bar0: 10},
	} {
		v := lineVector{Timeline: line}
		for _, beats := range []float64{-1.25, 0, 0.5, 1, 2.999, 7, 15.75, 16, 112, 1000.25} {
			v.Moments = append(v.Moments, momentOf(line, line.TimeOf(line.Beat0+beats)))
		}
		vectors = append(vectors, v)
	}
	golden(t, "timeline.json", vectors)
}

type changeVector struct {
	Timeline Timeline `json:"timeline"`
	Now      Millis   `json:"now"`
	Wish     Wish     `json:"wish"`
	Next     Timeline `json:"next"`
}

func TestChangeVectors(t *testing.T) {
	var vectors []changeVector
	r := rand.New(rand.NewPCG(2, 4))
	line := Timeline{BPM: 100, Meter: 4}
	now := Millis(5e6)
	for i := range 12 {
		w := Wish{BPM: 30 + math.Round(r.Float64()*270), Meter: 1 + r.IntN(8), Running: i%5 != 4, CountIn: r.IntN(3)}
		next := line.Change(now, w)
		vectors = append(vectors, changeVector{line, now, w, next})
		line, now = next, next.Time0+Millis(math.Round(r.Float64()*9000))
	}
	golden(t, "change.json", vectors)
}

// planVector is a room whose teacher changes the tempo, and a device that hears
// of every change up to 400 ms later. Messages may overtake each other.
type planVector struct {
	Start   Plan         `json:"start"`
	Changes []planChange `json:"changes"`
	Heard   []planHeard  `json:"heard"` // in the order of arrival
	Reads   []planRead   `json:"reads"`
}

type planChange struct {
	Now  Millis `json:"now"`
	Wish Wish   `json:"wish"`
	Plan Plan   `json:"plan"`
}

// planHeard says when the device hears of a change.
type planHeard struct {
	At     Millis `json:"at"`
	Change int    `json:"change"`
}

// planRead is the timeline at a moment, on the box and on every device.
type planRead struct {
	At       Millis  `json:"at"`
	Revision int     `json:"revision"`
	Beat     float64 `json:"beat"`
}

// planned draws a room's changes. Most come in the last 400 ms before a planned
// one takes effect.
func planned(r *rand.Rand) planVector {
	plan := Plan{{Revision: 1, BPM: 60 + math.Round(r.Float64()*120), Meter: 2 + r.IntN(4)}}
	v := planVector{Start: plan}
	now := Millis(5e6)
	for i := range 8 {
		w := Wish{BPM: 60 + math.Round(r.Float64()*120), Meter: 2 + r.IntN(4), Running: i == 0 || r.IntN(4) > 0, CountIn: r.IntN(2)}
		plan = plan.Change(now, w)
		v.Changes = append(v.Changes, planChange{now, w, plan})
		v.Heard = append(v.Heard, planHeard{now + Millis(math.Round(r.Float64()*400)), i})
		next := max(now, plan.Last().Time0) - Millis(math.Round(r.Float64()*450-20))
		for at := now; at < max(now, next); at += 61 {
			line := plan.At(at)
			v.Reads = append(v.Reads, planRead{at, line.Revision, line.BeatAt(at)})
		}
		now = max(now, next)
	}
	slices.SortStableFunc(v.Heard, func(a, b planHeard) int { return int(a.At - b.At) })
	return v
}

func TestPlanVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	var vectors []planVector
	for range 10 {
		vectors = append(vectors, planned(r))
	}
	golden(t, "plan.json", vectors)
}

// trace is the measurements of one device in a model network, and the results of
// the estimator. Resets and reads come after the pings answered by then.
type trace struct {
	Name   string       `json:"name"`
	Resets []float64    `json:"resets"`
	Pings  [][4]float64 `json:"pings"` // t1, t2, t3, t4
	Reads  []read       `json:"reads"`
}

// read is the estimate at a moment of the device's clock: the moment, the box
// clock, the offset and its bound (-1 is infinite).
type read [4]float64

// micro rounds to a microsecond, as clocks do.
func micro(ms float64) float64 { return math.Round(ms*1000) / 1000 }

// record runs a device and an estimator for a time. Half way through, it moves
// the box clock by jump, and resets the estimator if reset is set.
func record(d *device, seconds float64, jump float64, reset bool) trace {
	tr := trace{Name: d.net.name, Resets: []float64{}}
	var e Estimator
	var set float64
	for d.box < boxOrigin+seconds*1000 {
		for _, p := range d.pass(100) {
			v := [4]float64{micro(p.t1), micro(p.t2 + set), micro(p.t3 + set), micro(p.t4)}
			tr.Pings = append(tr.Pings, v)
			e.Add(v[0], v[1], v[2], v[3])
		}
		age := math.Round(d.box - boxOrigin)
		if age == math.Round(seconds*500) {
			set = jump
			if reset {
				tr.Resets = append(tr.Resets, micro(d.local))
				e.Reset()
			}
		}
		if math.Mod(age, 1000) == 0 {
			at := micro(d.local)
			offset, bound := e.Offset(at), e.Bound()
			if math.IsInf(bound, 1) {
				bound = -1
			}
			tr.Reads = append(tr.Reads, read{at, d.box + set, offset, bound})
		}
	}
	return tr
}

func TestEstimatorVectors(t *testing.T) {
	var traces []trace
	for i, net := range networks {
		traces = append(traces, record(newDevice(net, uint64(40+i)), 90, 0, false))
	}
	asleep := record(newDevice(networks[2], 44), 40, 30_000, false)
	asleep.Name = "the device slept for 30 s"
	reset := record(newDevice(networks[1], 45), 40, 0, true)
	reset.Name = "reset for nothing"
	golden(t, "estimator.json", append(traces, asleep, reset))
}
