package wire

import (
	"encoding/binary"
	"math"
	"slices"
)

// NoteEvent is one note starting or ending in a room.
type NoteEvent struct {
	Seat     uint8
	Seq      uint16  // grows by one with every event of the seat, and wraps
	At       float64 // box clock, milliseconds
	Note     uint8   // 0-127
	Velocity uint8   // 1-127; 0 ends the note
	// Keyboard marks what was played on a keyboard that is plugged into the box. No
	// device has sounded it yet, not even that of the member in the seat. It is not
	// sent up.
	Keyboard bool `json:",omitempty"`
	// Except are the places where it is not heard. It is not sent.
	Except Places `json:"-"`
}

// HeldNote is a note that sounds now: an entry of a frame's summary.
type HeldNote struct {
	Seat uint8
	Seq  uint16 // of the event that started it
	Note uint8
	// Except are the places where it is not heard. It is not sent.
	Except Places `json:"-"`
}

// RoomFrame is what listeners get: the notes since the last frame and, if Summary
// is set, every note that is held at its end. On a lane it is marked, and repeats
// some of the notes before. If keyboards on the box played some of the notes, it
// says which.
type RoomFrame struct {
	Events  []NoteEvent
	Summary bool
	Held    []HeldNote
	Marked  bool
	Mark    FrameMark
}

// FrameMark numbers a frame of a lane.
type FrameMark struct {
	// Every names the stream of the frame: frames of one stream are numbered together.
	// Below 32 it is the milliseconds between frames while notes keep coming.
	Every  uint8
	Number uint16 // grows by one with every frame that has this Every, and wraps
	Rest   bool   // no frame follows until a member plays
}

const (
	noteVersion   = 1
	flagSummary   = 1
	flagMarked    = 2
	flagRest      = 4
	flagMany      = 8  // the count of held notes has two bytes
	flagKeyboards = 16 // behind everything, a bit for each event says whether it is a keyboard's
	frameHeader   = 1 + 1 + 8 + 1
	eventSize     = 7
	heldSize      = 4
	markSize      = 3
	upHeader      = 1 + 8 + 1
	upEventSize   = 6
	clockPingSize = 1 + 2 + 8
	dtUnit        = 0.1 // milliseconds
)

// MaxFrameEvents is the most notes in one frame: its count is one byte.
const MaxFrameEvents = 255

// MaxFrameSpread is how far, in milliseconds, a frame's events may be from
// its base: a 16-bit number of 0.1 ms.
const MaxFrameSpread = 3200.0

// AppendRoomFrame appends the payload of a room frame with at most
// [MaxFrameEvents] events within [MaxFrameSpread] of the first one. Callers keep
// these bounds; events beyond them are cut. A summary has any length, because
// its reader ends every note that is not in it.
func AppendRoomFrame(buf []byte, f RoomFrame) []byte {
	events := f.Events[:min(len(f.Events), MaxFrameEvents)]
	base := 0.0
	if len(events) > 0 {
		base = events[0].At
	}
	buf = append(buf, noteVersion, f.flags())
	buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(base))
	buf = append(buf, byte(len(events)))
	for _, e := range events {
		buf = append(buf, e.Seat)
		buf = binary.BigEndian.AppendUint16(buf, e.Seq)
		buf = binary.BigEndian.AppendUint16(buf, uint16(spread(e.At-base)))
		buf = append(buf, e.Note, e.Velocity)
	}
	if f.Summary {
		buf = appendHeld(buf, f.Held)
	}
	if f.Marked {
		buf = append(buf, f.Mark.Every)
		buf = binary.BigEndian.AppendUint16(buf, f.Mark.Number)
	}
	if anyKeyboard(events) {
		buf = appendKeyboards(buf, events)
	}
	return buf
}

func anyKeyboard(events []NoteEvent) bool {
	return slices.ContainsFunc(events, func(e NoteEvent) bool { return e.Keyboard })
}

// appendKeyboards appends a bit for each event: the first event is bit 0 of the
// first byte.
func appendKeyboards(buf []byte, events []NoteEvent) []byte {
	for i, e := range events {
		if i%8 == 0 {
			buf = append(buf, 0)
		}
		if e.Keyboard {
			buf[len(buf)-1] |= 1 << (i % 8)
		}
	}
	return buf
}

func (f RoomFrame) flags() (flags byte) {
	if f.Summary {
		flags |= flagSummary
	}
	if f.Summary && len(f.Held) > math.MaxUint8 {
		flags |= flagMany
	}
	if f.Marked {
		flags |= flagMarked
	}
	if f.Marked && f.Mark.Rest {
		flags |= flagRest
	}
	if anyKeyboard(f.Events[:min(len(f.Events), MaxFrameEvents)]) {
		flags |= flagKeyboards
	}
	return flags
}

