package transport

import (
	"fmt"
	"testing"
)

func TestAwaited(t *testing.T) {
	var a awaited
	begun := func(device string, n int) (may int) {
		for range n {
			if a.begin(device) {
				may++
			}
		}
		return may
	}
	if got := begun("one", 100); got != maxAwaitedOf {
		t.Errorf("%d of one device, want %d", got, maxAwaitedOf)
	}
	got := 0
	for i := range 100 {
		got += begun(fmt.Sprint("other", i), 1)
	}
	if got != maxAwaited-maxAwaitedOf {
		t.Errorf("%d of others, want %d", got, maxAwaited-maxAwaitedOf)
	}
	a.end("one")
	if begun("one", 2) != 1 {
		t.Error("a place that is free again is not given")
	}
	for range maxAwaitedOf {
		a.end("one")
	}
	if _, kept := a.of["one"]; kept {
		t.Error("a device without peers is remembered")
	}
}
