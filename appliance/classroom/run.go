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

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// How the notes of a class are spread.
const (
	ArrivalBeat    = "beat"    // all students within 5 ms
	ArrivalUniform = "uniform" // spread evenly
)

// Bounds of a measurement.
const (
	MaxStudents = 64
	MaxRate     = 40 // notes a second, the box's limit for a member
	MaxDuration = time.Hour
)

// beatSpread is the time from the first to the last note of a class on the beat.
const beatSpread = 5 * time.Millisecond

// settleTime is how long the students measure the clock before the first note,
// and how long the last notes may take.
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

	// SameClock says that the box runs on this machine, so that its clock is ours
	// and latencies are exact. If URL is a loopback address, it need not be set.
	SameClock bool
	// Joined is called after all students have joined and before the first note.
	// It may be nil.
	Joined func()
}

// How notes travel.
const (
	TransportSocket = "websocket"
	TransportLane   = "webrtc" // notes and the clock; the rest on a WebSocket
)

// Validate returns an error if a field is out of bounds. The error is a sentence
// for people.
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

// student is a simulated member and what they have received.
type student struct {
	*client.Client
	time  timekeeper
	sheet sheet
	seq   uint16 // of the last event that they sent

	mu       sync.Mutex // guards what follows
	tally    tally
	counting bool // frames count, because the class plays
}

// Run plays notes with a class and reports how they arrived. It returns an error
// if a student cannot join or is disconnected. Lost notes are no error.
func Run(ctx context.Context, cfg Config) (Report, error) {
	if err := cfg.Validate(); err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	students, err := joinAll(ctx, cfg)
	var totals counts
	if err == nil {
		sheets := sheetsOf(students)
		for _, s := range students {
			s.tally = newTally(sheets, cfg.longest())
			group.Go(func() error { return s.Read(ctx, s.handler()) })
			group.Go(func() error { s.time.run(ctx, s.Client); return nil })
			group.Go(func() error { s.report(ctx); return nil })
		}
		totals, err = play(ctx, cfg, students)
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
	return report(cfg, students, totals), nil
}

// leave gives all seats back, so that the roster shows no absent members. It
// takes at most [client.LeaveTime], even if Run was stopped.
func leave(cfg Config, students []*student) {
	ctx, cancel := context.WithTimeout(context.Background(), client.LeaveTime)
	defer cancel()
	var leaving errgroup.Group
	leaving.SetLimit(maxJoining)
	for _, s := range students {
		leaving.Go(func() error { s.Leave(ctx); return nil })
	}
	_ = leaving.Wait() // Leave ignores errors
}

// maxJoining is how many students join or leave at the same time, as in a class.
const maxJoining = 8

// joinAll joins all students. On an error it returns those that have joined.
func joinAll(ctx context.Context, cfg Config) ([]*student, error) {
	join := client.Join
	if cfg.Transport == TransportLane {
		join = client.JoinLane
	}
	all := make([]*student, cfg.Students)
	joining, ctx := errgroup.WithContext(ctx)
	joining.SetLimit(maxJoining)
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

// handler measures the clock and counts notes.
func (s *student) handler() client.Handler {
	return client.Handler{
		Clock: s.time.answer,
		Notes: func(f wire.RoomFrame, at clock.Millis) {
			box := float64(s.time.boxAt(at))
			s.mu.Lock()
			defer s.mu.Unlock()
			frames := s.tally.frames
			s.tally.frame(f, s.Seat, box)
			if !s.counting {
				s.tally.frames = frames
			}
		},
	}
}

// reportEvery is how often a client with a lane reports its network to the box.
const reportEvery = 3 * time.Second

// report sends network reports to the box until ctx ends. The box chooses the
// frame interval of the lane from them. Without a lane it returns at once.
func (s *student) report(ctx context.Context) {
	for s.MayRepeat() && pause(ctx, reportEvery) {
		rtt, queue, standing := s.time.roundTrips()
		_, bound := s.time.offset()
		r := wire.NetworkReport{
			Transport: TransportLane, RTT: rtt, Bound: round(bound), Queue: round(queue), Standing: round(standing),
		}
		if !s.OnLane() {
			r.Transport = TransportSocket
		}
		if lost, expected := s.Lost(); expected > 0 {
			r.Loss = round(float64(lost) / float64(expected))
		}
		if math.IsInf(bound, 1) || s.Report(r) != nil {
			continue // the clock is unknown, or Read returns why the connection ended
		}
	}
}

// counts are totals of a class while it played.
type counts struct {
	sent int64 // messages
	down int   // lanes that had ended by the end
}

// play runs all students for the duration and waits for the last notes.
func play(ctx context.Context, cfg Config, students []*student) (c counts, err error) {
	if cfg.Joined != nil {
		cfg.Joined()
	}
	if !pause(ctx, settleTime) {
		return c, context.Cause(ctx)
	}
	setCounting(students, true)
	for _, s := range students {
		c.sent -= s.Sent()
	}
	var playing sync.WaitGroup
	begin := time.Now().Add(100 * time.Millisecond)
	for i, s := range students {
		playing.Go(func() { s.play(ctx, begin.Add(cfg.phase(i)), cfg) })
	}
	playing.Wait()
	setCounting(students, false)
	for _, s := range students {
		c.sent += s.Sent()
		if s.MayRepeat() && !s.OnLane() {
			c.down++
		}
	}
	if !pause(ctx, settleTime) {
		return c, context.Cause(ctx)
	}
	return c, nil
}

// setCounting starts or stops the counting of frames.
func setCounting(students []*student, yes bool) {
	for _, s := range students {
		s.mu.Lock()
		s.counting = yes
		s.mu.Unlock()
	}
}

// period is the time between two notes of a student.
func (c Config) period() time.Duration { return time.Duration(float64(time.Second) / c.Rate) }

// longest is how long a note may sound, ms: until the student's next note, and
// one second for delays.
func (c Config) longest() float64 { return float64(c.period()+time.Second) / float64(time.Millisecond) }

// sameClock reports whether the box's clock is ours.
func (c Config) sameClock() bool { return c.SameClock || onThisMachine(c.URL) }

// phase is when the i-th student plays their first note.
func (c Config) phase(i int) time.Duration {
	spread := c.period()
	if c.Arrival == ArrivalBeat {
		spread = beatSpread
	}
	return spread * time.Duration(i) / time.Duration(c.Students)
}

// play sends a note every 1/rate seconds and ends the note before.
func (s *student) play(ctx context.Context, begin time.Time, cfg Config) {
	var last uint8 // note; ending note 0 before the first is harmless
	for n := range int(cfg.Duration.Seconds() * cfg.Rate) {
		at := begin.Add(time.Duration(float64(n) / cfg.Rate * float64(time.Second)))
		if !pause(ctx, time.Until(at)) {
			return
		}
		now := float64(s.time.box())
		note, velocity := s.sheet.play(now)
		if s.Play(s.next(now, last, 0), s.next(now, note, velocity)) != nil {
			return // Read returns why
		}
		last = note
	}
	_ = s.Play(s.next(float64(s.time.box()), last, 0))
}

// next returns the student's next event.
func (s *student) next(at float64, note, velocity uint8) wire.NoteEvent {
	s.seq++
	return wire.NoteEvent{Seq: s.seq, At: at, Note: note, Velocity: velocity}
}

// onThisMachine reports whether the URL is a loopback address. Box and students
// then read the same clock.
func onThisMachine(box string) bool {
	u, err := url.Parse(box)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback() || u.Hostname() == "localhost"
}
