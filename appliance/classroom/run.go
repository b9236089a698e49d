package classroom

import (
	"context"
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
	Transport string // TransportSocket or TransportLane
	Arrival   string

	// SameClock says that the box runs on this machine, though not at an address
	// of it: its clock is ours, and latencies are exact. Over loopback that is
	// known.
	SameClock bool
	// Joined is called when everybody has joined and before anybody plays; nil
	// is nothing to do.
	Joined func()
}

// How notes travel.
const (
	TransportSocket = "websocket"
	TransportLane   = "webrtc" // notes and the clock; the rest on a WebSocket
)

// Validate says what is wrong with a configuration, in a sentence.
func (c Config) Validate() error {
	switch {
	case c.Transport != TransportSocket && c.Transport != TransportLane:
		return fmt.Errorf("%q is no transport: give webrtc or websocket", c.Transport)
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
	time  timekeeper
	sheet sheet
	seq   uint16 // of the last event; the sender's

	mu        sync.Mutex // guards what follows
	heard     tally
	listening bool // frames are counted: the class plays
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
	var counted counts
	if err == nil {
		sheets := sheetsOf(students)
		for _, s := range students {
			s.heard = newTally(sheets, cfg.longest())
			group.Go(func() error { return s.Read(ctx, s.handler()) })
			group.Go(func() error { s.time.run(ctx, s.Client); return nil })
			group.Go(func() error { s.report(ctx); return nil })
		}
		counted, err = play(ctx, cfg, students)
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
	return report(cfg, students, counted), nil
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

// joinAbreast is how many students join at a time, as children do.
const joinAbreast = 8

func seatAll(ctx context.Context, cfg Config) ([]*student, error) {
	join := Join
	if cfg.Transport == TransportLane {
		join = JoinLane
	}
	all := make([]*student, cfg.Students)
	joining, ctx := errgroup.WithContext(ctx)
	joining.SetLimit(joinAbreast)
	for i := range all {
		joining.Go(func() error {
			c, err := join(ctx, cfg.URL, cfg.Room)
			if err == nil {
				all[i] = &student{Client: c, time: timekeeper{same: cfg.sameClock()}}
			}
			return err
		})
	}
	err := joining.Wait()
	return slices.DeleteFunc(all, func(s *student) bool { return s == nil }), err
}

func sheetsOf(students []*student) map[uint8]*sheet {
	sheets := make(map[uint8]*sheet, len(students))
	for _, s := range students {
		sheets[s.Seat] = &s.sheet
	}
	return sheets
}

// handler learns the clock and counts notes.
func (s *student) handler() Handler {
	return Handler{
		Clock: s.time.answer,
		Notes: func(f wire.RoomFrame, at clock.Millis) {
			box := float64(s.time.boxAt(at))
			s.mu.Lock()
			defer s.mu.Unlock()
			frames := s.heard.frames
			s.heard.frame(f, s.Seat, box)
			if !s.listening {
				s.heard.frames = frames
			}
		},
	}
}

// report tells the box of the network, now and then, while there is a lane:
// that says how often it may send.
func (s *student) report(ctx context.Context) {
	for s.link != "" && pause(ctx, reportEvery) {
		rtt, queue, standing := s.time.trips()
		_, bound := s.time.offset()
		r := wire.NetworkReport{
			Transport: TransportLane, RTT: rtt, Bound: round(bound), Queue: round(queue), Standing: round(standing),
		}
		if s.lane.Load() == nil {
			r.Transport = TransportSocket
		}
		if lost, of := s.lost(); of > 0 {
			r.Loss = round(float64(lost) / float64(of))
		}
		if math.IsInf(bound, 1) || s.sendReport(r) != nil {
			continue // the clock is not known yet; Read says why the socket is dead
		}
	}
}

// lost is how many frames of the lane did not come, of how many.
func (c *Client) lost() (lost, of int) {
	c.hearing.Lock()
	defer c.hearing.Unlock()
	return c.ear.lost()
}

// counts is of a whole class while it played.
type counts struct {
	said int64 // messages, by all
	down int   // lanes that were not there any more at the end
}

// play lets everybody play for the duration, and waits for the last notes.
func play(ctx context.Context, cfg Config, students []*student) (c counts, err error) {
	if cfg.Joined != nil {
		cfg.Joined()
	}
	if !pause(ctx, settleTime) {
		return c, context.Cause(ctx)
	}
	listen(students, true)
	for _, s := range students {
		c.said -= s.said.Load()
	}
	var playing sync.WaitGroup
	begin := time.Now().Add(100 * time.Millisecond)
	for i, s := range students {
		playing.Go(func() { s.play(ctx, begin.Add(cfg.phase(i)), cfg) })
	}
	playing.Wait()
	listen(students, false)
	for _, s := range students {
		c.said += s.said.Load()
		if s.link != "" && s.lane.Load() == nil {
			c.down++
		}
	}
	if !pause(ctx, settleTime) {
		return c, context.Cause(ctx)
	}
	return c, nil
}

// listen begins or ends the counting of frames.
func listen(students []*student, yes bool) {
	for _, s := range students {
		s.mu.Lock()
		s.listening = yes
		s.mu.Unlock()
	}
}

// period is the time from one note of a student to the next.
func (c Config) period() time.Duration { return time.Duration(float64(time.Second) / c.Rate) }

// longest is how long, ms, a note may sound: until the next, and a second of
// bad luck.
func (c Config) longest() float64 { return float64(c.period()+time.Second) / float64(time.Millisecond) }

// sameClock reports whether the box's clock is ours.
func (c Config) sameClock() bool { return c.SameClock || onThisMachine(c.URL) }

// phase is when the i-th student plays his first note.
func (c Config) phase(i int) time.Duration {
	spread := c.period()
	if c.Arrival == ArrivalBeat {
		spread = onTheBeat
	}
	return spread * time.Duration(i) / time.Duration(c.Students)
}

// play sends a note every 1/rate seconds, ending the one before.
func (s *student) play(ctx context.Context, begin time.Time, cfg Config) {
	var last uint8 // note; what sounds before the first ends, which hurts nobody
	for n := range int(cfg.Duration.Seconds() * cfg.Rate) {
		at := begin.Add(time.Duration(float64(n) / cfg.Rate * float64(time.Second)))
		if !pause(ctx, time.Until(at)) {
			return
		}
		now := float64(s.time.box())
		note, velocity := s.sheet.play(now)
		if s.Play(s.next(now, last, 0), s.next(now, note, velocity)) != nil {
			return // Read says why
		}
		last = note
	}
	_ = s.Play(s.next(float64(s.time.box()), last, 0))
}

// next numbers an event.
func (s *student) next(at float64, note, velocity uint8) wire.NoteEvent {
	s.seq++
	return wire.NoteEvent{Seq: s.seq, At: at, Note: note, Velocity: velocity}
}

// Percentiles sums up measurements, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
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
