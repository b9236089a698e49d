package transport

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// TestOfferBeforeTheSocketIsMade: who asks for a connection that is being made
// gets it once it is there, and not before.
func TestOfferBeforeTheSocketIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, want := newLinks(), new(Conn)
		l := all.announce("l1")
		var got *Conn
		var err error
		go func() { got, err = all.find(t.Context(), "l1") }() // synctest waits for it
		synctest.Wait()
		if got != nil || err != nil {
			t.Fatalf("found %v, %v before it was made", got, err)
		}
		l.is(want)
		synctest.Wait()
		if got != want || err != nil {
			t.Errorf("found %v, %v, want the connection", got, err)
		}
	})
}

func TestLinks(t *testing.T) {
	all, first, second := newLinks(), new(Conn), new(Conn)
	old := all.announce("l1")
	old.is(first)
	latest := all.announce("l1")
	latest.is(second)
	all.forget(old)
	if c, err := all.find(t.Context(), "l1"); c != second || err != nil {
		t.Errorf("found %v, %v, want the latest of the name", c, err)
	}
	all.forget(latest)
	failed := all.announce("l2")
	all.fail(failed)
	all.announce("").is(first)
	for _, name := range []string{"l1", "l2", ""} {
		if c, err := all.find(t.Context(), name); !errors.Is(err, ErrNoLink) {
			t.Errorf("%q: found %v, %v, want none", name, c, err)
		}
	}
	all.announce("l3")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := all.find(gone, "l3"); !errors.Is(err, context.Canceled) {
		t.Errorf("who does not wait any more: %v", err)
	}
}
