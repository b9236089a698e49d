package musicroom

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/wire"
	"downbeat.local/appliance/wire/wiretest"
	"downbeat.local/sync/clock"
)

// musician plays on a radio and listens to it as a device does. A packet repeats
// recent notes, a pause sends them again, and a note that arrives twice counts
// once.
type musician struct {
	*radio
	seat      uint8
	score     *score
	constants wiretest.Constants // of the repeats

	playing sync.Mutex // guards what follows
	seq     uint16
	recent  []wire.NoteEvent
	held    []uint8
	step    int // how many repeats were sent
	timer   *time.Timer
	silent  bool // repeats nothing and reports no held notes

	receiving sync.Mutex // guards what follows
	seats     map[uint8]*wire.SeqWindow
	newest    map[uint8]numbered         // the newest frame of each interval
	sounding  map[wire.HeldNote]struct{} // without their numbers
	times     map[played]int             // how often each was heard
}

// numbered is a frame and when it came.
type numbered struct {
	number uint16
	at     time.Time
}

// stale is the age at which a frame's number stops being compared.
const stale = 2 * time.Second

// played identifies an event in the test: no two events of a seat have the same
// time.
type played struct {
	seat uint8
	at   int // ms
	on   bool
}

// score records when each note was played and how long it took to arrive.
type score struct {
	mu    sync.Mutex // guards what follows
	when  map[played]time.Time
	took  []time.Duration // of note-ons, for every listener
	ended []time.Duration // of note-offs
}

func newMusicians(a *onAir) (all []*musician, s *score) {
	s = &score{when: make(map[played]time.Time)}
	constants := wiretest.Read(a.t)
	for i, r := range a.radios {
		m := &musician{
			radio: r, seat: uint8(i), score: s, constants: constants,
			seats: make(map[uint8]*wire.SeqWindow), newest: make(map[uint8]numbered),
			sounding: make(map[wire.HeldNote]struct{}), times: make(map[played]int),
		}
		m.timer = time.AfterFunc(time.Hour, m.repeat)
		a.t.Cleanup(func() { m.timer.Stop() })
		r.hear = m.take
		all = append(all, m)
	}
	return all, s
}

// play starts a note, or ends it if velocity is 0.
func (m *musician) play(note, velocity uint8) {
	m.playing.Lock()
	defer m.playing.Unlock()
	at := int(m.air.now())
	m.score.mu.Lock()
	m.score.when[played{m.seat, at, velocity > 0}] = time.Now()
	m.score.mu.Unlock()
	m.seq++
	m.recent = append(m.recent, wire.NoteEvent{Seq: m.seq, At: float64(at), Note: note, Velocity: velocity})
	m.held = slices.DeleteFunc(m.held, func(h uint8) bool { return h == note })
	if velocity > 0 {
		m.held = append(m.held, note)
	}
	m.step = 0
	m.sendLocked()
}

func (m *musician) repeat() {
	m.playing.Lock()
	defer m.playing.Unlock()
	m.step++
	m.sendLocked()
}

// sendLocked sends a packet and schedules the next.
func (m *musician) sendLocked() {
	repeat, old := m.constants.Repeat, 0
	for old < len(m.recent)-repeat.OverlapNotes && float64(m.air.now())-m.recent[old].At > float64(repeat.OverlapMS) {
		old++
	}
	m.recent = m.recent[max(old, len(m.recent)-wire.MaxNotesUp):]
	payload := wire.AppendNotesUp(nil, m.recent)
	if !m.silent {
		payload = wire.AppendHeldUp(payload, m.held)
	}
	m.radio.play(payload)
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	switch after := repeat.AfterMS; {
	case m.silent:
	case m.step == 0:
		m.timer.Reset(ms(after[0]))
	case m.step < len(after):
		m.timer.Reset(ms(after[m.step] - after[m.step-1]))
	case len(m.held) > 0:
		m.timer.Reset(ms(repeat.HeldMS))
	}
}

