package appliance

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPacer(t *testing.T) {
	type step struct {
		pause time.Duration // before the notes
		notes int
	}
	s, ms := time.Second, time.Millisecond
	for name, c := range map[string]struct {
		steps []step
		want  []time.Duration // when frames leave
	}{
		"one by one":        {[]step{{0, 1}, {s, 1}, {s, 1}}, []time.Duration{0, s, 2 * s}},
		"soon after":        {[]step{{0, 1}, {ms, 1}, {ms / 2, 1}}, []time.Duration{0, 2 * ms}},
		"after an interval": {[]step{{0, 1}, {ms, 1}, {2 * ms, 1}}, []time.Duration{0, 2 * ms, 4 * ms}},
		"two at a time":     {[]step{{0, 2}, {s, 2}}, []time.Duration{0, 2 * ms, s, s + 2*ms}},
		"a class": {
			[]step{{0, 1 + together}, {s, 40}, {s, 40}},
			[]time.Duration{0, 2 * ms, s + 2*ms, 2*s + 2*ms},
		},
		"no class any more": {
			[]step{{0, 1 + together}, {s, 1}, {s, 1}},
			[]time.Duration{0, 2 * ms, s + 2*ms, 2 * s},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var got []time.Duration
				p := newPacer(2*ms, func(bool) { got = append(got, time.Since(began)) })
				for _, step := range c.steps {
					time.Sleep(step.pause) // synctest's clock
					synctest.Wait()
					for range step.notes {
						p.poke()
					}
				}
				time.Sleep(s)
				synctest.Wait()
				p.stop()
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("frames left at (-want +got):\n%s", diff)
				}
			})
		})
	}
}
