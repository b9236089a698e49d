// Package impair is a bad network on purpose: it loses packets, holds them
// back and lets them overtake each other, the same way in every run with the
// same seed.
//
// [Air] joins two network namespaces of its own by a line of IP packets, so
// that everything which crosses it suffers alike: datagrams, and the kernel's
// own TCP with its acknowledgements and retransmissions. It takes Linux and
// the right to make namespaces. [Relay] is a UDP relay that anybody may run.
//
// What happens to a packet depends on its flow alone (two ports that talk, one
// direction) and on how many packets of it came before: a burst takes packets
// of one flow in a row, as a radio that is shaded does, and queueing keeps
// their order. The model is not Wi-Fi: there are no retransmissions below IP
// and nobody waits for another's frames.
package impair

import (
	"errors"
	"fmt"
	"time"
)

// Conditions say what becomes of packets, in each direction. The zero
// Conditions let everything pass at once.
type Conditions struct {
	// Delay is how long every packet takes.
	Delay time.Duration
	// Jitter is how much longer it may take, evenly from nothing. A packet
	// waits for the one before it in its flow.
	Jitter time.Duration
	// Loss is the share of packets that are lost, 0 to less than 1.
	Loss float64
	// Burst is how many packets in a row each loss takes; 0 is one.
	Burst int
	// Reorder is the share of packets that are held back by Late, so that
	// those behind them overtake.
	Reorder float64
	Late    time.Duration
}

// MaxBurst is the longest burst: what a radio loses in a second of sixty
// frames.
const MaxBurst = 60

// Errors of [Conditions.Validate].
var (
	ErrShare = errors.New("a share is from 0 to less than 1")
	ErrTime  = errors.New("a time is from 0 to a second")
	ErrBurst = fmt.Errorf("a burst is at most %d packets", MaxBurst)
)

// Validate returns ErrShare, ErrTime or ErrBurst for what makes no sense.
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

// begins is the chance that a packet begins a loss, so that losses of so many
// in a row take the share of Loss in all.
func (c Conditions) begins() float64 {
	n := float64(max(1, c.Burst))
	return c.Loss / (n*(1-c.Loss) + c.Loss)
}

// Count is what has happened in one direction.
type Count struct {
	Packets int // that came
	Lost    int // on purpose
	Dropped int // because too many waited
}
