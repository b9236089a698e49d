package transport

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// TestAFloodIsReadSlowly: who sends without end waits, and ends when he is
// told to.
func TestAFloodIsReadSlowly(t *testing.T) {
	const pace, sent = 5, 1000
	b := start(t, Limits{Pace: pace}, receiver{receive: echo})
	started := monotonic()
	rough, c := b.dial(t)
	for range sent {
		if err := rough.WriteMessage(websocket.TextMessage, nil); err != nil {
			t.Fatal(err)
		}
	}
	fine, _ := b.dial(t)
	for range paceBurst * pace {
		if err := fine.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, fine); got != "hello" {
			t.Errorf("got %q", got)
		}
	}
	most := 2 + paceBurst*pace + int((monotonic()-started)/(time.Second/pace))
	if got := c.reads.Load(); got > uint64(most) {
		t.Errorf("%d messages of a flood were read, want at most %d", got, most)
	}
}

func TestStaffAreReadAsFastAsTheySend(t *testing.T) {
	c := newConn(new(wsLine), NewServer(Limits{Pace: 1}, nil))
	c.staff = true
	for range 1000 {
		c.rest(1 << 20) // or the test would end in twelve days
	}
}
