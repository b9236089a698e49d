package classroom_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/classroom"
)

func TestRunOverLanesCountsEveryNote(t *testing.T) {
	t.Parallel()
	b := newBox(t, 0)
	r, err := classroom.Run(t.Context(), classroom.Config{
		URL: b.url, Room: "music 2024", Students: 5, Rate: 10, Duration: time.Second,
		Transport: classroom.TransportLane, Arrival: classroom.ArrivalBeat,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []int{r.Students, r.Sent, r.Delivered, r.Lost, r.Duplicated, r.Network.Stuck, r.Network.Down}
	if diff := cmp.Diff([]int{5, 50, 200, 0, 0, 0, 0}, got); diff != "" {
		t.Errorf("students, sent, delivered, lost, doubled, stuck, lanes down (-want +got):\n%s", diff)
	}
	if r.ClockError.P95 > 5 {
		t.Errorf("clock error %.3f ms at p95 over loopback, want at most 5", r.ClockError.P95)
	}
}
