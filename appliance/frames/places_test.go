package frames

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// only is an event that is heard at some places, and where everything is.
func only(n int, at ...wire.Place) wire.NoteEvent {
	e := event(n)
	e.Except = ^wire.Places(0)
	for _, p := range append(at, wire.PlaceAll) {
		e.Except = e.Except.Without(p)
	}
	return e
}

// numbers lists the numbers of events.
func numbers(events []wire.NoteEvent) (seqs []uint16) {
	for _, e := range events {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// placesLog has 300 events: each is heard in one of the groups 1 and 2, in turn.
func placesLog() *Log {
	l := testLog()
	l.open(1)
	l.open(2)
	for i := range 300 {
		l.Append(only(i, wire.Place(1+i%2)), clock.Millis(i))
	}
	return l
}

func TestPlacesHearTheirOwn(t *testing.T) {
	l := placesLog()
	if heard := l.Publish(); !heard.Has(1) || !heard.Has(2) || !heard.Has(wire.PlaceAll) || heard.Has(3) {
		t.Errorf("something new is heard at %b", heard)
	}
	for place, want := range map[wire.Place]struct{ first, step, n int }{1: {0, 2, 150}, 2: {1, 2, 150}, wire.PlaceAll: {0, 1, 255}} {
		p, _ := l.Take(place, 0)
		again, _ := l.Take(place, 0)
		if &p.Frame()[0] != &again.Frame()[0] {
			t.Errorf("two listeners at place %d got different bytes", place)
		}
		got := numbers(frameOf(t, p).Events)
		if len(got) != want.n || int(got[0]) != want.first || int(got[1]) != want.first+want.step {
			t.Errorf("place %d hears %d events: %v…", place, len(got), got[:2])
		}
	}
	l.Append(only(300, 1), 300)
	if heard := l.Publish(); heard.Has(2) {
		t.Error("an event of group 1 wakes group 2")
	}
	if p, next := l.Take(2, 300); !p.IsZero() || next != l.Head() {
		t.Error("an event of group 1 makes a frame for group 2")
	}
	l.open(3)
	if p, next := l.Take(3, 0); !p.IsZero() || next != l.Head() {
		t.Error("a group that nobody plays in has a frame")
	}
}

// TestWindowsRepeatTheirOwn: what other groups play takes no room among the repeats.
func TestWindowsRepeatTheirOwn(t *testing.T) {
	l := placesLog()
	head, _ := l.Newest(2)
	p, next := l.Window(2, 0, head-1, head, false, wire.FrameMark{})
	got := numbers(frameOf(t, p).Events)
	if next != head || len(got) != MaxWindow || got[len(got)-1] != 299 || got[0] != 299-2*(MaxWindow-1) {
		t.Errorf("%d events, from %d to %d", len(got), got[0], got[len(got)-1])
	}
	if note, _ := l.Oldest(2, 290); note != clock.Millis(event(291).At) {
		t.Errorf("the oldest of group 2 is of %v", note)
	}
}

// TestMoveEndsWhatIsHeardNoLonger: a listener that comes to another place gets what
// sounds there, nothing of what was played before, and then everything.
func TestMoveEndsWhatIsHeardNoLonger(t *testing.T) {
	held := []wire.HeldNote{{Seat: 1, Note: 60, Except: only(0, 1).Except}, {Seat: 2, Note: 62, Except: only(0, 2).Except}}
	l := NewLog("realtime:music_room:TEST-1000", func(all []wire.HeldNote) []wire.HeldNote { return append(all, held...) })
	one := NewListeners(l).Add(&fakeConn{}, 1)
	l.Append(only(1, 1), 1)
	l.Publish()
	l.Append(only(2, 2), 2) // waits for its frame when the listener moves
	one.Move(2)
	l.Append(only(3, 2), 3)
	l.Publish()
	p, next := one.Take(0)
	if f := frameOf(t, p); len(f.Events) != 0 || !f.Summary || len(f.Held) != 1 || f.Held[0].Seat != 2 {
		t.Errorf("it gets %+v first, want a summary of what sounds in group 2", f)
	}
	p, next = one.Take(next)
	if got := numbers(frameOf(t, p).Events); !slices.Equal(got, []uint16{3}) {
		t.Errorf("then it gets the events %v, want 3", got)
	}
	if p, _ := one.Take(0); !slices.Equal(numbers(frameOf(t, p).Events), []uint16{3}) || next != l.Head() {
		t.Error("when it reads again from before, it gets what was before")
	}
}

// tapeConn is a lane that keeps what it is sent.
type tapeConn struct {
	fakeConn
	sent []wire.Packet
}

func (c *tapeConn) Lossy(p wire.Packet) { c.sent = append(c.sent, p) }

// TestLanesMove: on a lane the summary comes several times, also if nobody plays, and
// what was played before the move is not repeated to whoever came.
func TestLanesMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		now := func() clock.Millis { return clock.Millis(float64(time.Since(start)) / float64(time.Millisecond)) }
		l := testLog()
		listeners := NewListeners(l)
		lane := func(at wire.Place) (*tapeConn, *Listener) {
			c := &tapeConn{fakeConn: fakeConn{interval: 5 * time.Millisecond, settled: true}}
			return c, listeners.Add(c, at)
		}
		stays, _ := lane(2)
		moves, listener := lane(1)
		p := NewLanePacer(l, listeners, now, LaneConfig{})
		defer p.Stop()
		play := func(e wire.NoteEvent) {
			l.Append(e, now())
			p.Poke()
		}
		play(only(1, 1))
		play(only(2, 2))
		play(only(3, 2)) // waits for air
		p.Moving(wire.Places(0).With(2))
		if got := frameOf(t, stays.sent[len(stays.sent)-1]); len(got.Events) != 2 || got.Events[1].Seq != 3 {
			t.Errorf("what waited leaves as %+v", got)
		}
		moves.sent = nil
		listener.Move(2)
		p.Moved(wire.Places(0).With(2))
		p.Poke()
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if len(moves.sent) < 4 {
			t.Errorf("%d frames after the move, want 4 or more", len(moves.sent))
		}
		for _, packet := range moves.sent {
			if f := frameOf(t, packet); !f.Summary || len(f.Events) != 0 {
				t.Errorf("after the move %+v", f)
			}
		}
		moves.sent = nil
		play(only(4, 1))
		play(only(5, 2))
		synctest.Wait()
		if got := numbers(frameOf(t, moves.sent[len(moves.sent)-1]).Events); !slices.Equal(got, []uint16{5}) {
			t.Errorf("then it hears %v, want 5", got)
		}
	})
}

