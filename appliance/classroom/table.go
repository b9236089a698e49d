package classroom

import (
	"fmt"
	"io"
	"strings"
)

// WriteTable prints a report for people.
func (r Report) WriteTable(w io.Writer) error {
	_, err := fmt.Fprintf(w, `%d students over %s, notes %s

  sent        %8d notes
  delivered   %8d   lost %d   doubled %d   never ended %d
  latency     %8.1f ms half of all, %.1f ms p95, %.1f ms p99, %.1f ms the slowest
  clock error %8.2f ms half of all, %.2f ms p95
  frames      %8.1f a second for each student
`, r.Students, r.Transport, map[string]string{ArrivalBeat: "on the beat", ArrivalUniform: "evenly spread"}[r.Arrival],
		r.Sent, r.Delivered, r.Lost, r.Duplicated, r.Network.Stuck,
		r.Latency.P50, r.Latency.P95, r.Latency.P99, r.Latency.Max,
		r.ClockError.P50, r.ClockError.P95, r.FramesPerS)
	if err != nil {
		return err
	}
	if err := r.writeNetwork(w); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s\n", strings.Join(r.Verdict(), "\n"))
	return err
}

// writeNetwork prints the state of the network.
func (r Report) writeNetwork(w io.Writer) error {
	n := r.Network
	bestEffort, voice := r.Airtime()
	_, err := fmt.Fprintf(w, `
  round trip  %8.1f ms half of all, %.1f ms p95, %.1f ms p99
  clocks      %8.2f ms off at most
  airtime     %8.2f of one Wi-Fi channel, %.2f where voice comes first (computed; above 0.6 notes wait)
`, n.RTT.P50, n.RTT.P95, n.RTT.P99, n.Bound, bestEffort, voice)
	if err != nil || r.Transport != TransportLane {
		return err
	}
	_, err = fmt.Fprintf(w, "  channels    %8.1f %% of their frames lost; %s\n", 100*n.Loss, lanesDown(n.Down, r.Students))
	return err
}

func lanesDown(down, of int) string {
	if down == 0 {
		return "they held for everybody"
	}
	return fmt.Sprintf("they broke for %d of %d, who went on over websocket", down, of)
}
