package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/rtc"
)

// ErrFull means that the caller or the box has as many connections as it may.
var ErrFull = errors.New("too many connections")

// Server makes connections out of requests and offers, and owns them.
type Server struct {
	limits   Limits
	log      *slog.Logger
	upgrader websocket.Upgrader

	listener *rtc.Listener // nil without lanes; set before Run
	names    *connNames    // of connections that may get a lane
	pending  pending       // lone peers

	counters *counters
	places   *places
	total    *totalBacklog
	conns    sync.WaitGroup // connections and peers
	peers    *peerSet

	mu      sync.Mutex // guards what follows
	open    map[*Conn]struct{}
	opened  uint64
	stopped bool
}

// NewServer returns a server that accepts connections once it runs.
func NewServer(limits Limits, log *slog.Logger) *Server {
	limits = limits.withDefaults()
	counters := newCounters()
	s := &Server{
		limits: limits, log: log, counters: counters,
		places: newPlaces(limits, counters.refused), total: newTotalBacklog(limits.Total),
		names: newConnNames(), open: make(map[*Conn]struct{}),
		upgrader: websocket.Upgrader{
			// Notes are a few dozen bytes; longer messages take several reads.
			ReadBufferSize:  1024,
			WriteBufferPool: &sync.Pool{}, // only control frames are written through gorilla
			Subprotocols:    []string{"phoenix"},
			// Tokens guard these sockets, not origins: any page may have a token.
			CheckOrigin: func(*http.Request) bool { return true },
			Error:       func(http.ResponseWriter, *http.Request, int, error) {},
		},
	}
	s.peers = newPeerSet(&s.conns, log)
	return s
}

// Run is the janitor of all connections until ctx ends. It returns after the
// last connection has ended.
func (s *Server) Run(ctx context.Context) error {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.checkAll(monotonic())
		case <-s.total.tight:
			s.relieve()
		case <-ctx.Done():
			s.end()
			return context.Cause(ctx)
		}
	}
}

// checkAll pings silent connections and ends hopeless ones.
func (s *Server) checkAll(now time.Duration) {
	for _, c := range s.all() {
		if why := c.check(now, s.limits); why != "" {
			s.log.Info("closing a connection", "addr", c.RemoteAddr(), "why", why)
			s.counters.cut.Add(why)
			c.drop()
		}
	}
}

// end closes every connection because the box restarts, and waits for them. It
// cuts those that have not ended within a write timeout.
func (s *Server) end() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	for _, c := range s.all() {
		c.Close(websocket.CloseServiceRestart, "the box restarts")
	}
	cut := time.AfterFunc(s.limits.WriteTimeout, func() {
		for _, c := range s.all() {
			c.drop()
		}
	})
	defer cut.Stop()
	s.peers.stop()
	s.conns.Wait()
	s.CloseLanes()
}

// Serve upgrades a request and starts the connection with the receiver that
// accept returns for it. It returns at once, so that net/http frees what the
// request held. If the upgrade fails, Serve has answered the request; if the
// error is [ErrFull], it has not.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, who Caller, accept func(*Conn) Receiver) error {
	place := s.places.take(who)
	if place == nil {
		return ErrFull
	}
	name := s.names.reserve(who.ConnName)
	upgrade := w
	if !who.Staff {
		upgrade = pacedUpgrade{w, s.limits}
	}
	ws, err := s.upgrader.Upgrade(upgrade, r, nil)
	if err != nil {
		s.names.fail(name)
		s.places.free(place)
		http.Error(w, "This address speaks WebSocket.", http.StatusBadRequest)
		return err
	}
	tune(unpaced(ws.NetConn()))
	c := newConn(newWSStream(ws), who, s)
	handleControls(ws, c)
	if !s.places.bind(place, c) || !s.admit(c, accept) {
		s.names.fail(name)
		s.places.free(place)
		c.drop()
		return net.ErrClosed
	}
	name.set(c)
	go func() { // waited for in end
		defer s.conns.Done()
		defer s.places.free(place)
		defer s.forget(c)
		defer s.names.forget(name)
		c.run()
	}()
	return nil
}

// admit makes a connection one of the server's, with the receiver that accept
// returns for it. It reports false if the server has stopped. The caller calls
// s.conns.Done once the connection has ended.
func (s *Server) admit(c *Conn, accept func(*Conn) Receiver) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.open[c] = struct{}{}
	s.opened++
	s.conns.Add(1)
	c.inbox.receiver = accept(c)
	return true
}

func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	c.out.sent()
	dropped := c.out.dropped()
	s.counters.notes.Add(dropped.notes)
	s.counters.states.Add(dropped.states)
}

func (s *Server) all() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*Conn, 0, len(s.open))
	for c := range s.open {
		conns = append(conns, c)
	}
	return conns
}

// Clients returns the number of open connections.
func (s *Server) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