// TestLanesMoveToANewStream: nothing that was played before a move comes with the first
// frames of a stream either, when a lane opens or changes its interval afterwards, or
// when a stream is in use again.
func TestLanesMoveToANewStream(t *testing.T) {
	for name, test := range map[string]struct {
		before, after time.Duration // its interval; 0: no lane
		used          bool          // somebody at the place to which it moves had the new interval just before
	}{
		"its lane opens":             {0, 5 * time.Millisecond, false},
		"it changes its interval":    {5 * time.Millisecond, 10 * time.Millisecond, false},
		"its stream is in use again": {5 * time.Millisecond, 10 * time.Millisecond, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				now := func() clock.Millis { return clock.Millis(float64(time.Since(start)) / float64(time.Millisecond)) }
				l := testLog()
				listeners := NewListeners(l)
				conn := &tapeConn{fakeConn: fakeConn{interval: test.before, settled: true}}
				listener := listeners.Add(conn, 1)
				p := NewLanePacer(l, listeners, now, LaneConfig{})
				defer p.Stop()
				play := func(n int) {
					l.Append(only(n, 2), now())
					p.Poke()
				}
				l.open(2)
				if test.used {
					there := listeners.Add(&tapeConn{fakeConn: fakeConn{interval: test.after, settled: true}}, 2)
					play(1)
					listeners.Remove(there)
				} else {
					play(1)
				}
				p.Poke()
				time.Sleep(20 * time.Millisecond)
				p.Moving(wire.Places(0).With(2))
				listener.Move(2)
				p.Poke() // as when the timer of a stream fires just then
				p.Moved(wire.Places(0).With(2))
				conn.interval = test.after
				p.Poke()
				time.Sleep(200 * time.Millisecond)
				play(2)
				synctest.Wait()
				var heard []uint16
				for _, packet := range conn.sent {
					heard = append(heard, numbers(frameOf(t, packet).Events)...)
				}
				if !slices.Equal(heard, []uint16{2}) {
					t.Errorf("it hears the events %v, want 2", heard)
				}
			})
		})
	}
}

// TestNamesOfStreams: no two streams have one name, or a device would take the frames
// of one for old ones of the other.
func TestNamesOfStreams(t *testing.T) {
	known := map[uint8]streamKey{}
	for at := range wire.Place(wire.PlaceCount) {
		for every := time.Duration(0); every <= maxInterval; every += intervalStep {
			key := streamKey{every: every, at: at}
			if other, taken := known[key.name()]; taken {
				t.Errorf("%+v and %+v are both %d", key, other, key.name())
			}
			known[key.name()] = key
		}
	}
}

// BenchmarkLogTakeGroups is BenchmarkLogTakeShared for eight groups of five.
func BenchmarkLogTakeGroups(b *testing.B) {
	l := testLog()
	for p := range wire.Place(wire.Groups) {
		l.open(p + 1)
	}
	for b.Loop() {
		at := l.Head()
		l.Append(only(int(at), wire.Place(1+at%wire.Groups)), 0)
		l.Publish()
		for i := range 40 {
			l.Take(wire.Place(1+i%wire.Groups), at)
		}
	}
}
