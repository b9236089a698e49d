package transport

import (
	"sync"

	"downbeat.local/sync/clock"
)

// inbox hands what a client sends to its receiver, one message at a time,
// whether it comes over the stream or over a lane.
type inbox struct {
	mu       sync.Mutex // held during each call of the receiver; guards what follows
	receiver Receiver
	lane     *lane // that the current message came over; nil for the stream
}

// receive hands over one message.
func (b *inbox) receive(message []byte, binary bool, at clock.Millis, over *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lane = over
	b.receiver.Receive(message, binary, at)
}

// tooLong says that a message over the stream was too long.
func (b *inbox) tooLong(outline []byte, binary bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lane = nil
	b.receiver.TooLong(outline, binary)
}

// close makes the receiver's last call. Messages that come later are dropped.
func (b *inbox) close(left bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	receiver := b.receiver
	b.receiver = discard{}
	receiver.Closed(left)
}

// discard is a receiver that drops everything.
type discard struct{}

func (discard) Receive([]byte, bool, clock.Millis) {}
func (discard) TooLong([]byte, bool)               {}
func (discard) Closed(bool)                        {}
