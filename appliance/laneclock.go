package appliance

import (
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// How a lane heals what it loses. A frame tells once more what was told first
// within repeatFor; when no later frame would, one leaves at each of repeatAt
// after the last that told anything new, so that four packets in a row may be
// lost. The last one comes in place of a frame that keeps radios awake: it costs
// nothing.
const (
	repeatFor = 150 * time.Millisecond
	// keepAwakeEvery lets no radio doze while people play: one that does hears
	// of a packet 100 to 300 ms late.
	keepAwakeEvery = 65 * time.Millisecond
	// restAfter is when people do not play any more.
	restAfter = 2 * time.Second
	// summaryEvery bounds how long a note sounds whose end was lost.
	summaryEvery = 250 * time.Millisecond
	// tellWithin is when an event is too late to be told: to a series that had
	// no listeners, or when the box stood still.
	tellWithin = time.Second
)

var repeatAt = [...]time.Duration{15 * time.Millisecond, 40 * time.Millisecond, 90 * time.Millisecond, 140 * time.Millisecond}

// Forty radios share the air, and it is packets that fill it: a listener gets
// one every packetEvery, and burst of them closer together, so that a class on
// the beat is heard at once and a class that never pauses leaves room for
// others. That is 59 a second, and 6 more of acknowledgements, replies to pings
// and signs of life.
const (
	packetEvery = 17 * time.Millisecond
	burst       = 4
)

// laneClock gives a room's frames to those who listen over a lane. Each of
// them has an interval, by how his network queues; those who share one are a
// series and get the same bytes.
type laneClock struct {
	notes   *room.Log
	channel *realtime.Channel
	now     func() clock.Millis // the box clock
	cfg     laneConfig

	mu     sync.Mutex // guards what follows; a series is sent under it
	series map[time.Duration]*series
	inUse  []time.Duration // scratch
	over   bool
}

// laneConfig is how lanes are served.
type laneConfig struct {
	// interval of everybody, if fixed is set.
	interval time.Duration
	fixed    bool
	// once sends every note once: no repeats, and nothing while nobody plays.
	once bool
}

// series is the frames of one interval.
type series struct {
	every  time.Duration // of its listeners, or realtime.AnyInterval
	alone  bool          // nobody listens
	number uint16
	last   clock.Millis // when a frame left
	newest clock.Millis // when one left that told anything new
	spent  clock.Millis // until when its packets would take if none were closer than packetEvery
	told   uint64       // the log's cursor behind what its frames told
	fresh  []telling    // the frames that told something new, of the last repeatFor
	summed clock.Millis // when a summary left
	due    clock.Millis // when timer fires
	timer  *time.Timer
}

// telling is a frame that told something new.
type telling struct {
	at   clock.Millis
	from uint64 // the log's cursor before what was new
}

func newLaneClock(notes *room.Log, ch *realtime.Channel, cfg laneConfig) *laneClock {
	return &laneClock{notes: notes, channel: ch, now: clock.Now, cfg: cfg, series: make(map[time.Duration]*series)}
}

// poke says that events were appended, or that somebody wants another
// interval.
func (c *laneClock) poke() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turnAllLocked(c.now())
}

// fire takes the turn of a series whose timer went off, and of the others: its
// listeners may want another interval by now. One that nobody wants any more
// rests from then on.
func (c *laneClock) fire(s *series) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.due = clock.Never()
	c.turnAllLocked(c.now())
}

// turnAllLocked lets every series that has listeners take its turn.
func (c *laneClock) turnAllLocked(now clock.Millis) {
	if c.over {
		return
	}
	c.inUse = c.channel.Lanes(c.inUse[:0])
	if c.cfg.fixed && len(c.inUse) > 0 {
		c.inUse = append(c.inUse[:0], realtime.AnyInterval)
	}
	for every, s := range c.series {
		s.alone = s.alone || !slices.Contains(c.inUse, every)
	}
	for _, every := range c.inUse {
		c.turnLocked(c.seriesLocked(every, now), now)
	}
}

