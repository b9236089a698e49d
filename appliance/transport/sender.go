package transport

import (
	"net"
	"runtime"
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/wire"
)

// sender is the reliable half of a connection: what waits for the client, and
// the stream that it leaves by.
type sender struct {
	stream   stream
	out      outbox
	shared   *counters
	overflow func(why string) // ends the connection: its queue is full
	wake     chan struct{}    // holds one token while something waits

	writing  sync.Mutex    // held during a write; guards the stream's sink
	progress atomic.Uint64 // odd during a write that waits; changes as that goes on
}

// Reply queues a message that is never dropped. If it does not fit, the
// connection is closed.
func (s *sender) Reply(p wire.Packet) { s.push(item{packet: p, kind: reply}) }

// Note queues a message that may be dropped, oldest first, if the client does
// not keep up.
func (s *sender) Note(p wire.Packet) { s.push(item{packet: p, kind: note}) }

// State queues a part of source's state. If the client does not keep up, all
// state that waits is dropped, and source is asked for a snapshot later.
func (s *sender) State(p wire.Packet, source Resyncer) {
	s.push(item{packet: p, kind: state, source: source})
}

func (s *sender) push(it item) {
	if why := s.out.push(it); why != "" {
		s.overflow(why)
		return
	}
	s.Wake()
}

// Wake makes the writer look for something to send. Callers wake a connection
// after a log that it follows has grown.
func (s *sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Follow sends the client everything that is published in log from now on, at
// each Wake and Deliver.
func (s *sender) Follow(log Log) { s.out.follow(log) }

// Unfollow ends a Follow.
func (s *sender) Unfollow(log Log) { s.out.unfollow(log) }

// Close sends what waits and then a close frame with an RFC 6455 code, and
// ends the connection. It returns at once.
func (s *sender) Close(code int, reason string) {
	s.out.close(closeFrame(code, reason))
	s.Wake()
}

// ping asks the client for a pong.
func (s *sender) ping() {
	s.out.ping()
	s.Wake()
}

// pong answers the client's ping.
func (s *sender) pong(data string) {
	s.out.pong(data)
	s.Wake()
}

// write sends what waits at every wake, everything in one write, until closed
// is closed or a close frame has left.
func (s *sender) write(closed <-chan struct{}) error {
	for {
		<-s.wake
		select {
		case <-closed:
			return net.ErrClosed
		default:
		}
		// Run whatever is about to run first. In a busy room it adds more notes
		// to the same write.
		runtime.Gosched()
		stale, last, err := s.writeAll()
		if err != nil {
			return err
		}
		if last {
			return s.stream.hangUp()
		}
		for _, source := range stale {
			source.Resync()
		}
	}
}

// writeAll sends everything that waits, however long that takes.
func (s *sender) writeAll() (stale []Resyncer, last bool, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	stale, last = s.collect()
	s.progress.Add(1)
	defer s.progress.Add(1)
	defer s.out.sent()
	return stale, last, s.stream.flush(&s.progress)
}

// Deliver sends what waits at once, on the caller's goroutine, if the network
// takes it without waiting. Otherwise it is a Wake. Waking a writer costs more
// than half of what its write costs. So a note after a pause is delivered, and
// frequent notes are left to the writers, which take many at a time.
func (s *sender) Deliver() {
	if !s.writing.TryLock() {
		s.Wake()
		return
	}
	defer s.writing.Unlock()
	if s.stream.stuck() || !s.collectPlain() || !s.stream.try() {
		s.Wake()
		return
	}
	s.out.sent()
}

// collectPlain is collect, unless something waits that only the writer may
// send.
func (s *sender) collectPlain() bool {
	sum, ok := s.out.collectPlain(s.stream)
	s.shared.add(sum)
	return ok
}

// collect hands everything that waits to the stream.
func (s *sender) collect() (stale []Resyncer, last bool) {
	sum, stale, last := s.out.collect(s.stream)
	s.shared.add(sum)
	return stale, last
}
