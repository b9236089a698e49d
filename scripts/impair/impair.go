// Package impair is a bad network for tests: it loses, delays and reorders
// packets, the same way in every run with the same seed.
//
// [Air] joins two network namespaces of its own by a link of IP packets.
// Everything that crosses it suffers alike: datagrams, and the kernel's own TCP
// with its acknowledgements and retransmissions. It needs Linux and the right to
// make namespaces. [Relay] is a UDP relay that needs no rights.
//
// The fate of a packet depends only on its flow (two ports and a direction) and
// on how many packets of the flow came before. A burst takes packets of one flow
// in a row, like a radio in the shade, and queueing keeps their order. The model
// is not Wi-Fi: there are no retransmissions below IP, and no device waits for
// the frames of another.
package impair

import (
	"errors"
	"fmt"
	"time"
)

// Conditions say what happens to packets, in each direction. With the zero
// Conditions everything passes at once.
type Conditions struct {
	// Delay is how long every packet takes.
	Delay time.Duration
	// Jitter is the most that is added to Delay, evenly spread from 0. A packet
	// waits for the one before it in its flow.
	Jitter time.Duration
	// Loss is the share of packets that are lost, 0 to less than 1.
	Loss float64
	// Burst is how many packets in a row each loss takes; 0 means one.
	Burst int
	// Reorder is the share of packets that are delayed by Late, so that later
	// packets overtake them.
	Reorder float64
	Late    time.Duration
}

// MaxBurst is the longest burst: the loss of a radio in one second at sixty
// frames a second.
const MaxBurst = 60

// Errors of [Conditions.Validate].
var (
	ErrShare = errors.New("a share is from 0 to less than 1")
	ErrTime  = errors.New("a time is from 0 to a second")
	ErrBurst = fmt.Errorf("a burst is at most %d packets", MaxBurst)
)

// Validate returns ErrShare, ErrTime or ErrBurst for impossible conditions.
func (c Conditions) Validate() error {
	for _, share := range []float64{c.Loss, c.Reorder} {
		if !(share >= 0 && share < 1) {
			return ErrShare
		}
	}
	for _, d := range []time.Duration{c.Delay, c.Jitter, c.Late} {
		if d < 0 || d > time.Second {
			return ErrTime
		}
	}
	if c.Burst < 0 || c.Burst > MaxBurst {
		return ErrBurst
	}
	return nil
}

// begins is the chance that a packet begins a burst, so that all bursts together
// take the share of Loss.
func (c Conditions) begins() float64 {
	n := float64(max(1, c.Burst))
	return c.Loss / (n*(1-c.Loss) + c.Loss)
}

// Count counts the packets of one direction.
type Count struct {
	Packets int // that arrived
	Lost    int // on purpose
	Dropped int // because the queue was full
}
