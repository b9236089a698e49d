package frames

import (
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

const (
	// RepeatFor is how long frames repeat an event after the frame that had it
	// first. See repeatAt for what happens when no later event comes.
	RepeatFor = 150 * time.Millisecond
	// SummaryEvery is how far apart summaries are at most while frames leave.
	// A note sounds so much too long if every frame with its end is lost.
	SummaryEvery = 250 * time.Millisecond
	// maxAge is when an event is too old to send: the stream was idle, or the
	// box stood still.
	maxAge = time.Second
)

// Forty radios share the air, and packets fill it, not bytes. A listener gets
// one packet every packetEvery on average, and burst of them closer together: a
// class on the beat is heard at once, and a class that never pauses leaves air
// to others. That makes 63 packets a second, and 6 more for acknowledgements,
// replies to pings and signs of life.
//
// An event that is late already does not wait for others, because another delay
// would be heard. For such events lateBurst frames may leave closer together,
// lateEvery apart, so that what comes together leaves together. The average stays
// the same. In a network with 30 ms of jitter the notes of a beat come over 36 ms,
// and those that may be heard after more than 60 ms in the last quarter of it.
const (
	packetEvery = 16 * time.Millisecond
	burst       = 4
	endBurst    = 1 // for ends alone
	repeatBurst = 6 // for repeats
	lateBurst   = 12
	lateEvery   = time.Millisecond
	// noteLate and endLate are how long after it was played an event is late. A
	// note that ends late is hardly heard.
	noteLate = 27 * time.Millisecond
	endLate  = 35 * time.Millisecond
)

// LanePacer sends a room's frames over lanes. Each lane has an interval, chosen
// by how its network queues. The lanes with one interval at one place are a stream
// and get the same bytes.
type LanePacer struct {
	log *Log
	to  *Listeners
	now func() clock.Millis // the box clock
	cfg LaneConfig

	mu      sync.Mutex // guards what follows; held while frames are sent
	streams map[streamKey]*stream
	since   [wire.PlaceCount]uint64 // the log's cursor when somebody last came to each place
	wanted  []streamKey             // scratch
	stopped bool
}

// LaneConfig says how frames leave over lanes.
type LaneConfig struct {
	// Interval is that of every lane, if Fixed is set.
	Interval time.Duration
	Fixed    bool
	// Once sends every note once: no repeats, and nothing between notes.
	Once bool
}

// stream is the frames for the lanes with one interval at one place.
type stream struct {
	streamKey
	idle        bool         // no lane wants it
	number      uint16       // of the next frame
	lastSent    clock.Millis // when a frame left
	newsAt      clock.Millis // when a frame with new events left
	airUntil    clock.Millis // when its packets would end if they were packetEvery apart
	cursor      uint64       // the log's cursor behind what was sent
	recent      []sentFrame  // the frames with new events of the last RepeatFor
	lastSummary clock.Millis // when a summary left
	timerAt     clock.Millis // when timer fires
	timer       *time.Timer
}

// sentFrame is a frame that had new events.
type sentFrame struct {
	at   clock.Millis
	from uint64 // the log's cursor before the new events
}

// NewLanePacer returns a pacer that sends what is in a log to its listeners.
func NewLanePacer(log *Log, to *Listeners, now func() clock.Millis, cfg LaneConfig) *LanePacer {
	return &LanePacer{log: log, to: to, now: now, cfg: cfg, streams: make(map[streamKey]*stream)}
}

// Poke says that events were appended, or that a lane wants another interval.
func (p *LanePacer) Poke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sendDueLocked(p.now())
}

// Moving says that connections are about to come to some places. What waits for its
// frame leaves at once, to those who listen where it is heard now. From then on
// nothing that was played at those places before is sent there, also not over a lane
// that opens or changes its interval later. The caller appends no event until it has
// called Moved.
func (p *LanePacer) Moving(to wire.Places) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	now, end := p.now(), p.log.end()
	for _, key := range p.to.streams(nil, p.cfg.Fixed) {
		s := p.streamLocked(key, now)
		if head, _ := p.log.Newest(s.at); head > s.cursor {
			p.sendNewLocked(s, now, head, false)
		}
	}
	for at := range p.since {
		if to.Has(wire.Place(at)) {
			p.since[at] = end
		}
	}
}

// Moved says that they have come. They get what sounds there soon, and several times:
// they end what they hear no longer. The caller pokes the pacer afterwards.
func (p *LanePacer) Moved(to wire.Places) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cfg.Once || p.stopped {
		return
	}
	now := p.now()
	for _, key := range p.to.streams(nil, p.cfg.Fixed) {
		if to.Has(key.at) {
			p.streamLocked(key, now).newsAt = now
		}
	}
}

// fire sends what is due when the timer of a stream fires. All streams are
// asked: their lanes may want other intervals by now. A stream that no lane
// wants any more is idle from then on.
func (p *LanePacer) fire(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.timerAt = clock.Never()
	p.sendDueLocked(p.now())
}

