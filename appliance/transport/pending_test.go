package transport

import (
	"fmt"
	"testing"
)

func TestPending(t *testing.T) {
	var a pending
	begun := func(device string, n int) (may int) {
		for range n {
			if a.begin(device) {
				may++
			}
		}
		return may
	}
	if got := begun("one", 100); got != maxPendingPerDevice {
		t.Errorf("%d of one device, want %d", got, maxPendingPerDevice)
	}
	got := 0
	for i := range 100 {
		got += begun(fmt.Sprint("other", i), 1)
	}
	if got != maxPending-maxPendingPerDevice {
		t.Errorf("%d of others, want %d", got, maxPending-maxPendingPerDevice)
	}
	a.end("one")
	if begun("one", 2) != 1 {
		t.Error("a place that is free again is refused")
	}
	for range maxPendingPerDevice {
		a.end("one")
	}
	if _, kept := a.byDevice["one"]; kept {
		t.Error("a device without peers is still counted")
	}
}
