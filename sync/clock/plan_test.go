package clock

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// playing is a plan with one timeline: 120 beats a minute in bars of 2 s.
func playing() Plan {
	return Plan{{Revision: 1, Running: true, BPM: 120, Meter: 4}}
}

// A change that is nearer than the notice of its cancellation comes, and the new
// one follows it.
func TestANearChangeIsNotTakenBack(t *testing.T) {
	const line = Millis(2000)
	planned := playing().Change(1000, Wish{BPM: 140, Meter: 4, Running: true})
	faster := Timeline{Revision: 2, Running: true, BPM: 140, Beat0: 4, Time0: line, Meter: 4, Bar0: 1}
	if diff := gocmp.Diff(append(playing(), faster), planned); diff != "" {
		t.Fatalf("planned (-want +got):\n%s", diff)
	}
	bar := Millis(4 * 60_000 / 140.0)
	for _, c := range []struct {
		name string
		now  Millis
		wish Wish
		want Plan
	}{
		{
			"400 ms before, it is replaced", line - 400,
			Wish{BPM: 141, Meter: 4, Running: true},
			append(playing(), Timeline{Revision: 3, Running: true, BPM: 141, Beat0: 4, Time0: line, Meter: 4, Bar0: 1}),
		},
		{
			"30 ms before, it comes", line - 30,
			Wish{BPM: 141, Meter: 4, Running: true},
			append(playing(), faster, Timeline{Revision: 3, Running: true, BPM: 141, Beat0: 8, Time0: line + bar, Meter: 4, Bar0: 2}),
		},
		{
			"taken back, it is played for a bar", line - 399,
			Wish{BPM: 120, Meter: 4, Running: true},
			append(playing(), faster, Timeline{Revision: 3, Running: true, BPM: 120, Beat0: 8, Time0: line + bar, Meter: 4, Bar0: 2}),
		},
		{
			"after its bar line, nothing is left of what was before", line + 10,
			Wish{BPM: 120, Meter: 4, Running: true},
			Plan{faster, Timeline{Revision: 3, Running: true, BPM: 120, Beat0: 8, Time0: line + bar, Meter: 4, Bar0: 2}},
		},
	} {
		got := planned.Change(c.now, c.wish)
		if diff := gocmp.Diff(c.want, got, approximately); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPlayAfterANearStopStartsAnew(t *testing.T) {
	const line = Millis(2000)
	stopping := playing().Change(1000, Wish{BPM: 120, Meter: 4})
	got := stopping.Change(line-30, Wish{BPM: 120, Meter: 4, Running: true, CountIn: 1})
	stopped := Timeline{Revision: 2, BPM: 120, Beat0: 4, Time0: line, Meter: 4, Bar0: 1}
	begins := Timeline{Revision: 3, Running: true, BPM: 120, Beat0: -4, Time0: line + 370, Meter: 4, Bar0: -1}
	if diff := gocmp.Diff(append(playing(), stopped, begins), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := stopping.Change(line-400, Wish{BPM: 120, Meter: 4, Running: true}); !again.At(line).Running || again.At(line).Beat0 != 4 {
		t.Errorf("with enough notice the music stops: %+v", again)
	}
}

// Nothing that was planned comes any more, and the next start is as any other.
func TestACutStopsAtOnce(t *testing.T) {
	stopping := playing().Change(1000, Wish{BPM: 140, Meter: 3})
	cut := stopping.Cut(1100)
	want := Plan{{Revision: 3, BPM: 140, Meter: 3, Time0: 1100}}
	if diff := gocmp.Diff(want, cut); diff != "" {
		t.Fatalf("cut off (-want +got):\n%s", diff)
	}
	if err := cut.Validate(); err != nil {
		t.Error(err)
	}
	again := cut.Change(1200, Wish{BPM: 140, Meter: 3, Running: true})
	begins := Timeline{Revision: 4, Running: true, BPM: 140, Time0: 1600, Meter: 3}
	if diff := gocmp.Diff(append(want, begins), again); diff != "" {
		t.Errorf("started again (-want +got):\n%s", diff)
	}
}

// A slider sends a tempo every few milliseconds.
func TestPlansStayShort(t *testing.T) {
	for _, running := range []bool{true, false} {
		for _, toggles := range []bool{true, false} {
			plan := Plan{{Running: running, BPM: 300, Meter: 1}}
			w := Wish{BPM: 300, Meter: 1, Running: running}
			for now := Millis(0); now < 5000; now++ {
				w.BPM = 290 + math.Mod(float64(now), 10)
				w.Running = running != (toggles && int(now)%2 == 0)
				plan = plan.Change(now, w)
				if err := plan.Validate(); err != nil || len(plan) > 8 {
					t.Fatalf("after %v ms the plan has %d timelines: %v", now, len(plan), err)
				}
			}
		}
	}
}

func TestValidPlans(t *testing.T) {
	later := Timeline{Running: true, BPM: 120, Meter: 4, Time0: 5}
	for name, p := range map[string]Plan{
		"empty":        {},
		"endless":      slices.Repeat(playing(), maxPlan+1),
		"out of order": append(Plan{later}, playing()...),
		"damaged":      append(playing(), Timeline{Time0: 5}),
	} {
		if p.Validate() == nil {
			t.Errorf("a plan that is %s passes", name)
		}
	}
	if err := append(playing(), later).Validate(); err != nil {
		t.Error(err)
	}
}

// delivered is a plan on its way to a device.
type delivered struct {
	at   Millis
	plan Plan
}

// follower is a device: it keeps the newest plan that it has heard of.
type follower struct {
	plan Plan
	mail []delivered
}

// advance takes what has arrived by a moment. Messages may overtake each other.
func (f *follower) advance(now Millis) {
	slices.SortStableFunc(f.mail, func(a, b delivered) int { return cmp.Compare(a.at, b.at) })
	for len(f.mail) > 0 && f.mail[0].at <= now {
		if got := f.mail[0].plan; got.Last().Revision >= f.plan.Last().Revision {
			f.plan = got
		}
		f.mail = f.mail[1:]
	}
}

// A teacher starts, stops and changes the tempo at any moments. Every device that
// hears of each change within Lead, in whatever order, is on the box's timeline
// at every moment. The beat never jumps while the music plays, and what a plan
// says of the next 400 ms stays true.
func TestDevicesAgreeWhateverTheDelays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := Plan{{BPM: rapid.Float64Range(MinBPM, MaxBPM).Draw(t, "bpm"), Meter: rapid.IntRange(1, 8).Draw(t, "meter")}}
		devices := make([]follower, rapid.IntRange(1, 4).Draw(t, "devices"))
		for i := range devices {
			devices[i].plan = plan
		}
		now := Millis(rapid.Float64Range(0, 1e7).Draw(t, "now"))
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			before := plan
			plan = plan.Change(now, anyWish(t))
			checkNotice(t, before, plan, now)
			for i := range devices {
				// Bar lines are rounded to a few microseconds.
				delay := time.Duration(rapid.IntRange(0, 399_990).Draw(t, "delay")) * time.Microsecond
				devices[i].mail = append(devices[i].mail, delivered{now.Add(delay), plan})
			}
			// Changes come in bursts, and near bar lines.
			wait := rapid.OneOf(rapid.Float64Range(0, 80), rapid.Float64Range(0, 5000)).Draw(t, "wait")
			until := now + Millis(wait)
			if edge := plan.Last().Time0; rapid.Bool().Draw(t, "near its beginning") && edge-450 > now {
				until = edge - Millis(rapid.Float64Range(0, 450).Draw(t, "before"))
			}
			for _, at := range momentsOf(plan, devices, now, until) {
				for i := range devices {
					devices[i].advance(at)
					if got, want := devices[i].plan.At(at), plan.At(at); got != want {
						t.Fatalf("at %v device %d is on %+v and the box on %+v", at, i, got, want)
					}
				}
			}
			now = until
		}
	})
}

