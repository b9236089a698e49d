package midiout

import (
	"slices"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/schedule"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// includes reports whether the notes of a member are among those that were chosen.
func (c choice) includes(studentID string) bool {
	return c.Notes == room.WhoseAll || slices.Contains(c.Members, studentID)
}

// wanted reports whether a note of a member is to be played.
type wanted func(e *wire.NoteEvent, studentID string) bool

// source is a room whose notes are played.
type source interface {
	Notes(notes []wire.NoteEvent) (all []wire.NoteEvent, whole bool)
	Held(held []wire.HeldNote) []wire.HeldNote
}

// player turns the notes of a room into MIDI messages at their times. The zero value
// plays nothing. It does what the pages do (engine/play/schedule.ts): a note waits
// for its time, its end as long as it did.
type player struct {
	notes    []note
	channels channels
	events   []wire.NoteEvent // scratch
	held     []wire.HeldNote  // scratch
}

// note is a note of a member, from its arrival until its end was sent.
type note struct {
	seat, key, velocity uint8
	began               clock.Millis // when it was played
	due                 schedule.Due
	ended               bool // its key is up: end is when that is due
	end                 schedule.Due
	sounds              bool // it was sent, on a channel
	channel             uint8
	late                clock.Millis // how late it was sent: it ends as late
}

// maxNotes bounds the notes that wait or sound. If more come, the oldest that waits
// makes room, and its end with it. A note that sounds is never dropped.
const maxNotes = 1024

// eventsAtOnce is how many notes are read from the room at once.
const eventsAtOnce = 128

// listen takes the new notes of a room, as far as they are wanted.
func (p *player) listen(from source, c *room.Conduct, want wanted) {
	if p.events == nil {
		p.events = make([]wire.NoteEvent, 0, eventsAtOnce)
	}
	for {
		events, whole := from.Notes(p.events[:0])
		if !whole {
			p.keepOnly(from)
		}
		for _, e := range events {
			p.take(e, c, want)
		}
		if len(events) < cap(events) {
			return
		}
	}
}

// take takes a note or its end.
func (p *player) take(e wire.NoteEvent, c *room.Conduct, want wanted) {
	at := clock.Millis(e.At)
	p.finish(e.Seat, e.Note, at, c) // also if it is struck again
	if e.Velocity == 0 || !want(&e, c.Players[e.Seat].ID) {
		return
	}
	if len(p.notes) >= maxNotes {
		i := slices.IndexFunc(p.notes, func(n note) bool { return !n.sounds })
		if i < 0 {
			return
		}
		p.notes = slices.Delete(p.notes, i, i+1)
	}
	p.notes = append(p.notes, note{
		seat: e.Seat, key: e.Note, velocity: e.Velocity, began: at, due: schedule.Of(c.Plan, c.Settings, at),
	})
}

// finish takes the end of a note.
func (p *player) finish(seat, key uint8, at clock.Millis, c *room.Conduct) {
	for i := range p.notes {
		if n := &p.notes[i]; n.seat == seat && n.key == key && !n.ended {
			n.ended, n.end = true, n.due.End(c.Plan, n.began, at)
		}
	}
}

// keepOnly ends the notes that no key holds any more: their ends were missed.
func (p *player) keepOnly(from source) {
	p.held = from.Held(p.held[:0])
	for i := range p.notes {
		n := &p.notes[i]
		holds := func(h wire.HeldNote) bool { return h.Seat == n.seat && h.Note == n.key }
		if !n.ended && !slices.ContainsFunc(p.held, holds) {
			n.ended, n.end = true, n.due
		}
	}
}

// due appends the messages that are due, and returns when more are.
func (p *player) due(send []byte, c *room.Conduct, now clock.Millis) (all []byte, next clock.Millis) {
	next = clock.Never()
	left := p.notes[:0]
	for _, n := range p.notes {
		var keep bool
		var at clock.Millis
		if send, at, keep = p.act(send, &n, c, now); keep {
			left = append(left, n)
			next = min(next, at)
		}
	}
	p.notes = left
	return send, next
}

// act does what is due for a note. It returns when more is, and whether there is.
func (p *player) act(send []byte, n *note, c *room.Conduct, now clock.Millis) (all []byte, next clock.Millis, keep bool) {
	who := &c.Players[n.seat]
	silenced := who.ID == "" || who.Silenced
	if !n.sounds {
		at, ok := n.moment(c, now)
		switch {
		case silenced || !ok:
			return send, 0, false
		case at > now:
			return send, at, true
		}
		n.sounds, n.late = true, max(0, now-at)
		send, n.channel = p.channels.begin(send, who, c, n.key, n.velocity)
	}
	if !n.ended && !silenced {
		return send, clock.Never(), true
	}
	if end := n.end.Moment(c.Plan) + n.late; !silenced && end > now && end < clock.Never() {
		return send, end, true
	}
	return p.channels.end(send, n.channel, n.key), 0, false
}

// moment is when a note is to sound. A note that comes too late for its step sounds
// on a later one. It reports false for a note that is not worth hearing any more, or
// before which the music stops.
func (n *note) moment(c *room.Conduct, now clock.Millis) (at clock.Millis, ok bool) {
	at = n.due.Moment(c.Plan)
	if at == clock.Never() || now.Sub(at) > schedule.Grace {
		return 0, false
	}
	if now.Sub(at) <= schedule.Together {
		return at, true
	}
	later, ok := n.due.Postponed(c.Plan, c.Settings, now)
	if !ok {
		return at, true
	}
	if n.ended && n.end.OnBeat {
		n.end.Beat += later.Beat - n.due.Beat
	}
	n.due = later
	return later.Moment(c.Plan), true
}

// silence ends every note that sounds and forgets those that wait.
func (p *player) silence(send []byte) []byte {
	p.notes = nil
	return p.channels.silence(send)
}
