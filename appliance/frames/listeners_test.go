package frames

import (
	"slices"
	"testing"
	"time"

	"downbeat.local/appliance/wire"
)

// fakeConn is a connection that counts what it is asked. Its lane wants frames
// at an interval, unless that is 0.
type fakeConn struct {
	interval               time.Duration
	settled                bool
	follows, wakes, onLane int
	delivered              int
}

func (c *fakeConn) Follow(Reader)                   { c.follows++ }
func (c *fakeConn) Unfollow(Reader)                 { c.follows-- }
func (c *fakeConn) Wake()                           { c.wakes++ }
func (c *fakeConn) Deliver()                        { c.delivered++ }
func (c *fakeConn) MayRepeat() bool                 { return c.interval > 0 }
func (c *fakeConn) OnLane() (time.Duration, bool)   { return c.interval, c.interval > 0 }
func (c *fakeConn) SetLaneInterval(d time.Duration) { c.interval = d }
func (c *fakeConn) LaneSettled() bool               { return c.settled }
func (c *fakeConn) Lossy(wire.Packet)               { c.onLane++ }

func TestListenersAreServedByTheirWay(t *testing.T) {
	socket, fresh := &fakeConn{}, &fakeConn{interval: 5 * time.Millisecond}
	lane := &fakeConn{interval: 10 * time.Millisecond, settled: true}
	l := NewListeners(testLog())
	for _, c := range []*fakeConn{socket, fresh, lane} {
		l.Add(c, wire.PlaceAll)
	}
	everywhere := wire.Places(0).With(wire.PlaceAll)
	l.Wake(everywhere, false)
	l.Wake(everywhere, true)
	l.send(wire.Packet{}, streamKey{10 * time.Millisecond, wire.PlaceAll})
	l.send(wire.Packet{}, streamKey{AnyInterval, wire.PlaceAll})
	for name, test := range map[string]struct {
		got  *fakeConn
		want fakeConn
	}{
		"by the socket":      {socket, fakeConn{follows: 1, wakes: 1, delivered: 1}},
		"by both, at 5 ms":   {fresh, fakeConn{interval: fresh.interval, follows: 1, wakes: 1, delivered: 1, onLane: 1}},
		"by the lane, 10 ms": {lane, fakeConn{interval: lane.interval, settled: true, follows: 1, onLane: 2}},
	} {
		if *test.got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, *test.got, test.want)
		}
	}
	want := []streamKey{{fresh.interval, wire.PlaceAll}, {lane.interval, wire.PlaceAll}}
	if got := l.streams(nil, false); !slices.Equal(got, want) {
		t.Errorf("the streams are %v, want %v", got, want)
	}
}

// TestListenersJoinAgain: a client that joins again is added before its former
// membership is removed.
func TestListenersJoinAgain(t *testing.T) {
	c, l := &fakeConn{}, NewListeners(testLog())
	first, second := l.Add(c, wire.PlaceAll), l.Add(c, wire.PlaceAll)
	everywhere := wire.Places(0).With(wire.PlaceAll)
	l.Remove(first)
	l.Wake(everywhere, false)
	if c.follows != 1 || c.wakes != 1 {
		t.Errorf("follows the log %d times and was woken %d times, want once", c.follows, c.wakes)
	}
	l.Remove(second)
	l.Remove(second)
	l.Wake(everywhere, false)
	if c.wakes != 1 {
		t.Error("woken after it left")
	}
}
