package transport

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"downbeat.local/appliance/rtc"
)

// peerSet holds the peers that are connecting or connected.
type peerSet struct {
	running *sync.WaitGroup // counts them, and what remains to be done after they end
	log     *slog.Logger

	mu      sync.Mutex         // guards what follows
	lone    map[*rtc.Peer]bool // true if the peer is a connection by itself
	stopped bool
}

func newPeerSet(running *sync.WaitGroup, log *slog.Logger) *peerSet {
	return &peerSet{running: running, log: log, lone: make(map[*rtc.Peer]bool)}
}

// start holds a peer until run, on a goroutine of its own, returns. It calls
// kept, if there is one, just before that. The error is [ErrStopped], and then
// the peer has ended.
func (s *peerSet) start(p *rtc.Peer, kept, run func()) error {
	if !s.begin(p, kept, run) {
		p.Discard()
		return ErrStopped
	}
	return nil
}

func (s *peerSet) begin(p *rtc.Peer, kept, run func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	if kept != nil {
		kept()
	}
	s.lone[p] = false
	s.running.Go(func() { // waited for in Server.end
		defer s.forget(p)
		defer p.End()
		s.guarded(run)()
	})
	return true
}

// guarded returns f, in which a bug of this repository or of a library ends only
// the peer that it is about.
func (s *peerSet) guarded(f func()) func() {
	return func() {
		defer func() {
			if fault := recover(); fault != nil {
				s.log.Error("bug in a peer, ending it", "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
			}
		}()
		f()
	}
}

func (s *peerSet) forget(p *rtc.Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.lone, p)
}

// markLone says that a peer is a connection by itself.
func (s *peerSet) markLone(p *rtc.Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lone[p] = true
}

// stop starts no more peers and ends all but the lone ones. Those get what waits
// for them and end as connections do.
func (s *peerSet) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for p, lone := range s.lone {
		if !lone {
			p.End()
		}
	}
}

// size returns how many peers there are.
func (s *peerSet) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lone)
}