// sendDueLocked sends the frames that are due, of all streams in use.
func (p *LanePacer) sendDueLocked(now clock.Millis) {
	if p.stopped {
		return
	}
	p.wanted = p.to.streams(p.wanted[:0], p.cfg.Fixed)
	for key, s := range p.streams {
		s.idle = s.idle || !slices.Contains(p.wanted, key)
	}
	for _, key := range p.wanted {
		p.sendIfDueLocked(p.streamLocked(key, now), now)
	}
}

// streamLocked is the stream with a key. A new or idle stream skips old events, and
// each skips what was played before somebody came to its place.
func (p *LanePacer) streamLocked(key streamKey, now clock.Millis) *stream {
	s := p.streams[key]
	if s == nil {
		s = &stream{
			streamKey: key,
			lastSent:  now.Add(-RepeatFor), lastSummary: -clock.Never(), timerAt: clock.Never(), idle: true,
		}
		s.timer = time.AfterFunc(time.Hour, func() { p.fire(s) })
		p.streams[key] = s
	}
	if s.idle {
		s.idle = false
		s.cursor = max(s.cursor, p.log.Since(now.Add(-RepeatFor)))
	}
	s.cursor = max(s.cursor, p.since[key.at])
	return s
}

// sendIfDueLocked sends the next frame of a stream if it is due, and sets the
// timer for the one after.
func (p *LanePacer) sendIfDueLocked(s *stream, now clock.Millis) {
	head, newest := p.log.Newest(s.at)
	d := due{
		newest: newest, newsAt: max(s.newsAt, newest), lastSent: s.lastSent,
		pending: head > s.cursor, earliest: p.earliestLocked(s), airFree: p.airFreeLocked(s, repeatBurst), once: p.cfg.Once,
	}
	at := d.at()
	if at <= now {
		at = d.sent(now).at()
		p.sendNewLocked(s, now, head, at == clock.Never())
	}
	if at == s.timerAt {
		return
	}
	if s.timerAt = at; at == clock.Never() {
		s.timer.Stop()
	} else {
		s.timer.Reset(at.Sub(now) + time.Microsecond) // rounded, it would fire too early
	}
}

// earliestLocked is when the next frame with new events may leave.
func (p *LanePacer) earliestLocked(s *stream) clock.Millis {
	if p.cfg.Fixed {
		return s.lastSent.Add(p.cfg.Interval)
	}
	note, end := p.log.Oldest(s.at, s.cursor)
	together := burst
	if note == clock.Never() {
		together = endBurst
	}
	usual := max(s.lastSent.Add(s.every), p.airFreeLocked(s, together))
	every := s.every
	if every == intervalStep { // no packet waits for others in a queue of the network
		every = lateEvery
	}
	late := min(note.Add(noteLate), end.Add(endLate))
	return min(usual, max(late, s.lastSent.Add(every), p.airFreeLocked(s, lateBurst)))
}

// airFreeLocked is when there is air for another frame, if so many may leave
// close together.
func (p *LanePacer) airFreeLocked(s *stream, together int) clock.Millis {
	if p.cfg.Fixed {
		return -clock.Never()
	}
	return s.airUntil.Add(-time.Duration(together) * packetEvery)
}

// sendNewLocked sends what was appended up to head. Usually one
// frame is enough. rest says that no frame follows until a member plays.
func (p *LanePacer) sendNewLocked(s *stream, now clock.Millis, head uint64, rest bool) {
	summary := !p.cfg.Once && (s.cursor >= head || now.Sub(s.lastSummary) >= SummaryEvery)
	if summary {
		s.lastSummary = now
	}
	s.cursor = max(s.cursor, p.log.Since(now.Add(-maxAge)))
	for {
		p.sendFrameLocked(s, now, head, summary, rest)
		if s.cursor >= head {
			return
		}
	}
}

// sendFrameLocked sends the next frame of what was appended up to head.
func (p *LanePacer) sendFrameLocked(s *stream, now clock.Millis, head uint64, summary, rest bool) {
	again := s.cursor
	if !p.cfg.Once {
		again = max(s.repeatFromLocked(now), p.since[s.at])
	}
	mark := wire.FrameMark{Every: s.name(), Number: s.number, Rest: rest}
	packet, next := p.log.Window(s.at, again, s.cursor, head, summary, mark)
	p.to.send(packet, s.streamKey)
	if next > s.cursor {
		s.newsAt = now
		if !p.cfg.Once {
			s.recent = append(s.recent, sentFrame{at: now, from: s.cursor})
		}
	}
	s.number++
	s.lastSent, s.cursor, s.airUntil = now, next, max(s.airUntil, now).Add(packetEvery)
}

// repeatFromLocked is the cursor from which on events are repeated.
func (s *stream) repeatFromLocked(now clock.Millis) uint64 {
	old := now.Add(-RepeatFor)
	s.recent = slices.DeleteFunc(s.recent, func(f sentFrame) bool { return f.at <= old })
	if len(s.recent) == 0 {
		return s.cursor
	}
	return s.recent[0].from
}

// Stop sends nothing more.
func (p *LanePacer) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	for _, s := range p.streams {
		s.timer.Stop()
	}
}
