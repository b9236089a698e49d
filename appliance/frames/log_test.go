package frames

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
	m, err := wire.DecodeBroadcast(p.Payload())
	if err != nil {
		t.Fatal(err)
	}
	f, err := wire.DecodeRoomFrame(m.Payload)
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
	if p, _ := l.Take(wire.PlaceAll, start); !p.IsZero() {
		t.Fatal("a reader saw what was not published")
	}
	if l.Publish() == 0 || l.Publish() != 0 {
		t.Fatal("Publish should report something new once")
	}
	one, next := l.Take(wire.PlaceAll, start)
	two, _ := l.Take(wire.PlaceAll, start)
	if &one.Frame()[0] != &two.Frame()[0] {
		t.Error("two listeners at one place got different bytes")
	}
	if got := frameOf(t, one); len(got.Events) != 2 || got.Summary {
		t.Errorf("got %+v, want two events and no summary", got)
	}
	if p, after := l.Take(wire.PlaceAll, next); !p.IsZero() || after != next {
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
		p, next := l.Take(wire.PlaceAll, cursor)
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

func TestLogSummarizesForTheLate(t *testing.T) {
	l := testLog()
	for i := range 2 * logSize {
		l.Append(event(i), 0)
	}
	l.Publish()
	p, next := l.Take(wire.PlaceAll, 0)
	got := frameOf(t, p)
	if next != l.Head() || len(got.Events) != 0 || !got.Summary || len(got.Held) != 1 {
		t.Errorf("got %+v and cursor %d, want only a summary and cursor %d", got, next, l.Head())
	}
}

// TestWindow: a frame of a lane has what is new, published or not, repeats what
// is recent, and ends with what is held.
func TestWindow(t *testing.T) {
	l := testLog()
	for i := range 200 {
		l.Append(event(i), clock.Millis(i))
	}
	mark := wire.FrameMark{Every: 15, Number: 7}
	for name, test := range map[string]struct {
		again, cursor uint64
		first, next   int
	}{
		"the newest":        {199, 199, 199, 200},
		"some once more":    {190, 199, 190, 200},
		"nothing new":       {190, 200, 190, 200},
		"nothing":           {200, 200, 200, 200},
		"more than fits":    {0, 199, 200 - MaxWindow, 200},
		"more is new":       {5, 10, 10, 10 + MaxWindow},
		"from the first on": {0, 0, 0, MaxWindow},
		"of another time":   {300, 199, 199, 200},
	} {
		p, next := l.Window(wire.PlaceAll, test.again, test.cursor, 200, true, mark)
		f := frameOf(t, p)
		if len(f.Events) != test.next-test.first || int(next) != test.next || f.Mark != mark || f.Summary != (test.next == 200) {
			t.Fatalf("%s: got %d events up to %d, mark %+v, summary %v", name, len(f.Events), next, f.Mark, f.Summary)
		}
		for i, e := range f.Events {
			if want := event(test.first + i); e.Seq != want.Seq {
				t.Errorf("%s: event %d is %d, want %d", name, i, e.Seq, want.Seq)
			}
		}
	}
	if head, newest := l.Newest(wire.PlaceAll); head != 200 || newest != 199 {
		t.Errorf("the newest event is the one before %d, of %v, want 200 and 199", head, newest)
	}
	if got := l.Since(150); got != 151 {
		t.Errorf("what came after 150 ms begins at %d, want 151", got)
	}
}

// TestWindowForgets: a listener too far behind gets what the log still has.
func TestWindowForgets(t *testing.T) {
	l := testLog()
	for i := range 3 * logSize {
		l.Append(event(i), clock.Millis(i))
	}
	p, next := l.Window(wire.PlaceAll, 0, 5, 3*logSize, false, wire.FrameMark{})
	if f := frameOf(t, p); next != 2*logSize+MaxWindow || f.Events[0].Seq != event(2*logSize).Seq {
		t.Errorf("got events from %d on, up to %d", f.Events[0].Seq, next)
	}
}

// TestWindowKeepsTimes: notes too far apart in time for one frame leave in two,
// and a repeat that does not fit is left out.
func TestWindowKeepsTimes(t *testing.T) {
	l := testLog()
	old, late := event(1), event(2)
	late.At = old.At + 2*wire.MaxFrameSpread
	l.Append(old, 1)
	l.Append(late, 2)
	for from, want := range []wire.NoteEvent{old, late} {
		p, next := l.Window(wire.PlaceAll, 0, uint64(from), 2, false, wire.FrameMark{})
		if diff := cmp.Diff([]wire.NoteEvent{want}, frameOf(t, p).Events); diff != "" || next != uint64(from)+1 {
			t.Errorf("window up to %d (-want +got):\n%s", next, diff)
		}
	}
}

// TestWindowFitsAPacket: a class on the beat, all of it held.
func TestWindowFitsAPacket(t *testing.T) {
	held := make([]wire.HeldNote, 40)
	l := NewLog("realtime:music_room:MUSIC-2024", func([]wire.HeldNote) []wire.HeldNote { return held })
	for i := range 2 * MaxWindow {
		l.Append(event(i), 0)
	}
	p, _ := l.Window(wire.PlaceAll, 0, 2*MaxWindow, 2*MaxWindow, true, wire.FrameMark{})
	if n := len(p.Payload()); n > 1150 {
		t.Errorf("a frame of %d events and %d held notes has %d bytes", MaxWindow, len(held), n)
	}
}

func BenchmarkLogTakeShared(b *testing.B) {
	l := testLog()
	for b.Loop() {
		at := l.Head()
		l.Append(event(int(at)), 0)
		l.Publish()
		for range 40 {
			l.Take(wire.PlaceAll, at)
		}
	}
}
