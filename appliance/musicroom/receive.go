package musicroom

import (
	"encoding/json"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// maxDuration is the longest that a note with a duration sounds.
const maxDuration = 30 * time.Second

// Broadcast takes what the client sends: notes, clock pings, commands. It does
// not handle an event that means nothing to the room: that one is relayed
// unchanged.
func (c *Client) Broadcast(b realtime.Broadcast) (handled bool, err error) {
	if b.Encoding == wire.Binary {
		return c.binary(b)
	}
	switch {
	case b.Event == "":
		return true, &realtime.Refusal{Reason: "bad_payload", Message: "A broadcast needs an event."}
	case b.Event == wire.EventPlayNote:
		return true, c.playNote(b)
	case b.Event == wire.EventStopNote:
		return true, c.stopNote(b)
	case b.Event == wire.EventResync:
		return true, c.resync()
	case b.Event == wire.EventReport:
		return true, c.report(b)
	case b.Event == wire.EventExpect:
		return true, c.expect(b)
	case b.Event == wire.EventDismiss:
		return true, c.dismiss(b)
	case room.IsControl(b.Event):
		return true, c.control(b)
	case room.IsReserved(b.Event):
		return true, realtime.ErrUnauthorized
	}
	return false, c.relay(b)
}

func (c *Client) binary(b realtime.Broadcast) (handled bool, err error) {
	switch {
	case b.Event == wire.EventNotes:
		return true, c.playFrame(b)
	case b.Event == wire.EventClock:
		return true, c.clock(b)
	case room.IsReserved(b.Event) || room.IsControl(b.Event):
		return true, realtime.ErrUnauthorized
	}
	return false, c.relay(b)
}

// relay takes what relaying a broadcast costs from the budgets.
func (c *Client) relay(b realtime.Broadcast) error {
	if err := c.allow(c.events); err != nil {
		return err
	}
	if c.service || c.member != nil && c.member.Claims().Role == auth.Service {
		return nil // one of the school's own programs
	}
	return c.allowN(c.bytes, len(b.Payload)+b.Beside)
}

// allow takes one from a budget.
func (c *Client) allow(budget *rate.Limiter) error { return c.allowN(budget, 1) }

func (c *Client) allowN(budget *rate.Limiter, n int) error {
	if budget.AllowN(time.Now(), n) {
		return nil
	}
	if c.member != nil {
		c.member.OverLimit()
	}
	return errTooFast
}

// playFrame plays the notes of a binary frame. A client that may repeat notes
// over a lane numbers them, so that each is played once.
func (c *Client) playFrame(b realtime.Broadcast) error {
	notes, err := wire.DecodeNotesUp(c.notesUp[:0], b.Payload)
	if err != nil {
		return &realtime.Refusal{Reason: "bad_payload", Message: err.Error()}
	}
	c.notesUp = notes
	numbered := c.conn != nil && c.conn.MayRepeat()
	var refused error // one bad note must not drop the ends of others
	for _, n := range notes {
		if numbered && !c.numbers.Fresh(n.Seq) {
			continue
		}
		if err := c.play(press{NoteEvent: n, listed: true}, b.At); err != nil && refused == nil {
			refused = err
		}
	}
	if numbered && len(notes) > 0 && notes[len(notes)-1].Seq == c.numbers.Newest() {
		c.endLost(b)
	}
	return refused
}

// endLost ends the notes whose ends were lost: a device lists what it holds
// behind its newest notes.
func (c *Client) endLost(b realtime.Broadcast) {
	held, ok := wire.HeldUp(b.Payload)
	if !ok {
		return
	}
	c.pulse.listed()
	for _, note := range c.room.listedBy(c) {
		if !slices.Contains(held, note) {
			_ = c.play(press{NoteEvent: wire.NoteEvent{Note: note}}, b.At) // refused if it has ended meanwhile
		}
	}
}

// press is a note that a client begins or, with velocity 0, ends.
type press struct {
	wire.NoteEvent
	duration time.Duration // 0 until it is released
	listed   bool          // over a lane the client lists it while it is held
}

// play plays a note if the member's budget allows it. The end of a note that
// sounds is free: there is one for each beginning, and without it the note
// would stick.
func (c *Client) play(n press, at clock.Millis) error {
	if n.Velocity > 0 || !c.room.rules.Sounds(c.seat, n.Note) {
		if err := c.allow(c.notes); err != nil {
			return err
		}
	}
	err := refusal(c.room.play(c, n, at))
	if err == errTooLate && c.member != nil {
		c.member.Warn(errTooLate.Message)
	}
	return err
}

func (c *Client) clock(b realtime.Broadcast) error {
	ping, err := wire.DecodeClockPing(b.Payload)
	if err != nil {
		return &realtime.Refusal{Reason: "bad_payload", Message: err.Error()}
	}
	if err := c.allow(c.pings); err != nil {
		return err
	}
	c.pulse.asked()
	c.member.SendClock(wire.AppendClockReply(nil, wire.ClockReply{ClockPing: ping, T2: float64(b.At)}))
	return nil
}

// playedNote is the payload of play_note. A nil field was missing.
type playedNote struct {
	Note     *int     `json:"midi"`
	Velocity *int     `json:"velocity"`
	Duration *float64 `json:"duration"` // ms
	At       *float64 `json:"at"`       // box clock, ms
}

// errDuration refuses a duration that would be none: the note would sound until it
// is released, which its sender does not expect.
var errDuration = &realtime.Refusal{
	Reason:  "bad_payload",
	Message: "The duration of a note is more than 0 ms. Without one it sounds until stop_note.",
}

// press checks the payload and turns it into a press.
func (n playedNote) press() (p press, err error) {
	velocity := 100
	if n.Velocity != nil {
		velocity = *n.Velocity
	}
	if n.Note == nil || *n.Note < 0 || *n.Note > 127 || velocity < 0 || velocity > 127 {
		return p, room.ErrNote
	}
	p.Note, p.Velocity = uint8(*n.Note), uint8(velocity)
	if n.At != nil {
		p.At = *n.At
	}
	if n.Duration != nil {
		p.duration = time.Duration(min(*n.Duration, float64(maxDuration/time.Millisecond)) * float64(time.Millisecond))
		if p.duration <= 0 {
			return p, errDuration
		}
	}
	return p, nil
}

// readPress reads the payload of play_note or stop_note. The end of a note has no
// duration: it is ignored.
func readPress(payload []byte, begins bool) (press, error) {
	var n playedNote
	if json.Unmarshal(payload, &n) != nil {
		return press{}, room.ErrNote
	}
	if !begins {
		n.Duration = nil
	}
	return n.press()
}

func (c *Client) playNote(b realtime.Broadcast) error {
	p, err := readPress(b.Payload, true)
	if err != nil {
		return refusal(err)
	}
	return c.play(p, b.At)
}

func (c *Client) stopNote(b realtime.Broadcast) error {
	p, err := readPress(b.Payload, false)
	if err != nil {
		return refusal(err)
	}
	p.Velocity = 0
	return c.play(p, b.At)
}

func (c *Client) resync() error {
	if err := c.allow(c.events); err != nil {
		return err
	}
	c.room.sendState(c)
	return nil
}

// control takes a command. The rules say whether the member may give it. The
// answer to one that changed something waits until the store has it.
func (c *Client) control(b realtime.Broadcast) error {
	if err := c.allow(c.events); err != nil {
		return err
	}
	if err := c.payControl(b); err != nil {
		return err
	}
	r, answer := c.room, newSavedAnswer(c.member)
	order := func() ([]room.Change, error) {
		return r.rules.Control(r.now(), c.id, c.teacher, b.Event, b.Payload)
	}
	if b.Event == room.BeginLesson && c.teacher {
		plan, err := r.lessonOf(b.Payload)
		if err != nil {
			return err
		}
		order = func() ([]room.Change, error) { return r.rules.BeginLesson(r.now(), c.teacher, plan) }
	}
	var removed string
	err := r.change(func() ([]room.Change, error) {
		changes, err := order()
		if err == nil && len(changes) > 0 {
			answer.wait()
		}
		removed = removedBy(changes)
		return changes, err
	}, answer.give)
	if removed != "" {
		r.expel(removed, "You were removed from this room")
	}
	return refusal(err)
}

// payControl charges a student for a command: everybody gets it, and the disk
// keeps it.
func (c *Client) payControl(b realtime.Broadcast) error {
	if c.member == nil || c.teacher {
		return nil
	}
	address := cost.PayerAt(c.member.Address(), c.id, false).Worker()
	if b.Event == room.AssignInstrument && c.room.instruments.Spend(address, 1) != nil {
		c.member.OverLimit()
		return errTooFast
	}
	return c.member.SpendFanOut(len(b.Payload))
}

// errTooFast refuses what comes faster than it may.
var errTooFast = &realtime.Refusal{Reason: "too_fast", Message: "Too many messages. Wait a moment."}

// removedBy is the id of the member that changes remove, if any.
func removedBy(changes []room.Change) string {
	for _, c := range changes {
		if gone, ok := c.Payload.(room.MemberRemoved); ok {
			return gone.StudentID
		}
	}
	return ""
}
