package appliance

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// ensemble joins a room, which knows music but no clients, to its channel,
// which knows clients but no music. What members send becomes calls of the
// room; what the room answers becomes broadcasts.
//
// Everybody is told in the order in which the room decided, or a note might
// end before it began and sound for ever. So whoever asks the room also tells
// what it answered before another may ask: changes under mu, notes under
// score. A change that ends notes holds both; mu is taken first. Under score
// nothing is done but asking the room, appending to the log and putting JSON
// into queues; frames leave after it.
type ensemble struct {
	room    *room.Room
	channel *realtime.Channel
	notes   *room.Log
	pace    *pacer     // of those who listen over a line
	lanes   *laneClock // of those who listen over a lane
	purses  *purses
	latency prometheus.Observer
	now     func() clock.Millis // the box clock
	save    func()              // writes the room to the store, soon
	log     *slog.Logger
	rouse   chan struct{} // holds one token when Run should look at the time anew
	over    chan struct{} // closed when the room is

	first atomic.Uint64 // when the first note of the next frame was read, as bits of clock.Millis; 0 is none

	score sync.Mutex // held from asking the room for notes until they are told

	mu    sync.Mutex // held from asking the room for changes until they are told; guards parts
	parts map[string][]*part
}

func newEnsemble(r *room.Room, ch *realtime.Channel, every time.Duration, lanes laneConfig, allowed limits, save func(), log *slog.Logger) *ensemble {
	e := &ensemble{
		room: r, channel: ch, now: clock.Now, save: save, log: log,
		notes:  room.NewLog(topicOf(r.Code()), r.Held),
		purses: newPurses(allowed), latency: newLatency(),
		rouse: make(chan struct{}, 1), over: make(chan struct{}),
		parts: make(map[string][]*part),
	}
	e.pace = newPacer(every, e.publish)
	e.lanes = newLaneClock(e.notes, ch, lanes)
	return e
}

// topicOf is the topic of a room on the wire.
func topicOf(code string) string { return wire.TopicPrefix + wire.RoomPrefix + code }

// Run plays what the room has to say by itself, beats and the ends of notes,
// until ctx ends or the room is closed.
func (e *ensemble) Run(ctx context.Context) {
	defer e.pace.stop()
	defer e.lanes.stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-e.rouse:
		case <-e.over:
			return
		case <-ctx.Done():
			return
		}
		timer.Reset(e.advance())
	}
}

// advance does what is due, and says how long nothing else will be.
func (e *ensemble) advance() time.Duration {
	ended, next := e.turn()
	if ended {
		e.frame()
	}
	if math.IsInf(float64(next), 1) {
		return time.Hour
	}
	return max(0, time.Duration(float64(next-e.now())*float64(time.Millisecond)))
}

// turn asks the room what is due, and tells it. It reports whether notes
// ended, and when the room wants to be asked again.
func (e *ensemble) turn() (ended bool, next clock.Millis) {
	e.score.Lock()
	defer e.score.Unlock()
	beats, ends, next := e.room.Advance(e.now())
	for _, b := range beats {
		if e.channel.HasPlain() {
			e.channel.Sound(b.Event, encode(b.Payload), nil)
		}
	}
	for _, n := range ends {
		e.tellLocked(n, nil)
	}
	return len(ends) > 0, next
}

// look makes Run ask the room again when something is due.
func (e *ensemble) look() {
	select {
	case e.rouse <- struct{}{}:
	default: // it will look anyway
	}
}

// play lets a member's note sound everywhere. It is the path of every note:
// it blocks on nobody and encodes nothing that nobody needs.
func (e *ensemble) play(p *part, n wire.NoteEvent, at clock.Millis, duration time.Duration) error {
	if err := e.ask(p, n, at, duration); err != nil {
		return err
	}
	if duration > 0 {
		e.look()
	}
	e.frame()
	return nil
}

// ask asks the room to let a note sound, and tells it to everybody if it may.
func (e *ensemble) ask(p *part, n wire.NoteEvent, at clock.Millis, duration time.Duration) error {
	e.score.Lock()
	defer e.score.Unlock()
	sounded, err := e.room.Play(at, p.seat, n.Note, n.Velocity, clock.Millis(n.At), duration)
	if err == nil {
		e.first.CompareAndSwap(0, math.Float64bits(float64(at)))
		e.tellLocked(sounded, p.member)
	}
	return err
}