// momentsOf lists when something may change between two moments, and moments
// just before and between.
func momentsOf(plan Plan, devices []follower, from, until Millis) []Millis {
	moments := []Millis{from, (from + until) / 2, until}
	for _, line := range plan {
		moments = append(moments, line.Time0-0.001, line.Time0, line.Time0+0.001)
	}
	for _, d := range devices {
		for _, m := range d.mail {
			moments = append(moments, m.at-0.001, m.at)
		}
	}
	moments = slices.DeleteFunc(moments, func(at Millis) bool { return at < from || at > until })
	slices.Sort(moments)
	return moments
}

// checkNotice checks a change of a plan: the next 400 ms stay as they were, and
// the beat keeps its phase.
func checkNotice(t *rapid.T, before, after Plan, now Millis) {
	for at := now; at < now.Add(Lead)-0.01; at += 7 {
		if was, is := before.At(at), after.At(at); was != is {
			t.Fatalf("at %v, %v ms before it, %+v becomes %+v", now, at-now, was, is)
		}
	}
	if err := after.Validate(); err != nil {
		t.Fatal(err)
	}
	for i, line := range after[1:] {
		jump := line.BeatAt(line.Time0) - after[i].BeatAt(line.Time0)
		if after[i].Running && math.Abs(jump) > grain {
			t.Fatalf("the beat jumps by %g at %v: %+v", jump, line.Time0, after)
		}
	}
}