// take receives a frame.
func (m *musician) take(f wire.RoomFrame) {
	m.receiving.Lock()
	defer m.receiving.Unlock()
	for _, e := range f.Events {
		if m.seats[e.Seat] == nil {
			m.seats[e.Seat] = new(wire.SeqWindow)
		}
		if e.Seat != m.seat && m.seats[e.Seat].Fresh(e.Seq) {
			m.event(e)
		}
	}
	newest, known := m.newest[f.Mark.Every]
	if known && int16(f.Mark.Number-newest.number) <= 0 && time.Since(newest.at) < stale {
		return
	}
	m.newest[f.Mark.Every] = numbered{f.Mark.Number, time.Now()}
	if f.Summary {
		m.summary(f.Held)
	}
}

func (m *musician) event(e wire.NoteEvent) {
	sound := wire.HeldNote{Seat: e.Seat, Note: e.Note}
	if e.Velocity > 0 {
		m.sounding[sound] = struct{}{}
	} else {
		delete(m.sounding, sound)
	}
	key := played{e.Seat, int(math.Round(e.At)), e.Velocity > 0}
	m.times[key]++
	m.score.heard(key, m.times[key] == 1)
}

// sounds counts the notes of other members that sound here.
func (m *musician) sounds() int {
	m.receiving.Lock()
	defer m.receiving.Unlock()
	return len(m.sounding)
}

// summary ends the notes that are no longer held.
func (m *musician) summary(held []wire.HeldNote) {
	for sound := range m.sounding {
		if !slices.ContainsFunc(held, func(h wire.HeldNote) bool { return h.Seat == sound.Seat && h.Note == sound.Note }) {
			delete(m.sounding, sound)
		}
	}
}

func (s *score) heard(key played, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	when, known := s.when[key]
	if !known || !first {
		return // a note-off that a summary made has another time
	}
	if took := time.Since(when); key.on {
		s.took = append(s.took, took)
	} else {
		s.ended = append(s.ended, took)
	}
}

// within is the share of all expected notes that arrived within limit.
func within(took []time.Duration, limit time.Duration, all int) float64 {
	n := 0
	for _, d := range took {
		if d <= limit {
			n++
		}
	}
	return float64(n) / float64(all)
}

// performance is what a class plays: the events of all members in order of time.
type performance []struct {
	at       time.Duration
	who      int
	velocity uint8
}

// evenly is four notes a second for each member, at independent times.
func evenly(members int, length time.Duration, chance *rand.Rand) (l performance) {
	return fourASecond(members, length, func() time.Duration { return time.Duration(chance.Int64N(int64(250 * time.Millisecond))) })
}

// onTheBeat is four beats a second, each played by all members within five
// milliseconds.
func onTheBeat(members int, length time.Duration, chance *rand.Rand) (l performance) {
	return fourASecond(members, length, func() time.Duration { return time.Duration(chance.Int64N(int64(5 * time.Millisecond))) })
}

func fourASecond(members int, length time.Duration, late func() time.Duration) (l performance) {
	for who := range members {
		off := late()
		for at := off; at < length; at += 250 * time.Millisecond {
			l = append(l, performance{{at, who, 90}, {at + 120*time.Millisecond, who, 0}}...)
		}
	}
	slices.SortFunc(l, func(a, b struct {
		at       time.Duration
		who      int
		velocity uint8
	},
	) int {
		return int(a.at - b.at)
	})
	return l
}

// perform plays a lesson and waits for the last packet. It returns how many
// packets a second the box sent each member meanwhile.
func perform(all []*musician, l performance) (sent float64) {
	start := time.Now()
	for _, e := range l {
		time.Sleep(e.at - time.Since(start))
		all[e.who].play(60, e.velocity)
	}
	for _, m := range all {
		sent += float64(m.sent.Load())
	}
	sent /= float64(len(all)) * time.Since(start).Seconds()
	time.Sleep(3 * time.Second)
	synctest.Wait()
	return sent
}

