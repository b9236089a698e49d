package musicroom

import "github.com/prometheus/client_golang/prometheus"

// latencyBuckets are in seconds. The box's own target for a frame is 4 ms.
var latencyBuckets = []float64{.0001, .00025, .0005, .001, .002, .003, .004, .006, .01, .025, .05, .1, .25}

func newLatency() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "downbeat_note_delivery_seconds",
		Help:    "Time from reading the first note of a room frame to handing the frame to every listener.",
		Buckets: latencyBuckets,
	})
}
