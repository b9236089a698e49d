package classroom

import (
	"fmt"
	"io"
)

// WriteTable prints a report for people.
func (r Report) WriteTable(w io.Writer) error {
	_, err := fmt.Fprintf(w, `%d students over %s, notes %s

  sent        %8d notes
  delivered   %8d   lost %d   doubled %d
  latency     %8.1f ms half of all, %.1f ms p95, %.1f ms p99, %.1f ms the slowest
  clock error %8.2f ms half of all, %.2f ms p95
  frames      %8.1f a second for each student
`, r.Students, r.Transport, map[string]string{ArrivalBeat: "on the beat", ArrivalUniform: "evenly spread"}[r.Arrival],
		r.Sent, r.Delivered, r.Lost, r.Duplicated,
		r.Latency.P50, r.Latency.P95, r.Latency.P99, r.Latency.Max,
		r.ClockError.P50, r.ClockError.P95, r.FramesPerS)
	return err
}
