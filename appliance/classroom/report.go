package classroom

import (
	"math"
	"time"
)

// Report is what became of a class's notes.
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
	// Network is for people, and no part of the object that others read.
	Network Network `json:"-"`
}

// Network is what a class has learned of its network.
type Network struct {
	RTT    Percentiles         // of pings, ms
	Bound  float64             // on the error of any clock, ms
	Loss   float64             // share of the lane's frames that did not come
	SentPS float64             // messages a second that a member sends
	Down   int                 // lanes that ended before the class did
	Within [len(soons)]float64 // shares of all notes: come within 60 ms, and 150
	Stuck  int                 // notes that somebody heard without end
}

// Airtime is the share of a Wi-Fi channel that the class would take, in best
// effort and in the voice class: see the function.
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
		r.Delivered += s.heard.delivered
		r.Duplicated += s.heard.doubled
		frames += s.heard.frames
		latency.merge(&s.heard.latency)
		r.Network.Stuck += s.heard.sounding.finish()
		s.mu.Unlock()
		offset, bound := s.time.offset()
		bounds = append(bounds, bound)
		if cfg.sameClock() {
			bound = math.Abs(offset) // our clock is the box clock: the true error
		}
		errs = append(errs, bound)
		s.time.mu.Lock()
		rtt.merge(&s.time.rtt)
		s.time.mu.Unlock()
	}
	r.Lost = r.Sent*(len(students)-1) - r.Delivered
	r.Latency = latency.sumUp()
	e := Summarize(errs)
	r.ClockError.P50, r.ClockError.P95 = e.P50, e.P95
	each := float64(len(students)) * cfg.Duration.Seconds()
	r.FramesPerS = round(float64(frames) / each)
	r.Network.RTT, r.Network.Bound = rtt.sumUp(), Summarize(bounds).Max
	r.Network.SentPS, r.Network.Down = round(float64(c.said)/each), c.down
	r.Network.hear(students, float64(r.Sent*(len(students)-1)))
	return r
}

// hear sums up what students know of losses: expected is how many notes there
// were to hear.
func (n *Network) hear(students []*student, expected float64) {
	var lost, of int
	for _, s := range students {
		l, o := s.lost()
		lost, of = lost+l, of+o
		for i, soon := range s.heard.soon {
			n.Within[i] += float64(soon) / max(1, expected)
		}
	}
	n.Loss = float64(lost) / float64(max(1, of))
}
