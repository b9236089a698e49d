package transport

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/rtc"
	"downbeat.local/appliance/wire"
)

// channelStream is the reliable data channel of a lone peer. It has no control
// frames: ICE asks whether the client is there, and the end of the peer stands
// for a close frame.
type channelStream struct {
	peer      *rtc.Peer
	channel   *rtc.Channel
	waiting   []wire.Packet
	low       chan struct{} // holds one token when the channel takes more
	buffer    []byte
	readLimit atomic.Int64 // bytes
}

// channelBacklog is how many bytes may wait in a channel. The rest waits in the
// queue, where it can be dropped.
const channelBacklog = 64 << 10

// errTooLong means that a client sent a message over its read limit. The stream
// can go on.
var errTooLong = errors.New("message too long")

func newChannelStream(p *rtc.Peer) *channelStream {
	s := &channelStream{peer: p, channel: p.State, low: make(chan struct{}, 1), buffer: make([]byte, p.State.MaxMessage())}
	s.readLimit.Store(int64(p.State.MaxMessage()))
	s.channel.SetLow(channelBacklog / 2)
	s.channel.OnLow(func() {
		select {
		case s.low <- struct{}{}:
		default: // it holds one already
		}
	})
	return s
}

func (s *channelStream) read(func()) (message []byte, binary bool, err error) {
	n, text, err := s.channel.Read(s.buffer)
	if err == nil && int64(n) > s.readLimit.Load() {
		outline := wire.NewOutline(!text)
		_, _ = outline.Write(s.buffer[:n]) // never fails
		return outline.Frame(), !text, errTooLong
	}
	return append([]byte(nil), s.buffer[:n]...), !text, err
}

func (s *channelStream) setReadLimit(bytes int64) {
	s.readLimit.Store(min(bytes, int64(s.channel.MaxMessage())))
}
func (s *channelStream) addr() net.Addr { return s.peer.Addr() }
func (s *channelStream) pings() bool    { return false }
func (s *channelStream) cut()           { s.peer.End() }

// hangUp ends the peer once the client has everything, or after lingerTime.
func (s *channelStream) hangUp() error {
	defer s.peer.End()
	late := time.NewTimer(lingerTime)
	defer late.Stop()
	s.channel.SetLow(0)
	for s.channel.Waiting() > 0 {
		select {
		case <-s.low:
		case <-s.peer.Done():
			return nil
		case <-late.C:
			return nil
		}
	}
	return nil
}

func (s *channelStream) add(p wire.Packet) int {
	if p.IsControl() {
		return 0
	}
	s.waiting = append(s.waiting, p)
	return len(p.Payload())
}

func (s *channelStream) stuck() bool { return len(s.waiting) > 0 }

func (s *channelStream) try() bool {
	for i, p := range s.waiting {
		if s.channel.Waiting() > channelBacklog || s.write(p) != nil {
			s.waiting = append([]wire.Packet(nil), s.waiting[i:]...)
			return false // the writer waits, and meets the errors
		}
	}
	s.reset()
	return true
}

func (s *channelStream) flush(progress *atomic.Uint64) error {
	for _, p := range s.waiting {
		for s.channel.Waiting() > channelBacklog {
			select {
			case <-s.low:
			case <-s.peer.Done():
				return net.ErrClosed
			}
		}
		if err := s.write(p); err != nil {
			return err
		}
		progress.Add(2)
	}
	s.reset()
	return nil
}

func (s *channelStream) write(p wire.Packet) error {
	return s.channel.Write(p.Payload(), !p.Binary())
}

func (s *channelStream) reset() {
	if cap(s.waiting) > keepItems {
		s.waiting = nil
	}
	clear(s.waiting)
	s.waiting = s.waiting[:0]
}
