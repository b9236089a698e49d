package frames

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var sent []time.Duration
		p := NewSocketPacer(2*time.Millisecond, func(bool) { sent = append(sent, time.Since(began)) })
		for _, pause := range []time.Duration{0, time.Millisecond, 500 * time.Microsecond, 0, time.Second} {
			time.Sleep(pause) // synctest's clock
			synctest.Wait()
			p.Poke()
		}
		p.Poke()
		time.Sleep(time.Second)
		synctest.Wait()
		p.Stop()
		ms := time.Millisecond
		want := []time.Duration{0, 2 * ms, time.Second + 3*ms/2, time.Second + 7*ms/2}
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Errorf("frames left at (-want +got):\n%s", diff)
		}
	})
}
