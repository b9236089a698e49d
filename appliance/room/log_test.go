package room

import (
	"testing"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

func testLog() *Log {
	return NewLog("realtime:music_room:TEST-1000", func(held []wire.HeldNote) []wire.HeldNote {
		return append(held, wire.HeldNote{Seat: 3, Seq: 9, Note: 60})
	})
}

// frameOf decodes the room frame in a packet.
func frameOf(t *testing.T, p wire.Packet) wire.RoomFrame {
	t.Helper()
	const header = 5 + len("realtime:music_room:TEST-1000") + len(wire.EventNotes)
	f, err := wire.DecodeRoomFrame(p.Payload()[header:])
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func event(n int) wire.NoteEvent {
	return wire.NoteEvent{Seat: uint8(n % 40), Seq: uint16(n), At: float64(n), Note: 60, Velocity: 1}
}

func TestLogSharesFrames(t *testing.T) {
	l := testLog()
	start := l.Head()
	l.Append(event(0), 0)
	l.Append(event(1), 0)
	if p, _ := l.Take(start); !p.IsZero() {
		t.Fatal("a reader saw what was not published")
	}
	if !l.Publish() || l.Publish() {
		t.Fatal("Publish should report something new once")
	}
	one, next := l.Take(start)
	two, _ := l.Take(start)
	if &one.Frame()[0] != &two.Frame()[0] {
		t.Error("two listeners at one place got different bytes")
	}
	if got := frameOf(t, one); len(got.Events) != 2 || got.Summary {
		t.Errorf("got %+v, want two events and no summary", got)
	}
	if p, after := l.Take(next); !p.IsZero() || after != next {
		t.Error("a reader at the head got a frame")
	}
}

func TestLogSplitsLongAndWideRanges(t *testing.T) {
	l := testLog()
	for i := range 300 {
		l.Append(event(i), 0)
	}
	late := event(300)
	late.At = 300 + wire.MaxFrameSpread*2
	l.Append(late, 0)
	l.Publish()
	var sizes []int
	for cursor := uint64(0); ; {
		p, next := l.Take(cursor)
		if p.IsZero() {
			break
		}
		sizes = append(sizes, len(frameOf(t, p).Events))
		cursor = next
	}
	if diff := cmp.Diff([]int{255, 45, 1}, sizes); diff != "" {
		t.Errorf("frame sizes (-want +got):\n%s", diff)
	}
}

func TestLogTellsTheLostWhatSounds(t *testing.T) {
	l := testLog()
	for i := range 2 * logSize {
		l.Append(event(i), 0)
	}
	l.Publish()
	p, next := l.Take(0)
	got := frameOf(t, p)
	if next != l.Head() || len(got.Events) != 0 || !got.Summary || len(got.Held) != 1 {
		t.Errorf("got %+v and cursor %d, want only a summary and cursor %d", got, next, l.Head())
	}
}

// TestWindow: a frame of a lane tells the last moments, published or not, and
// what is held after them.
func TestWindow(t *testing.T) {
	l := testLog()
	for i := range 200 {
		l.Append(event(i), clock.Millis(i))
	}
	mark := wire.FrameMark{Every: 15, Number: 7}
	for name, test := range map[string]struct {
		since clock.Millis
		first int
	}{
		"a moment":        {189, 190},
		"nothing":         {199, 200},
		"more than fits":  {0, 200 - maxWindow},
		"before the room": {-100, 200 - maxWindow},
	} {
		f := frameOf(t, l.Window(test.since, true, mark))
		if len(f.Events) != 200-test.first || f.Mark != mark || !f.Summary {
			t.Fatalf("%s: got %d events, mark %+v, summary %v", name, len(f.Events), f.Mark, f.Summary)
		}
		for i, e := range f.Events {
			if want := event(test.first + i); e.Seq != want.Seq {
				t.Errorf("%s: event %d is %d, want %d", name, i, e.Seq, want.Seq)
			}
		}
	}
	if newest := l.Newest(); newest != 199 {
		t.Errorf("the newest event is of %v, want 199", newest)
	}
}

// TestWindowKeepsTimes: after a while without listeners a window reaches far
// back, and the times of the newest notes must be told all the same.
func TestWindowKeepsTimes(t *testing.T) {
	l := testLog()
	old := event(1)
	l.Append(old, 1)
	late := event(2)
	late.At = old.At + 2*wire.MaxFrameSpread
	l.Append(late, 2)
	if diff := cmp.Diff([]wire.NoteEvent{late}, frameOf(t, l.Window(0, false, wire.FrameMark{})).Events); diff != "" {
		t.Errorf("window (-want +got):\n%s", diff)
	}
}

// TestWindowFitsAPacket: a class on the beat, all of it held.
func TestWindowFitsAPacket(t *testing.T) {
	held := make([]wire.HeldNote, 40)
	l := NewLog("realtime:music_room:MUSIC-2024", func([]wire.HeldNote) []wire.HeldNote { return held })
	for i := range 2 * maxWindow {
		l.Append(event(i), 0)
	}
	if n := len(l.Window(-1, true, wire.FrameMark{}).Payload()); n > 1150 {
		t.Errorf("a frame of %d events and %d held notes has %d bytes", maxWindow, len(held), n)
	}
}

func BenchmarkLogTakeShared(b *testing.B) {
	l := testLog()
	for b.Loop() {
		at := l.Head()
		l.Append(event(int(at)), 0)
		l.Publish()
		for range 40 {
			l.Take(at)
		}
	}
}
