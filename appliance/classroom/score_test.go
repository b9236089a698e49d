package classroom

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/sync/clock"
)

// bars calls each for every note of a score in some bars.
func bars(s score, meter, from, count int, sc scale, each func(m moment, h hit)) {
	for bar := from; bar < from+count; bar++ {
		for beat := range meter {
			for step := range stepsPerBeat {
				m := moment{bar: bar, beat: beat, step: step, meter: meter, scale: sc}
				for _, h := range s.play16(m) {
					each(m, h)
				}
			}
		}
	}
}

// groove returns where in a bar a score plays a note, in beats from 0.
func groove(s score, meter, bar int, note uint8) []float64 {
	var at []float64
	bars(s, meter, bar, 1, scale{}, func(m moment, h hit) {
		if h.note == note {
			at = append(at, float64(m.beat)+float64(m.step)/stepsPerBeat)
		}
	})
	return at
}

func TestDrumGroove(t *testing.T) {
	drums := scores[0]
	for _, test := range []struct {
		name       string
		meter, bar int
		note       uint8
		want       []float64
	}{
		{"kick on one and three", 4, 0, kick, []float64{0, 2}},
		{"a third kick in the next bar", 4, 1, kick, []float64{0, 2, 2.5}},
		{"snare on two and four", 4, 0, snare, []float64{1, 3}},
		{"a waltz has one kick", 3, 0, kick, []float64{0}},
		{"a waltz has two snares", 3, 0, snare, []float64{1, 2}},
		{"six beats", 6, 0, kick, []float64{0, 2, 4}},
		{"no snare under the fill", 4, 7, snare, []float64{1}},
		{"fill in the eighth bar, high", 4, 7, highTom, []float64{3, 3.25}},
		{"fill in the eighth bar, low", 4, 7, lowTom, []float64{3.75}},
		{"no fill before", 4, 6, highTom, nil},
		{"a crash after the fill", 4, 8, crash, []float64{0}},
		{"no crash at the beginning", 4, 0, crash, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, groove(drums, test.meter, test.bar, test.note)); diff != "" {
				t.Errorf("beats (-want +got):\n%s", diff)
			}
		})
	}
}

// TestScoresFollowTheScale plays every score in every scale and many meters. Each
// note must be in the scale and have a length, and no robot plays too many.
func TestScoresFollowTheScale(t *testing.T) {
	for kind := range intervals {
		for root := range 12 {
			for _, s := range scores {
				for _, meter := range []int{1, 2, 3, 4, 5, 7, 16} {
					name := fmt.Sprintf("%s of %d in %d: %s", kind, root, meter, s.instrument)
					played := 0
					bars(s, meter, 0, 16, scale{Root: root, Kind: kind}, func(m moment, h hit) {
						played++
						if h.velocity == 0 || h.velocity > 127 || h.steps <= 0 {
							t.Errorf("%s: bar %d beat %d: %+v is not a valid note", name, m.bar, m.beat, h)
						}
						if s.instrument == "drums" {
							return
						}
						if degree := (int(h.note) - root + 120) % 12; !slices.Contains(intervals[kind], degree) {
							t.Errorf("%s: bar %d beat %d: %d is not in the scale", name, m.bar, m.beat, h.note)
						}
					})
					if played > 16*meter*3 {
						t.Errorf("%s: %d notes in 16 bars, want at most three a beat", name, played)
					}
				}
			}
		}
	}
}

func TestBassStartsOnTheRoot(t *testing.T) {
	want := []uint8{36, 36, 45, 45, 41, 41, 43, 43} // C, A, F, G of C major
	var got []uint8
	for bar := range 8 {
		got = append(got, bassLine(moment{bar: bar, meter: 4})[0].note)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first notes of the bars (-want +got):\n%s", diff)
	}
}

// TestRobotsObeyTheRoom checks that a robot rests when the room tells a member to.
func TestRobotsObeyTheRoom(t *testing.T) {
	timeline := clock.Timeline{Running: true, BPM: 120, Meter: 4}
	for _, test := range []struct {
		name string
		view roomView
		want []float64 // beats with a note
	}{
		{"free", roomView{}, []float64{0, 1, 2, 3}},
		{"quiet", roomView{Quiet: true}, nil},
		{"muted", roomView{me: memberView{Muted: true}}, nil},
		{"two beats", roomView{me: memberView{Beats: []int{1, 3}}}, []float64{1, 3}},
		{"a beat that the bar does not have", roomView{me: memberView{Beats: []int{7}}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []float64
			for step := 0.0; step < 4; step += 1.0 / stepsPerBeat {
				if len(scores[0].due(test.view, timeline, step)) > 0 {
					got = append(got, step)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("beats (-want +got):\n%s", diff)
			}
		})
	}
}