// tellLocked tells a note in both forms: room frames from the log, once they
// are published, and JSON. score is held.
func (e *ensemble) tellLocked(n wire.NoteEvent, from *realtime.Member) {
	e.notes.Append(n, e.now())
	if e.channel.HasPlain() {
		event, payload := e.noteJSON(n)
		e.channel.Sound(event, payload, from)
	}
}

// frame lets frames leave with what was told, when it is time.
func (e *ensemble) frame() {
	e.lanes.poke()
	e.pace.poke()
}

func (e *ensemble) publish(alone bool) {
	first := e.first.Swap(0)
	if e.notes.Publish() {
		e.channel.Wake(alone)
		if first != 0 {
			e.latency.Observe(float64(e.now()-clock.Millis(math.Float64frombits(first))) / 1000)
		}
	}
}

// noteJSON is a note as plain Supabase clients get it.
func (e *ensemble) noteJSON(n wire.NoteEvent) (event string, payload []byte) {
	id := e.room.StudentAt(n.Seat)
	if n.Velocity == 0 {
		return wire.EventStudentNoteOff, encode(studentNoteOff{Note: n.Note, ID: id, At: n.At, Seq: n.Seq})
	}
	return wire.EventStudentNote, encode(studentNote{Note: n.Note, Velocity: n.Velocity, ID: id, At: n.At, Seq: n.Seq})
}

type studentNote struct {
	Note     uint8   `json:"midi"`
	Velocity uint8   `json:"velocity"`
	ID       string  `json:"student_id"`
	At       float64 `json:"at"`
	Seq      uint16  `json:"seq"`
}

type studentNoteOff struct {
	Note uint8   `json:"midi"`
	ID   string  `json:"student_id"`
	At   float64 `json:"at"`
	Seq  uint16  `json:"seq"`
}

// change makes a change of the room and tells everybody, in the order in
// which changes were made.
func (e *ensemble) change(make func() ([]room.Change, error)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changeLocked(make)
}

func (e *ensemble) changeLocked(make func() ([]room.Change, error)) error {
	changes, ended, err := e.decideLocked(make)
	if ended {
		e.frame()
	}
	for _, c := range changes {
		e.channel.Announce(c.Event, encode(c.Payload))
	}
	if len(changes) > 0 {
		e.refreshLocked()
		e.save()
		e.look()
	}
	return err
}

// decideLocked makes a change of the room and tells the notes that end with
// it. It reports whether any did.
func (e *ensemble) decideLocked(make func() ([]room.Change, error)) (changes []room.Change, ended bool, err error) {
	e.score.Lock()
	defer e.score.Unlock()
	changes, err = make()
	for _, c := range changes {
		for _, n := range c.Notes {
			e.tellLocked(n, nil)
			ended = true
		}
	}
	return changes, ended, err
}

// refreshLocked brings presence up to what the room now says of everybody;
// who is as before costs nothing on the wire.
func (e *ensemble) refreshLocked() {
	for _, parts := range e.parts {
		for _, p := range parts {
			p.member.Refresh()
		}
	}
}

// recastLocked lets the room know whether a member is a teacher: he is if one
// of his tabs holds a teacher's token.
func (e *ensemble) recastLocked(id string) {
	parts := e.parts[id]
	if len(parts) == 0 {
		return // he is nobody while he is away
	}
	teaches := slices.ContainsFunc(parts, func(p *part) bool { return p.teacher })
	_ = e.changeLocked(func() ([]room.Change, error) { return e.room.Recast(e.now(), id, teaches), nil })
}

// remove closes the channel of every tab of a member, and says why.
func (e *ensemble) remove(id, why string) {
	e.mu.Lock()
	parts := append([]*part(nil), e.parts[id]...)
	e.mu.Unlock()
	for _, p := range parts {
		p.member.Expel(why)
	}
}

// close tells everybody that the room is over. It is called once.
func (e *ensemble) close() {
	close(e.over)
	e.channel.Announce(wire.EventRoomClosed, wire.Nothing)
	for _, m := range e.channel.Members() {
		m.Expel("This room is closed")
	}
}

// closed reports whether the room is over.
func (e *ensemble) closed() bool {
	select {
	case <-e.over:
		return true
	default:
		return false
	}
}

// sendState sends a member the whole state of the room.
func (e *ensemble) sendState(p *part) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sendStateLocked(p)
}

func (e *ensemble) sendStateLocked(p *part) {
	p.member.Send(wire.EventRoomState, encode(e.room.State(e.now(), p.id)))
}

// encode turns what this box made itself into JSON.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a bug: these are plain structs
	}
	return b
}
