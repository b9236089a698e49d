package appliance

import (
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// maxDuration is how long a note may be asked to sound; longer ones are cut.
const maxDuration = 30 * time.Second

// part is one client's part in a room. A member with two tabs has two parts
// and one seat.
type part struct {
	ensemble *ensemble
	member   *realtime.Member // nil for one broadcast over HTTP
	id       string
	seat     uint8
	guest    bool // has no token of his own: the seat goes when he does
	service  bool // broadcast over HTTP with a service key

	teacher       bool // may control; guarded by ensemble.mu, as are the next
	entered, left bool

	*purse
	heard hearing
	up    []wire.NoteEvent // scratch for decoding
}

func newPart(e *ensemble, m *realtime.Member, who room.Member, teacher, guest bool) *part {
	return &part{
		ensemble: e, member: m, id: who.ID, seat: who.Seat, guest: guest, teacher: teacher,
		purse: e.purses.of(who),
	}
}

// Enter tells the room that the member is here, and the member what the room
// is. His seat or the room may have gone since he was admitted: then he is
// sent away.
func (p *part) Enter() {
	if !p.enter() {
		p.member.Expel("You are not in this room any more")
	}
}

func (p *part) enter() bool {
	e := p.ensemble
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.left {
		return true // his token ended before he was in
	}
	if _, seated := e.room.Member(p.id); !seated || e.closed() {
		return false
	}
	p.entered = true
	if p.member.Frames() {
		p.member.Conn().Follow(e.notes)
	}
	e.parts[p.id] = append(e.parts[p.id], p)
	e.sendStateLocked(p) // first: changes mean something only to who has a state
	_ = e.changeLocked(func() ([]room.Change, error) { return e.room.Connect(e.now(), p.id), nil })
	e.recastLocked(p.id)
	return true
}

// Leave tells the room that the member is gone.
func (p *part) Leave() {
	e := p.ensemble
	if p.member.Frames() {
		p.member.Conn().Unfollow(e.notes)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	p.left = true
	if p.entered {
		if e.parts[p.id] = without(e.parts[p.id], p); len(e.parts[p.id]) == 0 {
			delete(e.parts, p.id)
		}
		_ = e.changeLocked(func() ([]room.Change, error) { return e.room.Disconnect(e.now(), p.id), nil })
		e.recastLocked(p.id)
	}
	if p.guest {
		_ = e.changeLocked(func() ([]room.Change, error) { return e.room.Release(e.now(), p.id), nil })
	}
}

func without(parts []*part, gone *part) []*part {
	kept := make([]*part, 0, len(parts))
	for _, p := range parts {
		if p != gone {
			kept = append(kept, p)
		}
	}
	return kept
}

// Meta is what presence says of the member.
func (p *part) Meta() map[string]any {
	who, ok := p.ensemble.room.Member(p.id)
	if !ok {
		return nil
	}
	return map[string]any{
		"student_id": who.ID, "seat": who.Seat, "name": who.Name,
		"role": who.Role, "muted": who.Muted, "beats": who.Beats,
	}
}

// Reclaim takes a new token: it may make a teacher of the member, or end that.
func (p *part) Reclaim(claims auth.Claims) {
	e := p.ensemble
	e.mu.Lock()
	defer e.mu.Unlock()
	p.teacher = claims.Teacher(e.room.Code())
	e.recastLocked(p.id)
}

// Resync sends the member the whole state anew.
func (p *part) Resync() { p.ensemble.sendState(p) }

// Broadcast takes what the member sends: notes, the clock, control. What
// means nothing to the room is not handled, and so relayed unchanged.
func (p *part) Broadcast(b realtime.Broadcast) (handled bool, err error) {
	if b.Encoding == wire.Binary {
		return p.binary(b)
	}
	switch {
	case b.Event == "":
		return true, &realtime.Refusal{Reason: "bad_payload", Message: "A broadcast needs an event."}
	case b.Event == wire.EventPlayNote:
		return true, p.playNote(b)
	case b.Event == wire.EventStopNote:
		return true, p.stopNote(b)
	case b.Event == wire.EventResync:
		return true, p.resync()
	case b.Event == wire.EventReport:
		return true, p.report(b)
	case room.IsControl(b.Event):
		return true, p.control(b)
	case room.IsReserved(b.Event):
		return true, realtime.ErrUnauthorized
	}
	return false, p.relay(b)
}

func (p *part) binary(b realtime.Broadcast) (handled bool, err error) {
	switch {
	case b.Event == wire.EventNotes:
		return true, p.noteFrame(b)
	case b.Event == wire.EventClock:
		return true, p.clock(b)
	case room.IsReserved(b.Event) || room.IsControl(b.Event):
		return true, realtime.ErrUnauthorized
	}
	return false, p.relay(b)
}

// relay lets a broadcast pass that means nothing to the room.
func (p *part) relay(b realtime.Broadcast) error {
	if err := p.allow(p.events); err != nil {
		return err
	}
	if p.service || p.member != nil && p.member.Claims().Role == auth.Service {
		return nil // a program of the school's own
	}
	return p.allowN(p.bytes, len(b.Payload)+b.Beside)
}

// allow takes one from a budget.
func (p *part) allow(budget *rate.Limiter) error { return p.allowN(budget, 1) }

func (p *part) allowN(budget *rate.Limiter, n int) error {
	if budget.AllowN(time.Now(), n) {
		return nil
	}
	if p.member != nil {
		p.member.OverLimit()
	}
	return &realtime.Refusal{Reason: "too_fast", Message: "Too many messages. Wait a moment."}
}

func (p *part) noteFrame(b realtime.Broadcast) error {
	notes, err := wire.DecodeNotesUp(p.up[:0], b.Payload)
	if err != nil {
		return &realtime.Refusal{Reason: "bad_payload", Message: err.Error()}
	}
	p.up = notes
	numbered := p.member != nil && p.member.Conn().Linked()
	var refused error // one bad note does not take the ends of others with it
	for _, n := range notes {
		if numbered && !p.heard.numbers.Fresh(n.Seq) {
			continue
		}
		if err := p.sound(n, b.At, 0); err == nil {
			p.heard.played(n.Note, n.Velocity)
		} else if refused == nil {
			refused = err
		}
	}
	if numbered && len(notes) > 0 && notes[len(notes)-1].Seq == p.heard.numbers.Newest() {
		p.release(b)
	}
	return refused
}

// release ends what the device does not hold any more, by what it says behind
// its newest notes.
func (p *part) release(b realtime.Broadcast) {
	held, ok := wire.HeldUp(b.Payload)
	if !ok {
		return
	}
	for _, note := range p.heard.ended(held, nil) {
		_ = p.sound(wire.NoteEvent{Note: note}, b.At, 0) // refused: it has ended already
		p.heard.played(note, 0)
	}
}

// sound plays a note if the member's budget allows it. Ends of notes that
// sound are free: they cannot be more than their beginnings, and without them
// the notes would stick.
func (p *part) sound(n wire.NoteEvent, at clock.Millis, duration time.Duration) error {
	if n.Velocity > 0 || !p.ensemble.room.Sounds(p.seat, n.Note) {
		if err := p.allow(p.notes); err != nil {
			return err
		}
	}
	return refusal(p.ensemble.play(p, n, at, duration))
}

func (p *part) clock(b realtime.Broadcast) error {
	ping, err := wire.DecodeClockPing(b.Payload)
	if err != nil {
		return &realtime.Refusal{Reason: "bad_payload", Message: err.Error()}
	}
	if err := p.allow(p.events); err != nil {
		return err
	}
	p.member.SendClock(wire.AppendClockReply(nil, wire.ClockReply{ClockPing: ping, T2: float64(b.At)}))
	return nil
}

// playedNote is the payload of play_note. Pointers tell what is missing from
// what is zero.
type playedNote struct {
	Note     *int     `json:"midi"`
	Velocity *int     `json:"velocity"`
	Duration *float64 `json:"duration"` // ms
	At       *float64 `json:"at"`       // box clock, ms
}

// event checks the payload and turns it into a note event.
func (n playedNote) event() (e wire.NoteEvent, duration time.Duration, ok bool) {
	velocity := 100
	if n.Velocity != nil {
		velocity = *n.Velocity
	}
	if n.Note == nil || *n.Note < 0 || *n.Note > 127 || velocity < 0 || velocity > 127 {
		return e, 0, false
	}
	e.Note, e.Velocity = uint8(*n.Note), uint8(velocity)
	if n.At != nil {
		e.At = *n.At
	}
	if n.Duration != nil {
		if *n.Duration < 0 {
			return e, 0, false
		}
		duration = time.Duration(min(*n.Duration, float64(maxDuration/time.Millisecond)) * float64(time.Millisecond))
	}
	return e, duration, true
}

func (p *part) playNote(b realtime.Broadcast) error {
	var n playedNote
	err := json.Unmarshal(b.Payload, &n)
	e, duration, ok := n.event()
	if err != nil || !ok {
		return &realtime.Refusal{Reason: "bad_payload", Message: "A note needs midi from 0 to 127, and velocity from 0 to 127."}
	}
	return p.sound(e, b.At, duration)
}

func (p *part) stopNote(b realtime.Broadcast) error {
	var n playedNote
	err := json.Unmarshal(b.Payload, &n)
	e, _, ok := n.event()
	if err != nil || !ok {
		return &realtime.Refusal{Reason: "bad_payload", Message: "A note needs midi from 0 to 127."}
	}
	e.Velocity = 0
	return p.sound(e, b.At, 0)
}

func (p *part) resync() error {
	if err := p.allow(p.events); err != nil {
		return err
	}
	p.ensemble.sendState(p)
	return nil
}

// control takes a control event. The room says who may do what.
func (p *part) control(b realtime.Broadcast) error {
	if err := p.allow(p.events); err != nil {
		return err
	}
	e := p.ensemble
	var removed string
	err := e.change(func() ([]room.Change, error) {
		changes, err := e.room.Control(e.now(), p.id, p.teacher, b.Event, b.Payload)
		removed = removedIn(changes)
		return changes, err
	})
	if removed != "" {
		e.remove(removed, "You were removed from this room")
	}
	return refusal(err)
}

// removedIn is the member whom changes remove, if any.
func removedIn(changes []room.Change) string {
	for _, c := range changes {
		if gone, ok := c.Payload.(room.MemberRemoved); ok {
			return gone.StudentID
		}
	}
	return ""
}

// refusal is a room's error as a client is told it.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	if c, ok := errors.AsType[*room.ControlError](err); ok {
		return &realtime.Refusal{Reason: c.Reason, Message: c.Message}
	}
	if r, ok := silent[err]; ok {
		return r
	}
	return err
}

// silent says why a note did not sound, made once: notes come often.
var silent = map[error]*realtime.Refusal{
	room.ErrMuted:       {Reason: "muted", Message: "The teacher has muted you."},
	room.ErrQuiet:       {Reason: "quiet", Message: "Everybody is quiet now."},
	room.ErrNotYourBeat: {Reason: "not_your_beat", Message: "That was not one of your beats."},
	room.ErrTooMany:     {Reason: "too_many_notes", Message: "Too many notes sound at once."},
	room.ErrNote:        {Reason: "bad_payload", Message: "A note needs midi from 0 to 127, and velocity from 0 to 127."},
	room.ErrNotHeld:     {Reason: "not_held", Message: "That note was not sounding."},
	room.ErrNoSeat:      {Reason: "unauthorized", Message: "You have no seat in this room."},
}
