package transport

import (
	"sync"

	"downbeat.local/sync/clock"
)

// audience is who is told what a client sends, one message at a time whichever
// way each came.
type audience struct {
	mu       sync.Mutex // held while the receiver is told; guards what follows
	receiver Receiver
	via      *lane // by which the message came that the receiver is told; nil is the line
}

// tell tells the receiver of one message.
func (a *audience) tell(message []byte, binary bool, at clock.Millis, via *lane) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.via = via
	a.receiver.Receive(message, binary, at)
}

// dismiss makes the call that is the receiver's last.
func (a *audience) dismiss(left bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	receiver := a.receiver
	a.receiver = nobody{}
	receiver.Closed(left)
}

// nobody is the receiver of what comes too late.
type nobody struct{}

func (nobody) Receive([]byte, bool, clock.Millis) {}
func (nobody) Closed(bool)                        {}
