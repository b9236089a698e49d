package frames

import (
	"sync"
	"time"
)

// SocketPacer sends a room's frames at least an interval apart. The first note
// after a pause leaves at once. What comes within the interval leaves together
// at its end. With an interval of 0 every note leaves at once.
type SocketPacer struct {
	every time.Duration
	// send sends a frame. alone says that it comes after a pause: then it is
	// best sent from this goroutine, not by many writers.
	send func(alone bool)

	mu    sync.Mutex // guards what follows
	last  time.Time
	armed bool
	timer *time.Timer
}

// NewSocketPacer returns a pacer that sends with send.
func NewSocketPacer(every time.Duration, send func(alone bool)) *SocketPacer {
	return &SocketPacer{every: every, send: send}
}

// Poke says that there is something to send. It sends now or plans to.
func (p *SocketPacer) Poke() {
	if p.every <= 0 {
		p.send(p.quiet())
	} else if p.due() {
		p.send(true)
	}
}

// closeTogether is how close notes come when it pays to leave them to the
// writers, which gather what comes meanwhile. The notes of 40 students on the
// beat are eight times as close.
const closeTogether = time.Millisecond

// quiet reports whether this frame comes after a pause.
func (p *SocketPacer) quiet() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	alone := now.Sub(p.last) > closeTogether
	p.last = now
	return alone
}

// due reports whether a frame may leave now. If not, the timer sends one at the
// end of the interval.
func (p *SocketPacer) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.armed {
		return false
	}
	now := time.Now()
	wait := p.every - now.Sub(p.last)
	if wait <= 0 {
		p.last = now
		return true
	}
	p.armed = true
	if p.timer == nil {
		p.timer = time.AfterFunc(wait, p.fire)
	} else {
		p.timer.Reset(wait)
	}
	return false
}

func (p *SocketPacer) fire() {
	p.mu.Lock()
	p.armed, p.last = false, time.Now()
	p.mu.Unlock()
	p.send(true)
}

// Stop drops a frame that waits.
func (p *SocketPacer) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
	}
}
