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

// maxWindow keeps a frame with a summary of forty notes within one packet of
// 1,191 bytes, pion's and Chromium's MTU.
const maxWindow = 128

// Window is a frame of everything that was appended since a moment, at most
// the newest 128 events and what one frame can span before the newest, with a
// summary if that is asked for.
func (l *Log) Window(since clock.Millis, summary bool, mark wire.FrameMark) wire.Packet {
	var events [maxWindow]wire.NoteEvent
	f := wire.RoomFrame{Events: l.since(since, events[:0]), Marked: true, Mark: mark}
	if summary {
		f.Summary, f.Held = true, l.held(nil) // after the events: it is never older than they are
	}
	return l.frame(f)
}

// since appends the newest events that were appended since a moment, as far as
// they fit.
func (l *Log) since(moment clock.Millis, events []wire.NoteEvent) []wire.NoteEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := max(l.firstLocked(moment), l.head-min(l.head, uint64(cap(events))))
	for from < l.head && l.spanLocked(from, l.head) < l.head {
		from = l.spanLocked(from, l.head) // too far before the newest for one base
	}
	for ; from < l.head; from++ {
		events = append(events, l.ring[from%logSize])
	}
	return events
}

// firstLocked is where that begins which was appended since a moment.
func (l *Log) firstLocked(moment clock.Millis) uint64 {
	kept := min(l.head, logSize)
	oldest := l.head - kept
	return oldest + uint64(sort.Search(int(kept), func(i int) bool {
		return l.told[(oldest+uint64(i))%logSize] > moment
	}))
}

// Newest is when the newest event was appended.
func (l *Log) Newest() clock.Millis {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == 0 {
		return -clock.Never()
	}
	return l.told[(l.head-1)%logSize]
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
