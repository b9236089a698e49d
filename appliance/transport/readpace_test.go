package transport

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// TestFloodIsReadSlowly checks that the box reads a flood at its pace, serves others
// meanwhile, and can still stop.
func TestFloodIsReadSlowly(t *testing.T) {
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
	if got := c.idle.reads.Load(); got > uint64(most) {
		t.Errorf("%d messages of a flood were read, want at most %d", got, most)
	}
}

func TestStaffAreReadAsFastAsTheySend(t *testing.T) {
	p := newReadPace(Limits{Pace: 1}, true)
	for range 1000 {
		p.wait(1<<20, nil) // or the test would end in twelve days
	}
}
