package classroom

import (
	"math"
	"time"
)

// Report is the result of a measurement. Its JSON is a contract with other
// programs.
type Report struct {
	Transport  string      `json:"transport"`
	Arrival    string      `json:"arrival"`
	Students   int         `json:"students"`
	Sent       int         `json:"sent"`
	Delivered  int         `json:"delivered"`
	Lost       int         `json:"lost"`
	Duplicated int         `json:"duplicated"`
	Latency    Percentiles `json:"latency_ms"`
	ClockError struct {
		P50 float64 `json:"p50"`
		P95 float64 `json:"p95"`
	} `json:"clock_error_ms"`
	FramesPerS float64 `json:"frames_per_s_per_member"`
	// Network is for the table only.
	Network Network `json:"-"`
}

// Network describes the network as the class measured it.
type Network struct {
	RTT    Percentiles             // of pings, ms
	Bound  float64                 // on the error of every clock, ms
	Loss   float64                 // share of the lanes' frames that did not arrive
	SentPS float64                 // messages a second from each member
	Down   int                     // lanes that ended before the class did
	Within [len(deadlines)]float64 // shares of all notes that arrived in time, see deadlines
	Stuck  int                     // notes that did not end for a listener
}

// Airtime computes the share of a Wi-Fi channel that the class would take, in the
// best-effort class and in the voice class: see the function.
func (r Report) Airtime() (bestEffort, voice float64) {
	of := func(frame time.Duration) float64 {
		return Airtime(r.Students, r.FramesPerS, r.Network.SentPS, frame)
	}
	return of(AirtimeBestEffort), of(airtimeVoice)
}

func report(cfg Config, students []*student, c counts) Report {
	r := Report{Transport: cfg.Transport, Arrival: cfg.Arrival, Students: len(students)}
	var latency, rtt histogram
	var errs, bounds []float64
	frames := 0
	for _, s := range students {
		r.Sent += s.sheet.count()
		s.mu.Lock()
		r.Delivered += s.tally.delivered
		r.Duplicated += s.tally.duplicated
		frames += s.tally.frames
		latency.merge(&s.tally.latency)
		r.Network.Stuck += s.tally.sounding.finish()
		s.mu.Unlock()
		offset, bound := s.time.offset()
		bounds = append(bounds, bound)
		if cfg.sameClock() {
			bound = math.Abs(offset) // our clock is the box clock, so the offset is the error
		}
		errs = append(errs, bound)
		s.time.mu.Lock()
		rtt.merge(&s.time.rtt)
		s.time.mu.Unlock()
	}
	r.Lost = r.Sent*(len(students)-1) - r.Delivered
	r.Latency = latency.percentiles()
	e := Summarize(errs)
	r.ClockError.P50, r.ClockError.P95 = e.P50, e.P95
	each := float64(len(students)) * cfg.Duration.Seconds()
	r.FramesPerS = round(float64(frames) / each)
	r.Network.RTT, r.Network.Bound = rtt.percentiles(), Summarize(bounds).Max
	r.Network.SentPS, r.Network.Down = round(float64(c.sent)/each), c.down
	r.Network.addLosses(students, float64(r.Sent*(len(students)-1)))
	return r
}

// addLosses sets Loss and Within from the counts of all students. notes is how
// many notes should arrive.
func (n *Network) addLosses(students []*student, notes float64) {
	var lost, expected int
	for _, s := range students {
		l, e := s.Lost()
		lost, expected = lost+l, expected+e
		for i, count := range s.tally.within {
			n.Within[i] += float64(count) / max(1, notes)
		}
	}
	n.Loss = float64(lost) / float64(max(1, expected))
}
