package classroom

import (
	"math"
	"slices"
)

// Percentiles summarizes measurements, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Summarize sorts the values and returns their percentiles, to the microsecond.
func Summarize(values []float64) Percentiles {
	if len(values) == 0 {
		return Percentiles{}
	}
	slices.Sort(values)
	at := func(p float64) float64 {
		return round(values[min(len(values)-1, int(math.Ceil(p*float64(len(values))))-1)])
	}
	return Percentiles{P50: at(0.50), P95: at(0.95), P99: at(0.99), Max: at(1)}
}

func round(ms float64) float64 { return math.Round(ms*1000) / 1000 }
