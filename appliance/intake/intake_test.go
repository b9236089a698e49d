package intake

import (
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// fakeConn is a connection from an address that only counts its end.
type fakeConn struct {
	net.Conn
	from   string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr {
	at, _ := net.ResolveTCPAddr("tcp", c.from)
	return at
}

func (c *fakeConn) Close() error {
	c.closed = true
	return nil
}

// comes is a connection that an intake has admitted.
func comes(t *testing.T, i *Intake, from string) *fakeConn {
	t.Helper()
	c := &fakeConn{from: from}
	if !i.admit(c, time.Now()) {
		t.Fatalf("%s was refused", from)
	}
	return c
}

func newIntake(address, box int) *Intake {
	return New(Config{Address: address, Box: box, Log: slog.New(slog.DiscardHandler)})
}

func TestAnAddressMakesRoomForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntake(2, 10)
		other := comes(t, i, "192.0.2.9:1")
		silent := comes(t, i, "192.0.2.7:1")
		time.Sleep(time.Second)
		busy := comes(t, i, "192.0.2.7:2")
		i.Changed(busy, http.StateActive)
		time.Sleep(time.Millisecond)
		third := comes(t, i, "192.0.2.7:3")
		if !silent.closed || busy.closed || other.closed || third.closed {
			t.Errorf("closed: silent %v, busy %v, another address %v, new %v; want the silent one alone", silent.closed, busy.closed, other.closed, third.closed)
		}
		i.Changed(third, http.StateActive)
		if late := (&fakeConn{from: "192.0.2.7:4"}); i.admit(late, time.Now()) {
			t.Error("a third request at once was admitted")
		}
		time.Sleep(slowRequest)
		comes(t, i, "192.0.2.7:5")
		if !busy.closed {
			t.Error("the slowest request was not ended")
		}
	})
}

func TestAFullBoxTakesFromTheMostCrowdedAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntake(100, 4)
		child := comes(t, i, "192.0.2.1:1")
		time.Sleep(time.Second)
		var crowd []*fakeConn
		for range 3 {
			crowd = append(crowd, comes(t, i, "192.0.2.66:1"))
			time.Sleep(time.Second)
		}
		comes(t, i, "192.0.2.2:1")
		if child.closed || !crowd[0].closed || crowd[1].closed {
			t.Errorf("closed: a child %v, the oldest of the crowd %v, the next %v", child.closed, crowd[0].closed, crowd[1].closed)
		}
		if got := i.Open(); got != 4 {
			t.Errorf("%d are open, want 4", got)
		}
	})
}

// TestACrowdTakesNoRoomOfOthers: the address with the most connections gets no further
// one while all of its own are at work, and others keep theirs.
func TestACrowdTakesNoRoomOfOthers(t *testing.T) {
	i := newIntake(100, 3)
	child := comes(t, i, "192.0.2.1:1")
	for range 2 {
		i.Changed(comes(t, i, "192.0.2.66:1"), http.StateActive)
	}
	if i.admit(&fakeConn{from: "192.0.2.66:2"}, time.Now()) || child.closed {
		t.Errorf("one more of the crowd was admitted; the child's was closed: %v", child.closed)
	}
	comes(t, i, "192.0.2.2:1") // another child finds room: the first one's waits
}

func TestConnectionsThatEndAreForgotten(t *testing.T) {
	i := newIntake(1, 1)
	for _, end := range []http.ConnState{http.StateHijacked, http.StateClosed} {
		c := comes(t, i, "192.0.2.1:1")
		i.Changed(c, end)
		if got := i.Open(); got != 0 || c.closed {
			t.Errorf("after %v: %d are open, closed %v", end, got, c.closed)
		}
	}
}

func TestThisMachineHasNoBoundByAddress(t *testing.T) {
	i := newIntake(1, 10)
	first := comes(t, i, "127.0.0.1:1")
	comes(t, i, "127.0.0.1:2")
	if first.closed {
		t.Error("a connection of this machine was closed")
	}
}
