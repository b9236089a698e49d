package frames

import (
	"math"
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
// its own. What lies between two cursors is one room frame, encoded once for
// all listeners that ask for that range.
//
// Notes are appended one by one and published together. Take returns only what
// is published. Window also returns what is not, and repeats what is recent:
// lanes lose frames.
type Log struct {
	topic string
	// held appends the notes that sound now.
	held func([]wire.HeldNote) []wire.HeldNote

	published atomic.Uint64

	mu          sync.Mutex // guards what follows
	ring        [logSize]wire.NoteEvent
	appendedAt  [logSize]clock.Millis // when each was appended
	head        uint64                // counts all events ever appended
	encoded     [encodedRanges]encodedRange
	nextEncoded int // of encoded: the one to replace next
}

// encodedRange is the frame of what lies between two cursors.
type encodedRange struct {
	from, to uint64
	packet   wire.Packet
}

// NewLog returns an empty log for the room of that topic ("realtime:…").
func NewLog(topic string, held func([]wire.HeldNote) []wire.HeldNote) *Log {
	return &Log{topic: topic, held: held}
}

// Append adds an event. Take does not return it before it is published.
func (l *Log) Append(e wire.NoteEvent, now clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring[l.head%logSize] = e
	l.appendedAt[l.head%logSize] = now
	l.head++
}

// Publish makes everything appended so far readable. It reports whether there
// was anything new.
func (l *Log) Publish() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.published.Swap(l.head) != l.head
}

// Head is the cursor for a listener that starts now.
func (l *Log) Head() uint64 { return l.published.Load() }

// Take returns one frame of what was published from a cursor on, and the cursor
// behind it. The frame is zero if there is nothing new.
func (l *Log) Take(cursor uint64) (wire.Packet, uint64) {
	if l.published.Load() == cursor {
		return wire.Packet{}, cursor
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	to := l.published.Load()
	if to-cursor > logSize/2 || l.head-cursor > logSize {
		return l.summaryLocked(), to
	}
	to = l.spanLocked(cursor, to)
	for _, s := range l.encoded {
		if s.from == cursor && s.to == to && !s.packet.IsZero() {
			return s.packet, to
		}
	}
	packet := l.encodeLocked(cursor, to)
	l.encoded[l.nextEncoded] = encodedRange{from: cursor, to: to, packet: packet}
	l.nextEncoded = (l.nextEncoded + 1) % encodedRanges
	return packet, to
}

// spanLocked returns how far one frame can reach: a cursor up to to.
func (l *Log) spanLocked(from, to uint64) uint64 {
	to = min(to, from+wire.MaxFrameEvents)
	base := l.ring[from%logSize].At
	for i := from + 1; i < to; i++ {
		if math.Abs(l.ring[i%logSize].At-base) > wire.MaxFrameSpread {
			return i
		}
	}
	return to
}

func (l *Log) encodeLocked(from, to uint64) wire.Packet {
	var events [wire.MaxFrameEvents]wire.NoteEvent
	n := 0
	for i := from; i < to; i++ {
		events[n] = l.ring[i%logSize]
		n++
	}
	return l.frame(wire.RoomFrame{Events: events[:n]})
}

// MaxWindow is the most events in a frame of a lane. Such a frame with a summary
// of 40 notes fits one packet of 1,191 bytes, the MTU of pion and Chromium.
const MaxWindow = 128

// Window returns a frame of what lies between two cursors, and the cursor behind
// it. A frame has at most [MaxWindow] events. It repeats the events from the
// cursor again on, as far as they fit. The frame that reaches to has a summary,
// if one is asked for.
func (l *Log) Window(again, from, to uint64, summary bool, mark wire.FrameMark) (p wire.Packet, next uint64) {
	var events [MaxWindow]wire.NoteEvent
	f := wire.RoomFrame{Marked: true, Mark: mark}
	f.Events, next = l.window(again, from, to, events[:0])
	if summary && next == to {
		f.Summary, f.Held = true, l.held(nil) // read after the events, so that it is never older
	}
	return l.frame(f), next
}

// window appends the events of a frame. It returns the cursor behind them.
func (l *Log) window(again, from, to uint64, events []wire.NoteEvent) (all []wire.NoteEvent, next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := uint64(cap(events))
	from = min(max(from, l.oldestLocked()), to)
	next = l.spanLocked(from, min(to, from+most))
	i := max(min(again, from), l.oldestLocked(), next-min(next, most))
	for i < from && l.spanLocked(i, next) < next {
		i = min(from, l.spanLocked(i, next)) // too far before the newest for one base
	}
	for ; i < next; i++ {
		events = append(events, l.ring[i%logSize])
	}
	return events, next
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

// Newest is the cursor behind everything that was appended, published or not,
// and when the last event was.
func (l *Log) Newest() (cursor uint64, at clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == 0 {
		return 0, -clock.Never()
	}
	return l.head, l.appendedAt[(l.head-1)%logSize]
}

// Oldest is when the first of the notes from a cursor on was played, and the
// first of the ends, as their players say. It is never if there is none.
func (l *Log) Oldest(from uint64) (note, end clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	note, end = clock.Never(), clock.Never()
	for i := max(from, l.oldestLocked()); i < l.head; i++ {
		e := &l.ring[i%logSize]
		if at := clock.Millis(e.At); e.Velocity > 0 {
			note = min(note, at)
		} else {
			end = min(end, at)
		}
	}
	return note, end
}

// summaryLocked is the frame for a listener that fell behind: what sounds now,
// and nothing of what it missed.
func (l *Log) summaryLocked() wire.Packet {
	return l.frame(wire.RoomFrame{Summary: true, Held: l.held(nil)})
}

func (l *Log) frame(f wire.RoomFrame) wire.Packet {
	size := 16 + 7*len(f.Events) + 4*len(f.Held)
	buf, err := wire.BeginUserBroadcast(l.topic, wire.EventNotes, nil, wire.Binary, size)
	if err != nil {
		panic(err) // a room's topic is short
	}
	return wire.Seal(wire.AppendRoomFrame(buf, f), true)
}
