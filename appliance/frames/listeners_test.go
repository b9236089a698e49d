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
	l := NewListeners(nil)
	for _, c := range []*fakeConn{socket, fresh, lane} {
		l.Add(c)
	}
	l.Wake(false)
	l.Wake(true)
	l.Send(wire.Packet{}, 10*time.Millisecond)
	l.Send(wire.Packet{}, AnyInterval)
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
	want := []time.Duration{fresh.interval, lane.interval}
	if got := l.Intervals(nil); !slices.Equal(got, want) {
		t.Errorf("the intervals are %v, want %v", got, want)
	}
}

// TestListenersJoinAgain: a client that joins again is added before its former
// membership is removed.
func TestListenersJoinAgain(t *testing.T) {
	c, l := &fakeConn{}, NewListeners(nil)
	l.Add(c)
	l.Add(c)
	l.Remove(c)
	l.Wake(false)
	if c.follows != 1 || c.wakes != 1 {
		t.Errorf("follows the log %d times and was woken %d times, want once", c.follows, c.wakes)
	}
	l.Remove(c)
	l.Remove(c)
	l.Wake(false)
	if c.wakes != 1 {
		t.Error("woken after it left")
	}
}
