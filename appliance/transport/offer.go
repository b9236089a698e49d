package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"
)

// Errors of [Server.Offer], besides [ErrFull], [ErrNoLane] and [ErrBadOffer].
var (
	// ErrStopped means that the server stops.
	ErrStopped = errors.New("the box stops")
	// ErrNoLink means that no connection is open under that link.
	ErrNoLink = errors.New("no connection has that link")
	// ErrNotYours means that the link's connection is somebody else's.
	ErrNotYours = errors.New("that link is somebody else's")
)

// openTimeout is how long a peer has, from its answer, to open its channels:
// a handshake on a crowded radio, many times over.
const openTimeout = 10 * time.Second

// OpenLanes makes the server answer offers, until it stops.
func (s *Server) OpenLanes(ctx context.Context, cfg LaneConfig) (err error) {
	s.lanes, err = openLanes(ctx, cfg, s.log)
	return err
}

// CloseLanes gives the UDP port back. Run does so at its end.
func (s *Server) CloseLanes() {
	if s.lanes == nil {
		return
	}
	if err := s.lanes.mux.Close(); err != nil {
		s.log.Debug("cannot close the socket of the lanes", "err", err)
	}
}

// LaneAddr is where the peers' socket is; nil without lanes.
func (s *Server) LaneAddr() net.Addr {
	if s.lanes == nil {
		return nil
	}
	return s.lanes.mux.conn.LocalAddr()
}

// Offer answers the offer (SDP) of a caller's peer. With a link it becomes the
// lane of the caller's connection of that link; without, it is a connection of
// its own, with the receiver that accept returns for it.
func (s *Server) Offer(ctx context.Context, offer string, who Caller, accept func(*Conn) Receiver) (answer string, err error) {
	if s.lanes == nil {
		return "", ErrNoLane
	}
	if who.Link != "" {
		answer, err = s.offerLane(ctx, offer, who)
	} else {
		answer, err = s.offerAlone(ctx, offer, who, accept)
	}
	if err != nil && s.hasStopped() {
		return "", ErrStopped
	}
	return answer, err
}

// offerAlone answers an offer that is to be a connection of its own.
func (s *Server) offerAlone(ctx context.Context, offer string, who Caller, accept func(*Conn) Receiver) (answer string, err error) {
	if !s.lanes.awaited.begin(who.Address) {
		s.counters.refused.Add("awaited")
		return "", ErrFull
	}
	if !s.take(who) {
		s.lanes.awaited.end(who.Address)
		return "", ErrFull
	}
	p, answer, err := s.lanes.answer(ctx, offer, &s.conns)
	if err == nil {
		err = s.keep(p, nil, func() {
			defer s.giveBack(who)
			s.standAlone(p, who, accept)
		})
	}
	if err != nil {
		s.lanes.awaited.end(who.Address)
		s.giveBack(who)
	}
	return answer, err
}

// offerLane answers an offer that is to be the lane of a connection.
func (s *Server) offerLane(ctx context.Context, offer string, who Caller) (answer string, err error) {
	c, err := s.linkedTo(ctx, who)
	if err != nil {
		return "", err
	}
	p, answer, err := s.lanes.answer(ctx, offer, &s.conns)
	if err != nil {
		return "", err
	}
	kept := func() {
		if old := c.coming.Swap(p); old != nil {
			old.end() // two at a time would be no use
		}
	}
	return answer, s.keep(p, kept, func() { s.runLane(p, who.Lane, c) })
}

// linkedTo is the caller's connection of the caller's link. Who has nothing but
// a key is not known by his address: a device may come from two.
func (s *Server) linkedTo(ctx context.Context, who Caller) (*Conn, error) {
	c, err := s.links.find(ctx, who.Link)
	if err == nil && c.caller.Key != who.Key && !(c.caller.Many && who.Many) {
		return nil, ErrNotYours
	}
	return c, err
}

func (s *Server) hasStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// keep lets a peer live as long as live takes. kept, if there is one, is called
// just before, when that is certain. The error is [ErrStopped], and the peer has
// ended then.
func (s *Server) keep(p *peer, kept, live func()) error {
	if !s.begin(p, kept, live) {
		p.discard()
		return ErrStopped
	}
	return nil
}

func (s *Server) begin(p *peer, kept, live func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	if kept != nil {
		kept()
	}
	s.peers[p] = struct{}{}
	s.conns.Go(func() { // waited for in end
		defer s.forgetPeer(p)
		defer p.end()
		s.guarded(live)()
	})
	return true
}

// guarded is f, in which a bug of this repository or of a library ends only
// what it is about.
func (s *Server) guarded(f func()) func() {
	return func() {
		defer func() {
			if fault := recover(); fault != nil {
				s.log.Error("bug in a peer, ending it", "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
			}
		}()
		f()
	}
}

func (s *Server) forgetPeer(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}

// stand makes a peer one that is told of the box's end, and not just ended.
func (s *Server) stand(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.alone = true
}

// runLane lets a connection have a lane of that number, once its peer has
// connected, until either ends.
func (s *Server) runLane(p *peer, number uint32, c *Conn) {
	connected := !c.isClosed() && p.connect()
	c.coming.CompareAndSwap(p, nil)
	if !connected {
		return
	}
	l := newLane(p, number) // it is as old as this
	c.attach(l)
	defer c.detach(l)
	var running sync.WaitGroup
	running.Go(s.guarded(p.guardStreams))
	running.Go(func() { c.writeLane(l) })
	running.Go(func() { c.readLane(l, p.notes, maxNote) })
	c.readLane(l, p.state, maxState)
	running.Wait()
}

// standAlone lets a peer be a connection of its own until it ends.
func (s *Server) standAlone(p *peer, who Caller, accept func(*Conn) Receiver) {
	arrived := sync.OnceFunc(func() { s.lanes.awaited.end(who.Address) })
	defer arrived()
	connected := p.connect()
	arrived()
	if !connected {
		return
	}
	c := newConn(newChannelLine(p), s)
	c.linked, c.staff = true, who.Staff
	if !s.admit(c, accept) {
		return
	}
	defer s.conns.Done()
	defer s.forget(c)
	s.stand(p)
	l := loneLane(p)
	c.attach(l)
	defer c.detach(l)
	var running sync.WaitGroup
	running.Go(s.guarded(p.guardStreams))
	running.Go(func() { c.writeLane(l) })
	running.Go(func() { c.readLane(l, p.notes, maxNote) })
	c.run()
	p.end()
	running.Wait()
}
