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
)

// ErrFull means that the box has as many connections as it may.
var ErrFull = errors.New("too many connections")

// Server upgrades requests to connections and owns them.
type Server struct {
	limits   Limits
	log      *slog.Logger
	upgrader websocket.Upgrader

	lanes *lanes // nil if there are none; set before Run
	links *links // to connections that may get one

	conns    sync.WaitGroup // of connections and peers
	counters *counters
	total    *budget
	mu       sync.Mutex // guards what follows
	open     map[*Conn]struct{}
	peers    map[*peer]struct{}
	taken    int            // places, of connections and of those that are being upgraded
	callers  map[string]int // places by caller
	opened   uint64
	stopped  bool
}

// Caller is who asks for a connection, as far as places go.
type Caller struct {
	Key   string // the same for the same caller
	Many  bool   // stands for several people: a device with a program's key
	Staff bool   // may have the reserve
	// Link is what the caller calls this connection, to give it a lane later;
	// empty means that it gets none. Nobody else must be able to guess it.
	Link string
	// Address is the device's, for what is bounded by device.
	Address string
	// Lane is what the caller calls the lane that he offers, so that he can say
	// later which one he has given up.
	Lane uint32
}

// NewServer returns a server that accepts connections once it runs.
func NewServer(limits Limits, log *slog.Logger) *Server {
	limits = limits.withDefaults()
	return &Server{
		limits: limits, total: newBudget(limits.Total),
		log: log, counters: newCounters(),
		open: make(map[*Conn]struct{}), callers: make(map[string]int),
		peers: make(map[*peer]struct{}), links: newLinks(),
		upgrader: websocket.Upgrader{
			// Notes are a few dozen bytes; longer messages take several reads.
			ReadBufferSize:  1024,
			WriteBufferPool: &sync.Pool{}, // control frames aside, nothing is written through gorilla
			Subprotocols:    []string{"phoenix"},
			// Tokens guard these sockets, not origins: any page may hold one.
			CheckOrigin: func(*http.Request) bool { return true },
			Error:       func(http.ResponseWriter, *http.Request, int, error) {},
		},
	}
}

// Run watches over the connections until ctx ends; it returns after the last
// of them has.
func (s *Server) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.sweep(monotonic())
		case <-s.total.tight:
			s.relieve()
		case <-ctx.Done():
			s.end()
			return context.Cause(ctx)
		}
	}
}

// end tells every client that the box restarts, waits for the connections to
// end, and cuts those that have not within a write timeout.
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
	s.endPeers()
	s.conns.Wait()
	s.CloseLanes()
}

// endPeers ends the lanes; what stands alone has been told and ends by itself.
func (s *Server) endPeers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		if !p.alone {
			p.end()
		}
	}
}

// Serve upgrades a request and starts the connection with the receiver that
// accept returns for it. It returns at once, so that net/http frees what the
// request held; the connection lives on its own. Errors have not been
// answered if they are [ErrFull], and have if the upgrade failed.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, who Caller, accept func(*Conn) Receiver) error {
	if !s.take(who) {
		return ErrFull
	}
	l := s.links.announce(who.Link)
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.links.fail(l)
		s.giveBack(who)
		http.Error(w, "This address speaks WebSocket.", http.StatusBadRequest)
		return err
	}
	tune(ws.NetConn())
	c := newConn(newWSLine(ws), s)
	c.heed(ws)
	c.caller, c.linked, c.staff = who, who.Link != "", who.Staff
	if !s.admit(c, accept) {
		s.links.fail(l)
		s.giveBack(who)
		c.drop()
		return net.ErrClosed
	}
	l.is(c)
	go func() { // waited for in end
		defer s.conns.Done()
		defer s.giveBack(who)
		defer s.forget(c)
		defer s.links.forget(l)
		c.run()
	}()
	return nil
}

// admit makes a connection one of the server's, with the receiver that accept
// returns for it; false if the server has stopped. The caller says s.conns.Done
// once it has ended.
func (s *Server) admit(c *Conn, accept func(*Conn) Receiver) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.open[c] = struct{}{}
	s.opened++
	s.conns.Add(1)
	c.ear.receiver = accept(c)
	return true
}

// take takes a place for a caller, if there is one for him.
func (s *Server) take(who Caller) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.limits.Clients
	if !who.Staff {
		most -= min(s.limits.Reserve, most/2)
	}
	each := s.limits.Each
	if who.Many {
		each = s.limits.Shared
	}
	switch {
	case s.taken >= most:
		s.counters.refused.Add("box_full")
		return false
	case s.callers[who.Key] >= each:
		s.counters.refused.Add("caller_full")
		return false
	}
	s.taken++
	s.callers[who.Key]++
	return true
}

func (s *Server) giveBack(who Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.callers[who.Key]--; s.callers[who.Key] <= 0 {
		delete(s.callers, who.Key)
	}
}

func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	c.out.sent()
	missed := c.out.dropped()
	s.counters.notes.Add(missed.notes)
	s.counters.states.Add(missed.states)
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

// Clients is the number of open connections.
func (s *Server) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// sweep pings the silent and ends the hopeless.
func (s *Server) sweep(now time.Duration) {
	for _, c := range s.all() {
		if why := c.look(now, s.limits); why != "" {
			s.log.Info("closing a connection", "addr", c.RemoteAddr(), "why", why)
			s.counters.cut.Add(why)
			c.drop()
		}
	}
}