// TestNotesSurviveLoss plays a class of forty, four notes a second each, over
// lanes that lose packets both ways.
func TestNotesSurviveLoss(t *testing.T) {
	const members, length = 40, 10 * time.Second
	air := func(up, down func(*rand.Rand) loses) airConfig { return airConfig{up: up, down: down, seed: 4} }
	for name, test := range map[string]struct {
		air   airConfig
		play  func(int, time.Duration, *rand.Rand) performance
		limit time.Duration
	}{
		"evenly, nothing lost":     {air(nil, nil), evenly, 35 * time.Millisecond},
		"evenly, 5 % lost":         {air(atRandom(0.05), atRandom(0.05)), evenly, 60 * time.Millisecond},
		"on the beat, 5 % lost":    {air(atRandom(0.05), atRandom(0.05)), onTheBeat, 60 * time.Millisecond},
		"evenly, three at a time":  {air(inBursts(3, 0.02), inBursts(3, 0.02)), evenly, 150 * time.Millisecond},
		"on beat, three at a time": {air(inBursts(3, 0.02), inBursts(3, 0.02)), onTheBeat, 150 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newOnAir(t, members, test.air)
				all, s := newMusicians(a)
				l := test.play(members, length, rand.New(rand.NewPCG(4, 0)))
				sent := perform(all, l)
				wanted := len(l) / 2 * (members - 1)
				if got := within(s.took, test.limit, wanted); got < 0.999 {
					t.Errorf("%.4f of the notes came within %v, want 0.999", got, test.limit)
				}
				checkHeard(t, all)
				if sent >= 70 {
					t.Errorf("%.1f packets a second to each, want less than 70", sent)
				}
				slices.Sort(s.took)
				slices.Sort(s.ended)
				t.Logf("%.5f of %d within %v, %d never; half within %v, 99 of 100 within %v, the last after %v; the last end after %v; %.1f packets a second to each",
					within(s.took, test.limit, wanted), wanted, test.limit, wanted-len(s.took), s.took[len(s.took)/2], s.took[len(s.took)*99/100], s.took[len(s.took)-1], s.ended[len(s.ended)-1], sent)
			})
		})
	}
}

// TestLanesAreNoWorseThanSockets plays over a network that delays every packet by
// up to 30 ms and loses none. As many notes come in time over lanes as over
// sockets, which send without a thought for the air. Where the classes are small
// the two differ by chance.
func TestLanesAreNoWorseThanSockets(t *testing.T) {
	const length, limit = 10 * time.Second, 60 * time.Millisecond
	for name, test := range map[string]struct {
		members int
		play    func(int, time.Duration, *rand.Rand) performance
	}{
		"sixteen on the beat": {16, onTheBeat},
		"forty on the beat":   {40, onTheBeat},
		"two, evenly":         {2, evenly},
		"eight, evenly":       {8, evenly},
	} {
		t.Run(name, func(t *testing.T) {
			l := test.play(test.members, length, rand.New(rand.NewPCG(4, 0)))
			inTime := func(sockets bool) (share, sent float64) {
				synctest.Test(t, func(t *testing.T) {
					a := newOnAir(t, test.members, airConfig{jitter: 30 * time.Millisecond, sockets: sockets, seed: 4})
					all, s := newMusicians(a)
					sent = perform(all, l)
					share = within(s.took, limit, len(l)/2*(test.members-1))
				})
				return share, sent
			}
			socket, often := inTime(true)
			lane, sent := inTime(false)
			t.Logf("within %v: lanes %.4f, %.1f packets a second to each; sockets %.4f, %.1f", limit, lane, sent, socket, often)
			if lane < socket-0.0005 || sent >= 70 {
				t.Error("want as many over lanes, with less than 70 packets a second")
			}
		})
	}
}

// checkHeard checks that no note still sounds and none arrived twice.
func checkHeard(t *testing.T, all []*musician) {
	t.Helper()
	if held := all[0].air.rules.Held(nil); len(held) > 0 {
		t.Errorf("%d notes stick in the room", len(held))
	}
	for i, m := range all {
		if len(m.sounding) > 0 {
			t.Errorf("%d notes stick at member %d", len(m.sounding), i)
		}
		for key, n := range m.times {
			if n > 1 {
				t.Errorf("member %d heard %+v %d times", i, key, n)
			}
		}
	}
}

