package transport

import "sync"

// How many lone peers may be connecting at once, for the whole box and for one
// device. Each holds a place, and peers that never connect would take places
// from others. The peers of a class are lanes, which need no place besides
// their WebSocket's.
const (
	maxPending          = 64
	maxPendingPerDevice = 16
)

// pending counts lone peers that were answered and have not connected yet, by
// device.
type pending struct {
	mu       sync.Mutex // guards what follows
	all      int
	byDevice map[string]int
}

// begin counts one more peer. It reports false if there are too many already.
func (p *pending) begin(device string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == maxPending || p.byDevice[device] == maxPendingPerDevice {
		return false
	}
	if p.byDevice == nil {
		p.byDevice = make(map[string]int)
	}
	p.all++
	p.byDevice[device]++
	return true
}

// end counts one peer less.
func (p *pending) end(device string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all--
	if p.byDevice[device]--; p.byDevice[device] == 0 {
		delete(p.byDevice, device)
	}
}
