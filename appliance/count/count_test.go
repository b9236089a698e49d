package count

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReasons(t *testing.T) {
	r := ByReason("late", "large", "other")
	var adding sync.WaitGroup
	for range 4 {
		adding.Go(func() {
			for _, reason := range []string{"late", "late", "no such reason"} {
				r.Add(reason)
			}
		})
	}
	adding.Wait()
	if diff := cmp.Diff(map[string]uint64{"late": 8, "large": 0, "other": 4}, r.All()); diff != "" {
		t.Errorf("what was counted (-want +got):\n%s", diff)
	}
	if n := testing.AllocsPerRun(100, func() { r.Add("large") }); n > 0 {
		t.Errorf("counting makes %v allocations", n)
	}
}
