package musicroom

import "sync"

// watchers want to know when a room opens or closes, or a keyboard loses its seat.
type watchers struct {
	mu    sync.Mutex // guards known
	known map[chan struct{}]bool
}

func newWatchers() watchers { return watchers{known: make(map[chan struct{}]bool)} }

// Watch returns a channel that holds a token when a room has opened or closed, or a
// keyboard has lost its seat. stop ends that.
func (w *watchers) Watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known[c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.known, c)
	}
}

func (w *watchers) noteChange() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.known {
		poke(c)
	}
}