func appendHeld(buf []byte, held []HeldNote) []byte {
	if len(held) > math.MaxUint8 {
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(held)))
	} else {
		buf = append(buf, byte(len(held)))
	}
	for _, h := range held {
		buf = append(buf, h.Seat)
		buf = binary.BigEndian.AppendUint16(buf, h.Seq)
		buf = append(buf, h.Note)
	}
	return buf
}

func spread(ms float64) int16 {
	return int16(max(math.MinInt16, min(math.MaxInt16, math.Round(ms/dtUnit))))
}

// DecodeRoomFrame reads the payload of a room frame. The errors are
// [ErrShort], [ErrKind], [ErrTime] and [ErrNoteRange].
func DecodeRoomFrame(b []byte) (RoomFrame, error) {
	if len(b) < frameHeader {
		return RoomFrame{}, ErrShort
	}
	if b[0] != noteVersion {
		return RoomFrame{}, ErrKind
	}
	base, err := moment(b[2:])
	if err != nil {
		return RoomFrame{}, err
	}
	flags, count, b := b[1], int(b[10]), b[frameHeader:]
	if len(b) < count*eventSize {
		return RoomFrame{}, ErrShort
	}
	f := RoomFrame{Events: make([]NoteEvent, count)}
	for i := range f.Events {
		f.Events[i] = NoteEvent{
			Seat: b[0], Seq: binary.BigEndian.Uint16(b[1:]),
			At:   base + float64(int16(binary.BigEndian.Uint16(b[3:])))*dtUnit,
			Note: b[5], Velocity: b[6],
		}
		if b[5] > 127 || b[6] > 127 {
			return RoomFrame{}, ErrNoteRange
		}
		b = b[eventSize:]
	}
	if flags&flagSummary != 0 {
		f.Summary = true
		if f.Held, b, err = decodeHeld(b, flags&flagMany != 0); err != nil {
			return RoomFrame{}, err
		}
	}
	if flags&flagMarked != 0 {
		if len(b) < markSize {
			return RoomFrame{}, ErrShort
		}
		f.Marked = true
		f.Mark = FrameMark{Every: b[0], Number: binary.BigEndian.Uint16(b[1:]), Rest: flags&flagRest != 0}
		b = b[markSize:]
	}
	if flags&flagKeyboards != 0 {
		if err := decodeKeyboards(f.Events, b); err != nil {
			return RoomFrame{}, err
		}
	}
	return f, nil
}

// decodeKeyboards marks the events of keyboards. The error is [ErrShort].
func decodeKeyboards(events []NoteEvent, b []byte) error {
	if len(b) < (len(events)+7)/8 {
		return ErrShort
	}
	for i := range events {
		events[i].Keyboard = b[i/8]&(1<<(i%8)) != 0
	}
	return nil
}

// decodeHeld reads a summary and returns the bytes after it. The count has two
// bytes if many is set.
func decodeHeld(b []byte, many bool) (held []HeldNote, rest []byte, err error) {
	if len(b) < 1 || many && len(b) < 2 {
		return nil, nil, ErrShort
	}
	count, b := int(b[0]), b[1:]
	if many {
		count, b = count<<8|int(b[0]), b[1:]
	}
	if len(b) < count*heldSize {
		return nil, nil, ErrShort
	}
	held = make([]HeldNote, count)
	for i := range held {
		held[i] = HeldNote{Seat: b[0], Seq: binary.BigEndian.Uint16(b[1:]), Note: b[3]}
		b = b[heldSize:]
	}
	return held, b, nil
}

// moment reads a finite number of milliseconds.
func moment(b []byte) (float64, error) {
	ms := math.Float64frombits(binary.BigEndian.Uint64(b))
	if math.IsNaN(ms) || math.IsInf(ms, 0) {
		return 0, ErrTime
	}
	return ms, nil
}

// AppendNotesUp appends the payload in which a member sends notes. The Seq of each
// is the device's own count. Its At is the device's estimate of the box clock at
// the key press, 0 without an estimate. Seats are not sent: the box knows the
// sender.
func AppendNotesUp(buf []byte, notes []NoteEvent) []byte {
	notes = notes[:min(len(notes), MaxFrameEvents)]
	base := 0.0
	if len(notes) > 0 {
		base = notes[0].At
	}
	buf = append(buf, noteVersion)
	buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(base))
	buf = append(buf, byte(len(notes)))
	for _, n := range notes {
		buf = binary.BigEndian.AppendUint16(buf, n.Seq)
		buf = binary.BigEndian.AppendUint16(buf, uint16(spread(n.At-base)))
		buf = append(buf, n.Note, n.Velocity)
	}
	return buf
}

