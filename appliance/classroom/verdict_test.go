package classroom

import (
	"math"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	good := Report{Students: 30, FramesPerS: 28, Network: Network{SentPS: 12, Bound: 0.4, Within: [2]float64{0.999, 1}}}
	for _, test := range []struct {
		name   string
		change func(*Report)
		want   string
	}{
		{"a good network", func(*Report) {}, "This network will do: 99.9 %"},
		{"lost notes", func(r *Report) { r.Lost = 3 }, "3 notes never came"},
		{"late notes", func(r *Report) { r.Network.Within[0] = 0.9 }, "Only 90.0 %"},
		{"a full channel", func(r *Report) { r.FramesPerS = 60 }, "fill one Wi-Fi channel"},
		{"wrong clocks", func(r *Report) { r.Network.Bound = 12 }, "wrong by 12 ms"},
		{"no clock", func(r *Report) { r.Network.Bound = math.Inf(1) }, "too short"},
		{"a hanging note", func(r *Report) { r.Network.Stuck = 1 }, "1 notes never ended"},
		{"broken channels", func(r *Report) { r.Network.Down = 2 }, "for 2 of 30"},
	} {
		r := good
		test.change(&r)
		if got := strings.Join(r.Verdict(), "\n"); !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %q, want one sentence with %q", test.name, got, test.want)
		}
	}
}
