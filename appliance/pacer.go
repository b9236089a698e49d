package appliance

import (
	"sync"
	"time"
)

// pacer lets a room's frames leave at least an interval apart: the first note
// after quiet at once, and what comes before the interval is over together
// when it is. With an interval of 0 every note leaves when it comes.
type pacer struct {
	every time.Duration
	// send sends a frame; alone says that it comes after a pause, and so is
	// best sent from here rather than left to many writers.
	send func(alone bool)

	mu    sync.Mutex // guards what follows
	last  time.Time
	armed bool
	timer *time.Timer
}

func newPacer(every time.Duration, send func(alone bool)) *pacer {
	return &pacer{every: every, send: send}
}

// poke says that there is something to send.
func (p *pacer) poke() {
	if p.every <= 0 {
		p.send(p.quiet())
	} else if p.due() {
		p.send(true)
	}
}

// thick is how close notes come when it pays to let writers gather them: a
// class of forty on the beat is eight times as close.
const thick = time.Millisecond

// quiet reports whether the last frame was long enough ago for this one to
// come alone.
func (p *pacer) quiet() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	alone := now.Sub(p.last) > thick
	p.last = now
	return alone
}

// due reports whether a frame may leave now; if not, it sees to it that one
// leaves when it may.
func (p *pacer) due() bool {
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

func (p *pacer) fire() {
	p.mu.Lock()
	p.armed, p.last = false, time.Now()
	p.mu.Unlock()
	p.send(true)
}

// stop forgets a frame that waits.
func (p *pacer) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
	}
}
