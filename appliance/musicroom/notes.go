package musicroom

import (
	"math"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// play makes a member's note sound everywhere. Every note takes this path: it
// waits for no client, and encodes nothing that no client needs.
func (r *Room) play(c *Client, n press, at clock.Millis) error {
	due, err := r.playNote(c, n, at)
	if err != nil {
		return err
	}
	if due {
		r.reschedule()
	}
	r.sendFrames()
	return nil
}

// playNote asks the rules whether a note may sound, and sends it if so. It
// reports whether run has to look when something is due.
func (r *Room) playNote(c *Client, n press, at clock.Millis) (due bool, err error) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	sounded, err := r.rules.Play(at, c.seat, n.Note, n.Velocity, clock.Millis(n.At), n.duration)
	if err != nil {
		return false, err
	}
	sounded.Keyboard = n.Keyboard
	r.firstRead.CompareAndSwap(0, math.Float64bits(float64(at)))
	r.sendNoteLocked(sounded, c.member)
	if n.Velocity > 0 && n.duration == 0 {
		r.holds = append(r.holds, hold{by: c, seat: c.seat, note: n.Note, began: at, listed: n.listed})
		due, r.watching = !r.watching || c.pulse.needsProbes(), true
	}
	return due || n.duration > 0, nil
}

// sendNoteLocked sends a note in both forms: as JSON now, and in room frames once
// the log is published. The caller holds noteMu.
func (r *Room) sendNoteLocked(n wire.NoteEvent, from *realtime.Member) {
	r.holds.end(n.Seat, n.Note)
	r.notes.Append(n, r.now())
	if r.channel.HasPlain() {
		event, payload := r.noteJSON(n)
		r.channel.SendPlain(event, payload, from, func(to realtime.Participant) bool { return hears(to, n.Except) })
	}
}

// sendFrames tells the pacers and the followers that the log has grown.
func (r *Room) sendFrames() {
	r.lanePacer.Poke()
	r.socketPacer.Poke()
	r.followers.poke()
}

// publish sends what is new to the clients without a lane.
func (r *Room) publish(alone bool) {
	first := r.firstRead.Swap(0)
	if heard := r.notes.Publish(); heard != 0 {
		r.listeners.Wake(heard, alone)
		if first != 0 {
			r.latency.Observe(float64(r.now()-clock.Millis(math.Float64frombits(first))) / 1000)
		}
	}
}

// noteJSON is a note for plain Supabase clients.
func (r *Room) noteJSON(n wire.NoteEvent) (event string, payload []byte) {
	id := r.rules.StudentAt(n.Seat)
	if n.Velocity == 0 {
		return wire.EventStudentNoteOff, encode(studentNoteOff{Note: n.Note, ID: id, At: n.At, Seq: n.Seq, Keyboard: n.Keyboard})
	}
	return wire.EventStudentNote, encode(studentNote{Note: n.Note, Velocity: n.Velocity, ID: id, At: n.At, Seq: n.Seq, Keyboard: n.Keyboard})
}

type studentNote struct {
	Note     uint8   `json:"midi"`
	Velocity uint8   `json:"velocity"`
	ID       string  `json:"student_id"`
	At       float64 `json:"at"`
	Seq      uint16  `json:"seq"`
	Keyboard bool    `json:"keyboard,omitempty"` // of a keyboard on the box
}

type studentNoteOff struct {
	Note     uint8   `json:"midi"`
	ID       string  `json:"student_id"`
	At       float64 `json:"at"`
	Seq      uint16  `json:"seq"`
	Keyboard bool    `json:"keyboard,omitempty"`
}
