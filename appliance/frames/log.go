package frames

import (
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// logSize is how many note events the log keeps: 3.2 seconds of 40 players with
// four notes a second, each with its end. A listener that is more than half of
// it behind gets what sounds now instead.
const logSize = 1024

// encodedRanges is how many encoded ranges the log remembers. Listeners wake
// together and read nearly the same range, so that a few serve them all.
const encodedRanges = 8

// Log holds the latest notes of a room. Each listener reads it from a cursor of
// its own, at a place. What is heard there between two cursors is one room frame,
// encoded once for all listeners that ask for that range.
//
// Notes are appended one by one and published together. Take returns only what
// is published. Window also returns what is not, and repeats what is recent:
// lanes lose frames.
type Log struct {
	topic string
	// held appends the notes that sound now.
	held func([]wire.HeldNote) []wire.HeldNote

	published atomic.Uint64

	mu         sync.Mutex // guards what follows
	ring       [logSize]wire.NoteEvent
	appendedAt [logSize]clock.Millis // when each was appended
	head       uint64                // counts all events ever appended
	fresh      wire.Places           // where something is heard that was appended and not published
	places     [wire.PlaceCount]*placeLog
}

// placeLog is what a log knows of one place where somebody listens.
type placeLog struct {
	newest      uint64       // the cursor behind the last event that is heard there
	newestAt    clock.Millis // when that was appended
	encoded     [encodedRanges]encodedRange
	nextEncoded uint // of encoded: the one to replace next, modulo its length
}

// encodedRange is the frame for a listener that reads from a cursor on, while so
// much is published. It is zero if nothing is heard in between.
type encodedRange struct {
	from, published uint64
	packet          wire.Packet
	next            uint64 // the cursor behind the frame
}

// NewLog returns an empty log for the room of that topic ("realtime:…").
func NewLog(topic string, held func([]wire.HeldNote) []wire.HeldNote) *Log {
	l := &Log{topic: topic, held: held}
	l.open(wire.PlaceAll)
	return l
}

// open prepares a place for its first listener.
func (l *Log) open(p wire.Place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.places[p] == nil {
		l.places[p] = &placeLog{newestAt: -clock.Never()}
	}
}

// Append adds an event. No listener takes it before it is published.
func (l *Log) Append(e wire.NoteEvent, now clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring[l.head%logSize] = e
	l.appendedAt[l.head%logSize] = now
	l.head++
	l.fresh |= ^e.Except
	for p, place := range l.places {
		if place != nil && !e.Except.Has(wire.Place(p)) {
			place.newest, place.newestAt = l.head, now
		}
	}
}

// Publish makes everything appended so far readable. It returns the places where
// something new is heard: none if nothing was appended.
func (l *Log) Publish() (heard wire.Places) {
	l.mu.Lock()
	defer l.mu.Unlock()
	heard, l.fresh = l.fresh, 0
	l.published.Store(l.head)
	return heard
}

// Head is the cursor for a listener that starts now.
func (l *Log) Head() uint64 { return l.published.Load() }

// Take returns one frame of what is heard at an open place of what was published
// from a cursor on, and the cursor behind it. The frame is zero if there is nothing
// new.
func (l *Log) Take(at wire.Place, cursor uint64) (wire.Packet, uint64) {
	if l.published.Load() <= cursor {
		return wire.Packet{}, cursor
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	to := l.published.Load()
	switch {
	case l.places[at].newest <= cursor:
		return wire.Packet{}, to
	case to-cursor > logSize/2 || l.head-cursor > logSize:
		return l.summaryLocked(at), to
	}
	r := l.rangeLocked(l.places[at], at, cursor, to)
	return r.packet, r.next
}

// rangeLocked is the next frame of what is heard between two cursors.
func (l *Log) rangeLocked(place *placeLog, at wire.Place, from, to uint64) *encodedRange {
	for i := range uint(encodedRanges) { // the newest first
		if r := &place.encoded[(place.nextEncoded-1-i)%encodedRanges]; r.published == to && r.from == from {
			return r
		}
	}
	r := &place.encoded[place.nextEncoded%encodedRanges]
	place.nextEncoded++
	*r = encodedRange{from: from, published: to, next: from}
	for r.packet.IsZero() && r.next < to {
		begin := r.next
		r.next = l.spanLocked(at, begin, to, wire.MaxFrameEvents)
		r.packet = l.encodeLocked(at, begin, r.next)
	}
	return r
}

// spanLocked returns how far one frame with so many events can reach: a cursor up
// to to. What is not heard at the place takes no room.
func (l *Log) spanLocked(at wire.Place, from, to, most uint64) uint64 {
	base, n := 0.0, uint64(0)
	for i := from; i < to; i++ {
		e := &l.ring[i%logSize]
		switch {
		case e.Except.Has(at):
			continue
		case n == 0:
			base = e.At
		case n == most || math.Abs(e.At-base) > wire.MaxFrameSpread:
			return i
		}
		n++
	}
	return to
}

// backLocked returns how far before a cursor the repeats of one frame with so many
// events can begin: a cursor from floor on.
func (l *Log) backLocked(at wire.Place, floor, to, most uint64) uint64 {
	for i, n := to, uint64(0); i > floor; i-- {
		if l.ring[(i-1)%logSize].Except.Has(at) {
			continue
		}
		if n++; n > most {
			return i
		}
	}
	return min(floor, to)
}

func (l *Log) encodeLocked(at wire.Place, from, to uint64) wire.Packet {
	var events [wire.MaxFrameEvents]wire.NoteEvent
	heard := l.heardLocked(at, from, to, events[:0])
	if len(heard) == 0 {
		return wire.Packet{}
	}
	return l.frame(wire.RoomFrame{Events: heard})
}

// heardLocked appends the events between two cursors that are heard at a place.
func (l *Log) heardLocked(at wire.Place, from, to uint64, events []wire.NoteEvent) []wire.NoteEvent {
	for i := from; i < to; i++ {
		if e := &l.ring[i%logSize]; !e.Except.Has(at) {
			events = append(events, *e)
		}
	}
	return events
}

// MaxWindow is the most events in a frame of a lane. Such a frame with a summary
// of 40 notes fits one packet of 1,191 bytes, the MTU of pion and Chromium.
const MaxWindow = 128

// Window returns a frame of what is heard at an open place between two cursors, and
// the cursor behind it. A frame has at most [MaxWindow] events. It repeats the events from the
// cursor again on, as far as they fit. The frame that reaches to has a summary,
// if one is asked for.
func (l *Log) Window(at wire.Place, again, from, to uint64, summary bool, mark wire.FrameMark) (p wire.Packet, next uint64) {
	var events [MaxWindow]wire.NoteEvent
	f := wire.RoomFrame{Marked: true, Mark: mark}
	f.Events, next = l.window(at, again, from, to, events[:0])
	if summary && next == to {
		f.Summary, f.Held = true, l.heldAt(at) // read after the events, so that it is never older
	}
	return l.frame(f), next
}

// heldAt lists what sounds at a place.
func (l *Log) heldAt(at wire.Place) []wire.HeldNote {
	return slices.DeleteFunc(l.held(nil), func(h wire.HeldNote) bool { return h.Except.Has(at) })
}

// window appends the events of a frame. It returns the cursor behind them.
func (l *Log) window(at wire.Place, again, from, to uint64, events []wire.NoteEvent) (all []wire.NoteEvent, next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := uint64(cap(events))
	from = min(max(from, l.oldestLocked()), to)
	next = l.spanLocked(at, from, to, most)
	i := l.backLocked(at, max(min(again, from), l.oldestLocked()), next, most)
	for i < from {
		reach := l.spanLocked(at, i, next, most)
		if reach == next {
			break
		}
		i = min(from, reach) // too far before the newest for one base
	}
	return l.heardLocked(at, i, next, events), next
}

// oldestLocked is the cursor of the first event that the log still has.
func (l *Log) oldestLocked() uint64 { return l.head - min(l.head, logSize) }

// Since is the cursor behind everything that was appended until a moment.
func (l *Log) Since(moment clock.Millis) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.oldestLocked()
	return oldest + uint64(sort.Search(int(l.head-oldest), func(i int) bool {
		return l.appendedAt[(oldest+uint64(i))%logSize] > moment
	}))
}

// Events appends the events from a cursor on, published or not, as far as the
// capacity of events, and returns the cursor behind them. It reports whether the
// log still has all of them: if not, they begin with the oldest that it has.
func (l *Log) Events(cursor uint64, events []wire.NoteEvent) (all []wire.NoteEvent, next uint64, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole = cursor >= l.oldestLocked()
	for next = max(cursor, l.oldestLocked()); next < l.head && len(events) < cap(events); next++ {
		events = append(events, l.ring[next%logSize])
	}
	return events, next, whole
}

// end is the cursor behind everything that was appended.
func (l *Log) end() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Newest is the cursor behind everything that was appended and is heard at an open
// place, published or not, and when the last such event was appended.
func (l *Log) Newest(at wire.Place) (cursor uint64, when clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.places[at].newest, l.places[at].newestAt
}

// Oldest is when the first of the notes from a cursor on was played that are heard
// at a place, and the first of the ends, as their players say. It is never if there
// is none.
func (l *Log) Oldest(at wire.Place, from uint64) (note, end clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	note, end = clock.Never(), clock.Never()
	for i := max(from, l.oldestLocked()); i < l.head; i++ {
		e := &l.ring[i%logSize]
		if e.Except.Has(at) {
			continue
		}
		if played := clock.Millis(e.At); e.Velocity > 0 {
			note = min(note, played)
		} else {
			end = min(end, played)
		}
	}
	return note, end
}

// summary is the frame for a listener that came to another place: what sounds there
// now.
func (l *Log) summary(at wire.Place) wire.Packet {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.summaryLocked(at)
}

// summaryLocked is the frame for a listener that fell behind: what sounds now,
// and nothing of what it missed.
func (l *Log) summaryLocked(at wire.Place) wire.Packet {
	return l.frame(wire.RoomFrame{Summary: true, Held: l.heldAt(at)})
}

func (l *Log) frame(f wire.RoomFrame) wire.Packet {
	size := 16 + 7*len(f.Events) + 4*len(f.Held)
	buf, err := wire.BeginUserBroadcast(l.topic, wire.EventNotes, nil, wire.Binary, size)
	if err != nil {
		panic(err) // a room's topic is short
	}
	return wire.Seal(wire.AppendRoomFrame(buf, f), true)
}
