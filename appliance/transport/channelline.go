package transport

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"

	"downbeat.local/appliance/wire"
)

// channelLine is the reliable data channel of a peer that is a connection of
// its own. It has no control frames: ICE asks for signs of life, and the end
// of the peer is the farewell.
type channelLine struct {
	peer    *peer
	channel *datachannel.DataChannel
	waiting []wire.Packet
	low     chan struct{} // holds one token when the channel takes more
	buffer  []byte
	most    atomic.Int64 // bytes of a message to come
}

// channelBacklog is how much may wait in a channel, bytes: the rest waits in
// the queue, where it can be dropped.
const channelBacklog = 64 << 10

// errTooLong means that a client sent more than it may in one message.
var errTooLong = errors.New("message too long")

func newChannelLine(p *peer) *channelLine {
	l := &channelLine{peer: p, channel: p.state, low: make(chan struct{}, 1), buffer: make([]byte, maxState)}
	l.most.Store(maxState)
	l.channel.SetBufferedAmountLowThreshold(channelBacklog / 2)
	l.channel.OnBufferedAmountLow(func() {
		select {
		case l.low <- struct{}{}:
		default: // it is known
		}
	})
	return l
}

func (l *channelLine) read() (message []byte, binary bool, err error) {
	n, text, err := l.channel.ReadDataChannel(l.buffer)
	if err == nil && int64(n) > l.most.Load() {
		err = errTooLong
	}
	return append([]byte(nil), l.buffer[:n]...), !text, err
}

func (l *channelLine) setReadLimit(bytes int64) { l.most.Store(min(bytes, maxState)) }
func (l *channelLine) pings() bool              { return false }
func (l *channelLine) cut()                     { l.peer.end() }

// addr is where the client's packets come from.
func (l *channelLine) addr() net.Addr { return l.peer.addr() }

// hangUp ends the peer once the client has everything, or after a moment.
func (l *channelLine) hangUp() error {
	defer l.peer.end()
	late := time.NewTimer(lingerTime)
	defer late.Stop()
	l.channel.SetBufferedAmountLowThreshold(0)
	for l.channel.BufferedAmount() > 0 {
		select {
		case <-l.low:
		case <-l.peer.over:
			return nil
		case <-late.C:
			return nil
		}
	}
	return nil
}

func (l *channelLine) add(p wire.Packet) int {
	if p.IsControl() {
		return 0
	}
	l.waiting = append(l.waiting, p)
	return len(p.Payload())
}

func (l *channelLine) stuck() bool { return len(l.waiting) > 0 }

func (l *channelLine) try() bool {
	for i, p := range l.waiting {
		if l.channel.BufferedAmount() > channelBacklog || l.write(p) != nil {
			l.waiting = append([]wire.Packet(nil), l.waiting[i:]...)
			return false // the writer waits, and meets the errors
		}
	}
	l.reset()
	return true
}

func (l *channelLine) flush(progress *atomic.Uint64) error {
	for _, p := range l.waiting {
		for l.channel.BufferedAmount() > channelBacklog {
			select {
			case <-l.low:
			case <-l.peer.over:
				return net.ErrClosed
			}
		}
		if err := l.write(p); err != nil {
			return err
		}
		progress.Add(2)
	}
	l.reset()
	return nil
}

func (l *channelLine) write(p wire.Packet) error {
	_, err := l.channel.WriteDataChannel(p.Payload(), !p.Binary())
	return err
}

func (l *channelLine) reset() {
	if cap(l.waiting) > keepItems {
		l.waiting = nil
	}
	clear(l.waiting)
	l.waiting = l.waiting[:0]
}
