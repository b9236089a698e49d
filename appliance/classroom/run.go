package classroom

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// How notes of a class arrive.
const (
	ArrivalBeat    = "beat"    // everybody within 5 ms of the same moment
	ArrivalUniform = "uniform" // spread evenly
)

// Bounds of a measurement.
const (
	MaxStudents = 64
	MaxRate     = 40 // notes a second, what a box takes from a member
	MaxDuration = time.Hour
)

// onTheBeat is how far apart the first and the last of a class on the beat
// are.
const onTheBeat = 5 * time.Millisecond

// settleTime is how long the clocks are learned before the first note, and
// how long the last notes may take.
const settleTime = 1200 * time.Millisecond

// Config says what to measure.
type Config struct {
	URL       string // of the box
	Room      string // a code
	Students  int    // 2 to MaxStudents
	Rate      float64
	Duration  time.Duration
	Transport string // "websocket"
	Arrival   string
}

// ErrNoLane is the answer to a transport that this version does not have.
var ErrNoLane = errors.New("this version plays over websocket only: leave out --transport webrtc")

// Validate says what is wrong with a configuration, in a sentence.
func (c Config) Validate() error {
	switch {
	case c.Transport == "webrtc":
		return ErrNoLane
	case c.Transport != "websocket":
		return fmt.Errorf("%q is no transport: give websocket", c.Transport)
	case c.Arrival != ArrivalBeat && c.Arrival != ArrivalUniform:
		return fmt.Errorf("%q is no arrival: give beat or uniform", c.Arrival)
	case c.Students < 2 || c.Students > MaxStudents:
		return fmt.Errorf("a class has 2 to %d students", MaxStudents)
	case !(c.Rate > 0 && c.Rate <= MaxRate):
		return fmt.Errorf("the rate is more than 0 and at most %d notes a second", MaxRate)
	case c.Duration <= 0 || c.Duration > MaxDuration:
		return fmt.Errorf("the duration is more than 0 and at most %v", MaxDuration)
	}
	return nil
}

// student is one pretend member and what he has heard.
type student struct {
	*Client
	time timekeeper
	sent int // used by the sender, and after it

	mu    sync.Mutex // guards heard
	heard tally
}

// Run lets a class play and tells what became of its notes. Students who
// cannot join are an error; lost notes are not.
func Run(ctx context.Context, cfg Config) (Report, error) {
	if err := cfg.Validate(); err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	students, err := seatAll(ctx, cfg)
	if err == nil {
		seats := seatsOf(students)
		for _, s := range students {
			s.heard = newTally(seats)
			group.Go(func() error { return s.Read(ctx, s.handler()) })
			group.Go(func() error { s.time.run(ctx, s.Client); return nil })
		}
		err = play(ctx, cfg, students)
	}
	cancel()
	if readErr := group.Wait(); err == nil {
		err = readErr
	}
	for _, s := range students {
		s.Close()
	}
	leave(cfg, students)
	if err != nil {
		return Report{}, err
	}
	return report(cfg, students), nil
}

// leave gives the seats back, or the teacher had a roster of ghosts. Whoever
// stopped the run waits no longer than that.
func leave(cfg Config, students []*student) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	var leaving errgroup.Group
	leaving.SetLimit(8)
	for _, s := range students {
		leaving.Go(func() error { GiveUp(ctx, cfg.URL, s.token); return nil })
	}
	_ = leaving.Wait() // it returns none
}

// leaveTime bounds how long it takes a class to leave.
const leaveTime = 3 * time.Second

func seatAll(ctx context.Context, cfg Config) ([]*student, error) {
	students := make([]*student, 0, cfg.Students)
	for range cfg.Students {
		c, err := Join(ctx, cfg.URL, cfg.Room)
		if err != nil {
			return students, err
		}
		students = append(students, &student{Client: c})
	}
	return students, nil
}

func seatsOf(students []*student) []uint8 {
	seats := make([]uint8, 0, len(students))
	for _, s := range students {
		seats = append(seats, s.Seat)
	}
	return seats
}

// handler learns the clock and counts notes.
func (s *student) handler() Handler {
	return Handler{
		Clock: s.time.answer,
		Notes: func(f wire.RoomFrame, at clock.Millis) {
			offset, _ := s.time.offset()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.heard.frame(f, s.Seat, float64(at)+offset)
		},
	}
}

// play lets everybody play for the duration, and waits for the last notes.
func play(ctx context.Context, cfg Config, students []*student) error {
	if !pause(ctx, settleTime) {
		return context.Cause(ctx)
	}
	var playing sync.WaitGroup
	begin := time.Now().Add(100 * time.Millisecond)
	for i, s := range students {
		playing.Go(func() { s.play(ctx, begin.Add(cfg.phase(i)), cfg) })
	}
	playing.Wait()
	if !pause(ctx, settleTime) {
		return context.Cause(ctx)
	}
	return nil
}

// phase is when the i-th student plays his first note.
func (c Config) phase(i int) time.Duration {
	spread := time.Duration(float64(time.Second) / c.Rate)
	if c.Arrival == ArrivalBeat {
		spread = onTheBeat
	}
	return spread * time.Duration(i) / time.Duration(c.Students)
}

// play sends a note every 1/rate seconds, ending the one before.
func (s *student) play(ctx context.Context, begin time.Time, cfg Config) {
	note := 36 + s.Seat%48
	for n := range int(cfg.Duration.Seconds() * cfg.Rate) {
		at := begin.Add(time.Duration(float64(n) / cfg.Rate * float64(time.Second)))
		if !pause(ctx, time.Until(at)) {
			return
		}
		now := float64(s.time.box())
		notes := []wire.NoteEvent{{Seq: uint16(2 * n), At: now, Note: note}, {Seq: uint16(2*n + 1), At: now, Note: note, Velocity: 90}}
		if n == 0 {
			notes = notes[1:]
		}
		if s.Play(notes...) != nil {
			return // Read says why
		}
		s.sent++
	}
	_ = s.Play(wire.NoteEvent{Note: note})
}

// Percentiles sums up measurements, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

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
}

func report(cfg Config, students []*student) Report {
	r := Report{Transport: cfg.Transport, Arrival: cfg.Arrival, Students: len(students)}
	var latency histogram
	var errs []float64
	frames := 0
	local := onThisMachine(cfg.URL)
	for _, s := range students {
		s.mu.Lock()
		r.Sent += s.sent
		r.Delivered += s.heard.delivered
		r.Duplicated += s.heard.doubled
		frames += s.heard.frames
		latency.merge(&s.heard.latency)
		s.mu.Unlock()
		offset, bound := s.time.offset()
		if local {
			bound = math.Abs(offset) // our clock is the box clock: the true error
		}
		errs = append(errs, bound)
	}
	r.Lost = r.Sent*(len(students)-1) - r.Delivered
	r.Latency = latency.sumUp()
	e := Summarize(errs)
	r.ClockError.P50, r.ClockError.P95 = e.P50, e.P95
	r.FramesPerS = round(float64(frames) / float64(len(students)) / cfg.Duration.Seconds())
	return r
}

// onThisMachine reports whether the box is reached over loopback, so that
// both ends read one clock.
func onThisMachine(box string) bool {
	u, err := url.Parse(box)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback() || u.Hostname() == "localhost"
}

// Summarize sorts the values and sums them up, to the microsecond.
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