// seriesLocked is the series of an interval, for which there are listeners. A
// new one has nothing to tell them of what was long before, and neither has
// one that nobody listened to for a while.
func (c *laneClock) seriesLocked(every time.Duration, now clock.Millis) *series {
	s := c.series[every]
	if s == nil {
		s = &series{every: every, last: now.Add(-repeatFor), summed: -clock.Never(), due: clock.Never(), alone: true}
		s.timer = time.AfterFunc(time.Hour, func() { c.fire(s) })
		c.series[every] = s
	}
	if s.alone {
		s.alone = false
		s.told = max(s.told, c.notes.Since(now.Add(-repeatFor)))
	}
	return s
}

// turnLocked sends a frame if one is due, and sees to it that the next leaves
// when it is.
func (c *laneClock) turnLocked(s *series, now clock.Millis) {
	head, newest := c.notes.Newest()
	p := pace{
		newest: newest, told: max(s.newest, newest), last: s.last,
		pending: head > s.told, next: c.nextLocked(s), once: c.cfg.once,
	}
	due := p.due()
	if due <= now {
		p = p.sent(now)
		due = p.due()
		c.tellLocked(s, now, head, due == clock.Never())
	}
	if due == s.due {
		return
	}
	if s.due = due; due == clock.Never() {
		s.timer.Stop()
	} else {
		s.timer.Reset(due.Sub(now) + time.Microsecond) // not a rounding too early
	}
}

// nextLocked is when a series may have its next frame.
func (c *laneClock) nextLocked(s *series) clock.Millis {
	if c.cfg.fixed {
		return s.last.Add(c.cfg.interval)
	}
	return max(s.last.Add(s.every), s.spent.Add(-burst*packetEvery))
}

// tellLocked tells a series what was appended up to head. Mostly that fits one
// frame.
func (c *laneClock) tellLocked(s *series, now clock.Millis, head uint64, rest bool) {
	summary := !c.cfg.once && (s.told >= head || now.Sub(s.summed) >= summaryEvery)
	if summary {
		s.summed = now
	}
	s.told = max(s.told, c.notes.Since(now.Add(-tellWithin)))
	for {
		c.sendLocked(s, now, head, summary, rest)
		if s.told >= head {
			return
		}
	}
}

// sendLocked sends a series its next frame, of what was appended up to head.
func (c *laneClock) sendLocked(s *series, now clock.Millis, head uint64, summary, rest bool) {
	again := s.told
	if !c.cfg.once {
		again = s.againLocked(now)
	}
	mark := wire.FrameMark{Every: uint8(max(0, s.every/time.Millisecond)), Number: s.number, Rest: rest}
	p, told := c.notes.Window(again, s.told, head, summary, mark)
	c.channel.Lossy(p, s.every)
	if told > s.told {
		s.newest = now
		if !c.cfg.once {
			s.fresh = append(s.fresh, telling{at: now, from: s.told})
		}
	}
	s.number++
	s.last, s.told, s.spent = now, told, max(s.spent, now).Add(packetEvery)
}

// againLocked is the cursor from which on events are told once more.
func (s *series) againLocked(now clock.Millis) uint64 {
	old := now.Add(-repeatFor)
	s.fresh = slices.DeleteFunc(s.fresh, func(t telling) bool { return t.at <= old })
	if len(s.fresh) == 0 {
		return s.told
	}
	return s.fresh[0].from
}

// stop forgets what waits.
func (c *laneClock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	for _, s := range c.series {
		s.timer.Stop()
	}
}

// pace is what decides when a series' next frame leaves.
type pace struct {
	newest  clock.Millis // when the newest event was appended
	told    clock.Millis // when a frame left that told anything new, if that is later
	last    clock.Millis // when the last frame left
	pending bool         // there are events that no frame has told
	next    clock.Millis // before which they have to wait
	once    bool
}

// due is when the next frame leaves, in the past if it should have left, and
// never if none does until somebody plays.
func (p pace) due() clock.Millis {
	switch {
	case p.pending:
		return max(p.newest, p.next)
	case p.once:
		return clock.Never()
	}
	for _, after := range repeatAt {
		if at := p.told.Add(after); p.last < at {
			return at
		}
	}
	if end := p.told.Add(restAfter); p.last < end {
		return min(end, p.last.Add(keepAwakeEvery))
	}
	return clock.Never()
}

// sent is the pace after a frame.
func (p pace) sent(now clock.Millis) pace {
	if p.pending {
		p.told = now
	}
	p.last, p.pending = now, false
	return p
}