// MaxNotesUp is the most notes in one frame of a member: ten fingers down and up,
// and some to catch up after a pause of the radio.
const MaxNotesUp = 32

// DecodeNotesUp appends the notes of a member's frame to notes. The errors
// are [ErrShort], [ErrKind], [ErrTime], [ErrTooMany] and [ErrNoteRange].
func DecodeNotesUp(notes []NoteEvent, b []byte) ([]NoteEvent, error) {
	if len(b) < upHeader {
		return notes, ErrShort
	}
	if b[0] != noteVersion {
		return notes, ErrKind
	}
	base, err := moment(b[1:])
	if err != nil {
		return notes, err
	}
	count, b := int(b[9]), b[upHeader:]
	if count > MaxNotesUp {
		return notes, ErrTooMany
	}
	if len(b) < count*upEventSize {
		return notes, ErrShort
	}
	for range count {
		n := NoteEvent{
			Seq:  binary.BigEndian.Uint16(b),
			Note: b[4], Velocity: b[5],
		}
		if n.Note > 127 || n.Velocity > 127 {
			return notes, ErrNoteRange
		}
		if base != 0 {
			n.At = base + float64(int16(binary.BigEndian.Uint16(b[2:])))*dtUnit
		}
		notes = append(notes, n)
		b = b[upEventSize:]
	}
	return notes, nil
}

// AppendHeldUp appends the notes that a member's device holds now, at most 255,
// after the notes that it sends.
func AppendHeldUp(buf []byte, held []uint8) []byte {
	held = held[:min(len(held), 255)]
	return append(append(buf, byte(len(held))), held...)
}

// HeldUp returns the notes that a member's device holds, from a payload that
// [DecodeNotesUp] has read without an error. ok is false if it does not say.
func HeldUp(b []byte) (held []uint8, ok bool) {
	rest := b[upHeader+int(b[upHeader-1])*upEventSize:]
	if len(rest) < 1 || len(rest) < 1+int(rest[0]) {
		return nil, false
	}
	return rest[1 : 1+int(rest[0])], true
}

// ClockPing is a device's question for the time. T1 is the device's own clock in
// milliseconds at that moment.
type ClockPing struct {
	ID uint16
	T1 float64
}

// AppendClockPing appends the payload of a ping.
func AppendClockPing(buf []byte, p ClockPing) []byte {
	buf = append(buf, noteVersion)
	buf = binary.BigEndian.AppendUint16(buf, p.ID)
	return binary.BigEndian.AppendUint64(buf, math.Float64bits(p.T1))
}

// DecodeClockPing reads the payload of a ping. The errors are [ErrShort],
// [ErrKind] and [ErrTime].
func DecodeClockPing(b []byte) (ClockPing, error) {
	if len(b) < clockPingSize {
		return ClockPing{}, ErrShort
	}
	if b[0] != noteVersion {
		return ClockPing{}, ErrKind
	}
	t1, err := moment(b[3:])
	return ClockPing{ID: binary.BigEndian.Uint16(b[1:]), T1: t1}, err
}

// ClockReply answers a ping: T2 is the box clock when the ping was read from
// the socket, T3 when the answer was written to it.
type ClockReply struct {
	ClockPing
	T2, T3 float64
}

// T3Size is the number of bytes at the end of a reply's payload that hold T3. The
// connection fills them in when it writes the reply.
const T3Size = 8

// AppendClockReply appends the payload of a reply.
func AppendClockReply(buf []byte, r ClockReply) []byte {
	buf = AppendClockPing(buf, r.ClockPing)
	buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(r.T2))
	return binary.BigEndian.AppendUint64(buf, math.Float64bits(r.T3))
}

// DecodeClockReply reads the payload of a reply. The errors are those of
// [DecodeClockPing].
func DecodeClockReply(b []byte) (ClockReply, error) {
	p, err := DecodeClockPing(b)
	if err != nil {
		return ClockReply{}, err
	}
	if len(b) < clockPingSize+16 {
		return ClockReply{}, ErrShort
	}
	t2, err := moment(b[clockPingSize:])
	if err != nil {
		return ClockReply{}, err
	}
	t3, err := moment(b[clockPingSize+8:])
	return ClockReply{ClockPing: p, T2: t2, T3: t3}, err
}

// Stamp writes the box clock at the end of a clock reply, just before it is
// written to the socket. No other listener may share the packet.
func (p Packet) Stamp(ms float64) {
	binary.BigEndian.PutUint64(p.buf[len(p.buf)-T3Size:], math.Float64bits(ms))
}