// TestSummariesWhilePeoplePlay checks that held notes are reported often even if
// every frame has new notes. A lost note-off is then healed while others play.
func TestSummariesWhilePeoplePlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newOnAir(t, 2, airConfig{})
		all, _ := newMusicians(a)
		var mu sync.Mutex // guards what follows
		last, longest := time.Now(), time.Duration(0)
		all[1].hear = func(f wire.RoomFrame) {
			mu.Lock()
			defer mu.Unlock()
			if f.Summary {
				last, longest = time.Now(), max(longest, time.Since(last))
			}
		}
		for n := range 200 {
			all[0].play(60, uint8(90*(1-n%2)))
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if longest = max(longest, time.Since(last)); longest > frames.SummaryEvery+50*time.Millisecond {
			t.Errorf("no summary came for %v", longest)
		}
	})
}

// TestMoveToAnotherInterval checks that a listener whose interval changes misses
// nothing, receives notes in time, and keeps its radio awake.
func TestMoveToAnotherInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newOnAir(t, 2, airConfig{})
		all, s := newMusicians(a)
		player, listener := all[0], all[1]
		player.SetLaneInterval(25 * time.Millisecond)
		for _, every := range []time.Duration{10, 5, 10, 5} {
			for range 20 {
				player.play(60, 90)
				time.Sleep(300 * time.Millisecond)
				player.play(60, 0)
				time.Sleep(700 * time.Millisecond)
			}
			before := listener.sent.Load()
			listener.SetLaneInterval(every * time.Millisecond)
			time.Sleep(time.Second)
			if n := listener.sent.Load() - before; n < 10 {
				t.Errorf("after a move to %d ms the radio receives %d packets in a second", every, n)
			}
		}
		synctest.Wait()
		if got := within(s.took, 20*time.Millisecond, 80); got < 1 {
			t.Errorf("%.3f of the notes came in time", got)
		}
		checkHeard(t, all)
	})
}

// TestAnIdleStreamSkipsOldNotes checks that the first listener of an idle
// interval receives the notes of the last moments and none before.
func TestAnIdleStreamSkipsOldNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newOnAir(t, 2, airConfig{})
		all, _ := newMusicians(a)
		player, listener := all[0], all[1]
		var mu sync.Mutex // guards what follows
		var oldest time.Duration
		listener.hear = func(f wire.RoomFrame) {
			mu.Lock()
			defer mu.Unlock()
			for _, e := range f.Events {
				oldest = max(oldest, a.now().Sub(clock.Millis(e.At)))
			}
		}
		player.SetLaneInterval(25 * time.Millisecond)
		player.play(60, 90)
		time.Sleep(20 * time.Millisecond)
		listener.off.Store(true)
		for range 4 {
			time.Sleep(200 * time.Millisecond)
			player.play(60, 0)
			player.play(60, 90)
		}
		time.Sleep(200 * time.Millisecond)
		listener.off.Store(false)
		player.play(60, 0)
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if most := frames.RepeatFor + 60*time.Millisecond; oldest > most || oldest == 0 {
			t.Errorf("the oldest note is %v old, want a note and at most %v", oldest, most)
		}
	})
}

// TestEverybodysChords plays more notes at once than a frame holds.
func TestEverybodysChords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newOnAir(t, 40, airConfig{})
		all, s := newMusicians(a)
		for _, velocity := range []uint8{90, 0} {
			for note := range uint8(8) {
				for _, m := range all {
					m.play(60+note, velocity)
				}
				time.Sleep(time.Millisecond)
			}
			time.Sleep(500 * time.Millisecond)
			want := 0
			if velocity > 0 {
				want = 8 * 39
			}
			for _, m := range all {
				if got := m.sounds(); got != want {
					t.Errorf("%d notes sound at %d, want %d", got, m.seat, want)
				}
			}
		}
		synctest.Wait()
		if got := within(s.took, 200*time.Millisecond, 40*8*39); got < 1 {
			t.Errorf("%.3f of the notes came", got)
		}
		checkHeard(t, all)
	})
}
