package transport

import (
	"context"
	"errors"
	"net"
	"sync"

	"downbeat.local/appliance/rtc"
)

// Errors of [Server.Offer], besides [ErrFull] and [rtc.ErrBadOffer].
var (
	// ErrNoLane means that the box has no UDP port for data channels.
	ErrNoLane = errors.New("no data channels on this box")
	// ErrStopped means that the server stops.
	ErrStopped = errors.New("the box stops")
	// ErrNoConn means that no connection of that name is open.
	ErrNoConn = errors.New("no connection has that name")
	// ErrNotYours means that another caller's connection has that name.
	ErrNotYours = errors.New("that connection is another caller's")
)

// OpenLanes makes the server answer offers, until it stops.
func (s *Server) OpenLanes(ctx context.Context, cfg rtc.Config) (err error) {
	s.listener, err = rtc.Listen(ctx, cfg, s.log)
	return err
}

// CloseLanes gives the UDP port back. Run does so at its end.
func (s *Server) CloseLanes() {
	if s.listener == nil {
		return
	}
	if err := s.listener.Close(); err != nil {
		s.log.Debug("cannot close the UDP socket", "err", err)
	}
}

// LaneAddr returns the address of the peers' socket, nil without lanes.
func (s *Server) LaneAddr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Offer answers the SDP offer of a caller's peer. If the caller names a
// connection of theirs, the peer becomes its lane. Otherwise it is a lone peer,
// a connection with the receiver that accept returns for it.
func (s *Server) Offer(ctx context.Context, offer string, who Caller, accept func(*Conn) Receiver) (answer string, err error) {
	if s.listener == nil {
		return "", ErrNoLane
	}
	if who.ConnName != "" {
		answer, err = s.offerLane(ctx, offer, who)
	} else {
		answer, err = s.offerLone(ctx, offer, who, accept)
	}
	if err != nil && s.hasStopped() {
		return "", ErrStopped
	}
	return answer, err
}

// offerLone answers the offer of a lone peer.
func (s *Server) offerLone(ctx context.Context, offer string, who Caller, accept func(*Conn) Receiver) (answer string, err error) {
	if !s.pending.begin(who.Address) {
		s.counters.refused.Add("awaited")
		return "", ErrFull
	}
	place := s.places.take(who)
	if place == nil {
		s.pending.end(who.Address)
		return "", ErrFull
	}
	p, answer, err := s.listener.Answer(ctx, offer, &s.conns)
	if err == nil {
		err = s.peers.start(p, nil, func() {
			defer s.places.free(place)
			s.runLone(p, place, accept)
		})
	}
	if err != nil {
		s.pending.end(who.Address)
		s.places.free(place)
	}
	return answer, err
}

// offerLane answers the offer of a peer that becomes a connection's lane.
func (s *Server) offerLane(ctx context.Context, offer string, who Caller) (answer string, err error) {
	c, err := s.connOf(ctx, who)
	if err != nil {
		return "", err
	}
	p, answer, err := s.listener.Answer(ctx, offer, &s.conns)
	if err != nil {
		return "", err
	}
	return answer, s.peers.start(p, func() { c.expect(p) }, func() { s.runLane(p, who.Lane, c) })
}

// connOf returns the connection that the caller names. A caller with nothing but
// a key is not known by address, because a device may have two.
func (s *Server) connOf(ctx context.Context, who Caller) (*Conn, error) {
	c, err := s.names.find(ctx, who.ConnName)
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

// runLane waits until a peer has connected, and then makes it a connection's
// lane of that number until either ends.
func (s *Server) runLane(p *rtc.Peer, number uint32, c *Conn) {
	connected := !c.isClosed() && p.Connect()
	c.coming.CompareAndSwap(p, nil)
	if !connected {
		return
	}
	l := newLane(c, p, number) // from now on it counts as silent
	c.attach(l)
	defer c.detach(l)
	var running sync.WaitGroup
	running.Go(s.peers.guarded(p.GuardStreams))
	running.Go(l.write)
	running.Go(func() { l.read(p.Notes) })
	l.read(p.State)
	running.Wait()
}

// runLone waits until a lone peer has connected, and then makes it a connection
// until it ends.
func (s *Server) runLone(p *rtc.Peer, place *place, accept func(*Conn) Receiver) {
	arrived := sync.OnceFunc(func() { s.pending.end(place.who.Address) })
	defer arrived()
	connected := p.Connect()
	arrived()
	if !connected {
		return
	}
	c := newConn(newChannelStream(p), place.who, s)
	c.lone = true
	if !s.places.bind(place, c) || !s.admit(c, accept) {
		return
	}
	defer s.conns.Done()
	defer s.forget(c)
	s.peers.markLone(p)
	l := newLoneLane(c, p)
	c.attach(l)
	defer c.detach(l)
	var running sync.WaitGroup
	running.Go(s.peers.guarded(p.GuardStreams))
	running.Go(l.write)
	running.Go(func() { l.read(p.Notes) })
	c.run()
	p.End()
	running.Wait()
}
