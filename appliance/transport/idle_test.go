package transport

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// TestSlowReaderAndNoReader checks that a client may stay if it takes 800 KB of one
// long write every two seconds. If it takes nothing, it may not.
func TestSlowReaderAndNoReader(t *testing.T) {
	const waiting, taken = 6 << 20, 800_000
	b := start(t, Limits{Bytes: 2 * waiting, IdleTimeout: time.Hour}, receiver{})
	ws, c := b.dial(t)
	b.unwatched(c)
	c.Greeted()
	c.Reply(sized(waiting))
	for c.progress.Load()%2 == 0 { // until that write is under way
		runtime.Gosched()
	}
	now := monotonic()
	look := func() string { // each just too late for a client that has taken nothing
		now += b.limits.WriteTimeout + time.Millisecond
		return c.check(now, b.limits)
	}
	look()
	for got := taken; got <= waiting; got += taken {
		before := c.progress.Load()
		take(t, ws.NetConn(), taken)
		for c.progress.Load() == before && before%2 == 1 { // until the network has made room of that
			runtime.Gosched()
		}
		if why := look(); why != "" {
			t.Fatalf("after %d bytes: %s", got, why)
		}
	}
	c.Reply(sized(waiting)) // more than the socket holds
	why := ""
	for why == "" {
		runtime.Gosched()
		why = look()
	}
	if want := cutNotReading; why != want {
		t.Errorf("a client that takes nothing is closed because %q, want %q", why, want)
	}
}

// take reads and drops so many bytes.
func take(t *testing.T, from net.Conn, bytes int64) {
	t.Helper()
	if _, err := io.CopyN(io.Discard, from, bytes); err != nil {
		t.Fatal(err)
	}
}
