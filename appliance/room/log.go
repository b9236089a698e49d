package room

import (
	"math"
	"sort"
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// logSize is how many note events a listener may be behind before it is told
// what sounds now instead of what has sounded: six seconds of forty players
// with four notes a second.
const logSize = 1024

// sharedFrames is how many encoded ranges the log remembers. Listeners are
// woken together and read nearly the same; a few ranges serve them all.
const sharedFrames = 8

// Log is the short record of a room's notes that its listeners read, each
// from where it was. What lies between two cursors is one room frame, encoded
// once for everybody who asks for the same range.
//
// Notes are appended one by one and published together: readers see only what
// is published. Who listens over a lane, where frames get lost, is told all of
// the last moments in every frame: see Window.
type Log struct {
	topic string
	// held lists what sounds now, for listeners that lost their place.
	held func([]wire.HeldNote) []wire.HeldNote

	published atomic.Uint64

	mu     sync.Mutex // guards what follows
	ring   [logSize]wire.NoteEvent
	told   [logSize]clock.Millis // when each was appended
	head   uint64                // how many events were ever appended
	shared [sharedFrames]sharedFrame
	oldest int // of shared: the next to replace
}

// sharedFrame is an encoded range.
type sharedFrame struct {
	from, to uint64
	packet   wire.Packet
}

// NewLog returns an empty log for the room of that topic ("realtime:…").
func NewLog(topic string, held func([]wire.HeldNote) []wire.HeldNote) *Log {
	return &Log{topic: topic, held: held}
}

// Append adds an event; nobody who reads by cursor sees it yet.
func (l *Log) Append(e wire.NoteEvent, now clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring[l.head%logSize] = e
	l.told[l.head%logSize] = now
	l.head++
}

// Publish shows readers everything appended so far. It reports whether that
// is more than they saw before.
func (l *Log) Publish() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.published.Swap(l.head) != l.head
}

// Head is the cursor of a listener that starts now.
func (l *Log) Head() uint64 { return l.published.Load() }

// Take returns one frame of what was published from cursor on, and the cursor
// behind it. The frame is zero when nothing was.
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
	for _, s := range l.shared {
		if s.from == cursor && s.to == to && !s.packet.IsZero() {
			return s.packet, to
		}
	}
	packet := l.encodeLocked(cursor, to)
	l.shared[l.oldest] = sharedFrame{from: cursor, to: to, packet: packet}
	l.oldest = (l.oldest + 1) % sharedFrames
	return packet, to
}

// spanLocked is how far, up to to, one frame can reach.
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

// MaxWindow is the most events in a frame of a lane. It keeps one with a
// summary of forty notes within a packet of 1,191 bytes, pion's and Chromium's
// MTU.
const MaxWindow = 128

// Window is a frame of what lies between two cursors, at most [MaxWindow]
// events and what one frame can span, and the cursor behind it. As far as they
// fit, the events from the cursor again on come once more. A summary goes with
// the frame that reaches to, if it is asked for.
func (l *Log) Window(again, from, to uint64, summary bool, mark wire.FrameMark) (p wire.Packet, next uint64) {
	var events [MaxWindow]wire.NoteEvent
	f := wire.RoomFrame{Marked: true, Mark: mark}
	f.Events, next = l.window(again, from, to, events[:0])
	if summary && next == to {
		f.Summary, f.Held = true, l.held(nil) // after the events: it is never older than they are
	}
	return l.frame(f), next
}

// window appends the events of a frame.
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

// oldestLocked is the first event that is still known.
func (l *Log) oldestLocked() uint64 { return l.head - min(l.head, logSize) }

// Since is the cursor of a listener who knows what was appended until a moment.
func (l *Log) Since(moment clock.Millis) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.oldestLocked()
	return oldest + uint64(sort.Search(int(l.head-oldest), func(i int) bool {
		return l.told[(oldest+uint64(i))%logSize] > moment
	}))
}

// Newest is the cursor behind everything that was appended, published or not,
// and when the last of it was.
func (l *Log) Newest() (cursor uint64, at clock.Millis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == 0 {
		return 0, -clock.Never()
	}
	return l.head, l.told[(l.head-1)%logSize]
}

// summaryLocked is for a listener that lost its place: what sounds now, and
// nothing of what it missed.
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
