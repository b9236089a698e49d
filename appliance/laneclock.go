package appliance

import (
	"sync"
	"time"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// How a lane heals what it loses. A frame tells everything of the last
// repeatFor once more; when no later frame would, one leaves at each of
// repeatAt after the newest event, so that three packets in a row may be lost.
const (
	repeatFor = 100 * time.Millisecond
	// tellWithin is when an event is too late to be told: to a series that had
	// no listeners, or when the box stood still.
	tellWithin = time.Second
	// keepAwakeEvery lets no radio doze while people play: one that does hears
	// of a packet 100 to 300 ms late.
	keepAwakeEvery = 65 * time.Millisecond
	// restAfter is when people do not play any more.
	restAfter = 2 * time.Second
	// summaryEvery bounds how long a note sounds whose end was lost.
	summaryEvery = 250 * time.Millisecond
)

var repeatAt = [...]time.Duration{15 * time.Millisecond, 40 * time.Millisecond, 90 * time.Millisecond}

// Forty radios share the air, and it is packets that fill it: a listener gets
// one every packetEvery, and burst of them closer together, so that a class on
// the beat is heard at once and a class that never pauses leaves room for
// others. That is under 70 a second.
const (
	packetEvery = 15 * time.Millisecond
	burst       = 4
)

// laneClock gives a room's frames to those who listen over a lane. Each of
// them has an interval, by how his network queues; those who share one are a
// series and get the same bytes.
type laneClock struct {
	notes   *room.Log
	channel *realtime.Channel
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
	number uint16
	last   clock.Millis // when a frame left
	spent  clock.Millis // until when its packets would take if none were closer than packetEvery
	told   clock.Millis // when the newest event of that frame was appended
	summed clock.Millis // when a summary left
	due    clock.Millis // when timer fires
	timer  *time.Timer
}

func newLaneClock(notes *room.Log, ch *realtime.Channel, cfg laneConfig) *laneClock {
	return &laneClock{notes: notes, channel: ch, cfg: cfg, series: make(map[time.Duration]*series)}
}

// poke says that events were appended.
func (c *laneClock) poke() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inUse = c.channel.Lanes(c.inUse[:0])
	if c.cfg.fixed && len(c.inUse) > 0 {
		c.inUse = append(c.inUse[:0], realtime.AnyInterval)
	}
	now := clock.Now()
	for _, every := range c.inUse {
		c.turnLocked(c.seriesLocked(every, now), now)
	}
}

func (c *laneClock) seriesLocked(every time.Duration, now clock.Millis) *series {
	s := c.series[every]
	if s == nil {
		long := now.Add(-repeatFor)
		s = &series{every: every, last: long, told: long, summed: -clock.Never(), due: clock.Never()}
		s.timer = time.AfterFunc(time.Hour, func() { c.fire(s) })
		c.series[every] = s
	}
	return s
}

func (c *laneClock) fire(s *series) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.due = clock.Never()
	c.turnLocked(s, clock.Now())
}

// turnLocked sends a frame if one is due, and sees to it that the next leaves
// when it is.
func (c *laneClock) turnLocked(s *series, now clock.Millis) {
	if c.over {
		return
	}
	newest := c.notes.Newest()
	p := pace{newest: newest, last: s.last, pending: newest > s.told, next: c.nextLocked(s), once: c.cfg.once}
	due := p.due()
	if due <= now {
		p.last, p.pending = now, false
		due = p.due()
		c.sendLocked(s, now, newest, due == clock.Never())
	}
	if due == s.due {
		return
	}
	if s.due = due; due == clock.Never() {
		s.timer.Stop()
	} else {
		s.timer.Reset(due.Sub(now))
	}
}

// nextLocked is when a series may have its next frame.
func (c *laneClock) nextLocked(s *series) clock.Millis {
	if c.cfg.fixed {
		return s.last.Add(c.cfg.interval)
	}
	return max(s.last.Add(s.every), s.spent.Add(-burst*packetEvery))
}

// sendLocked sends a series its next frame. newest is when the newest event
// that it surely tells was appended.
func (c *laneClock) sendLocked(s *series, now, newest clock.Millis, rest bool) {
	since := max(s.told, now.Add(-tellWithin))
	if !c.cfg.once {
		since = min(since, now.Add(-repeatFor))
	}
	summary := !c.cfg.once && (newest <= s.told || now.Sub(s.summed) >= summaryEvery)
	mark := wire.FrameMark{Every: uint8(max(0, s.every/time.Millisecond)), Number: s.number, Rest: rest}
	c.channel.Lossy(c.notes.Window(since, summary, mark), s.every)
	s.number++
	s.last, s.told, s.spent = now, newest, max(s.spent, now).Add(packetEvery)
	if summary {
		s.summed = now
	}
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
		if at := p.newest.Add(after); p.last < at {
			return at
		}
	}
	if end := p.newest.Add(restAfter); p.last < end {
		return min(end, p.last.Add(keepAwakeEvery))
	}
	return clock.Never()
}
