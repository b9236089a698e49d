package rtc

import (
	"fmt"

	"github.com/pion/datachannel"
)

// Channel is one of the two data channels of a peer. Its methods may be called
// from any goroutine, Read from one at a time.
type Channel struct {
	pion       *datachannel.DataChannel
	maxMessage int // bytes
}

// resendNotes is how often SCTP resends a message with notes. The next frames
// repeat its notes, so 0 would do. But with 0 pion gives a message up as it leaves
// (sctp v1.12.1), and the next acknowledgement makes the receiver forget all that
// is on its way. In a network with jitter that was one packet of four, and what
// came late was dropped.
const resendNotes = 1

func (p *Peer) openChannel(id uint16, label string, kind datachannel.ChannelType, resends uint32, maxMessage int) (*Channel, error) {
	dc, err := datachannel.Dial(p.association, id, &datachannel.Config{
		Label: label, Negotiated: true, ChannelType: kind, ReliabilityParameter: resends, LoggerFactory: p.listener.log,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", label, err)
	}
	return &Channel{pion: dc, maxMessage: maxMessage}, nil
}

// MaxMessage returns how long a message from the client may be, in bytes.
func (c *Channel) MaxMessage() int { return c.maxMessage }

// Read waits for the next message. It returns an error if buffer is too short for
// it, or when the channel ends.
func (c *Channel) Read(buffer []byte) (n int, text bool, err error) {
	return c.pion.ReadDataChannel(buffer)
}

// Write queues a message and returns at once.
func (c *Channel) Write(message []byte, text bool) error {
	_, err := c.pion.WriteDataChannel(message, text)
	return err
}

// Waiting returns how many bytes are queued and not acknowledged yet.
func (c *Channel) Waiting() int { return int(c.pion.BufferedAmount()) }

// OnLow calls f whenever Waiting falls to what SetLow says.
func (c *Channel) OnLow(f func()) { c.pion.OnBufferedAmountLow(f) }

// SetLow says when OnLow is due, in bytes.
func (c *Channel) SetLow(bytes int) { c.pion.SetBufferedAmountLowThreshold(uint64(bytes)) }
