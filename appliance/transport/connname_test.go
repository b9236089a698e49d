package transport

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// TestOfferBeforeTheSocketIsMade checks that an offer for a connection that is
// being made waits until it is there.
func TestOfferBeforeTheSocketIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, want := newConnNames(), new(Conn)
		l := all.reserve("l1")
		var got *Conn
		var err error
		go func() { got, err = all.find(t.Context(), "l1") }() // synctest waits for it
		synctest.Wait()
		if got != nil || err != nil {
			t.Fatalf("found %v, %v before it was made", got, err)
		}
		l.set(want)
		synctest.Wait()
		if got != want || err != nil {
			t.Errorf("found %v, %v, want the connection", got, err)
		}
	})
}

func TestConnNames(t *testing.T) {
	all, first, second := newConnNames(), new(Conn), new(Conn)
	old := all.reserve("l1")
	old.set(first)
	latest := all.reserve("l1")
	latest.set(second)
	all.forget(old)
	if c, err := all.find(t.Context(), "l1"); c != second || err != nil {
		t.Errorf("found %v, %v, want the latest of the name", c, err)
	}
	all.forget(latest)
	failed := all.reserve("l2")
	all.fail(failed)
	all.reserve("").set(first)
	for _, name := range []string{"l1", "l2", ""} {
		if c, err := all.find(t.Context(), name); !errors.Is(err, ErrNoConn) {
			t.Errorf("%q: found %v, %v, want none", name, c, err)
		}
	}
	all.reserve("l3")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := all.find(gone, "l3"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone: %v", err)
	}
}
