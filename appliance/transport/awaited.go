package transport

import "sync"

// How many peers that are to stand alone may be on their way at once, of all
// devices and of one. Each has a place, which those who never come would take
// from others; the peers of a class are lanes, and have their socket's place.
const (
	maxAwaited   = 64
	maxAwaitedOf = 16
)

// awaited counts peers that were answered and have not come, by device.
type awaited struct {
	mu  sync.Mutex // guards what follows
	all int
	of  map[string]int
}

// begin counts one more, and reports whether it may come.
func (a *awaited) begin(device string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == maxAwaited || a.of[device] == maxAwaitedOf {
		return false
	}
	if a.of == nil {
		a.of = make(map[string]int)
	}
	a.all++
	a.of[device]++
	return true
}

// end counts one less.
func (a *awaited) end(device string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all--
	if a.of[device]--; a.of[device] == 0 {
		delete(a.of, device)
	}
}
