// Package intake bounds the TCP connections of the box, by address and for all.
//
// A connection costs memory and a descriptor before it has said anything. An
// [Intake] stands between the listeners and the HTTP server. When an address or
// the box has as many as it may, the connection goes that has waited longest
// without a request, of the address with the most. A device cannot shut another
// out that way, nor a class out that shares its address.
//
// Connections that have become WebSockets are no longer counted: package transport
// has bounds of its own for them.
package intake

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"downbeat.local/appliance/ratelimit"
)

// Config says what an intake allows.
type Config struct {
	Address int // connections of one address; 0 is no bound
	Box     int // connections of all; 0 is no bound
	// Refused is called when a connection of an address, HOST:PORT, has been
	// closed to make room. It must not block. Nil does nothing.
	Refused func(remote string)
	Log     *slog.Logger // required
}

// Intake holds the connections of the box that are no sockets. It is safe for
// concurrent use.
type Intake struct {
	cfg Config

	mu        sync.Mutex // guards what follows
	open      map[net.Conn]*visit
	byAddress map[string]int
	logged    time.Time // when a failed accept was logged last
}

// visit is one connection.
type visit struct {
	address string
	loop    bool      // from this machine, which has no bound by address
	busy    bool      // a request is under way
	since   time.Time // when busy last changed
}

// New returns an intake without connections.
func New(cfg Config) *Intake {
	if cfg.Refused == nil {
		cfg.Refused = func(string) {}
	}
	return &Intake{cfg: cfg, open: make(map[net.Conn]*visit), byAddress: make(map[string]int)}
}

// Listener returns a listener whose connections the intake bounds. The server
// must call [Intake.Changed] for each change of their state.
func (i *Intake) Listener(l net.Listener) net.Listener { return listener{l, i} }

type listener struct {
	net.Listener
	intake *Intake
}

// Accept returns the next connection that may stay.
func (l listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			l.intake.failed(err)
			return nil, err
		}
		if l.intake.admit(c, time.Now()) {
			return c, nil
		}
		_ = c.Close() // it was never used
	}
}

// failed makes room if accepting failed because the process has no descriptor
// left. The server tries again after a moment.
func (i *Intake) failed(err error) {
	if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	i.closeLocked(i.oldestLocked("", now))
	if now.Sub(i.logged) > time.Minute {
		i.logged = now
		i.cfg.Log.Error("no file descriptor is left for a connection: raise the limit (ulimit -n)", "err", err)
	}
}

// admit counts a connection, and makes room for it if that is needed. It reports
// false if there is none.
func (i *Intake) admit(c net.Conn, now time.Time) bool {
	v := visitOf(c, now)
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.cfg.Address > 0 && !v.loop && i.byAddress[v.address] >= i.cfg.Address:
		i.cfg.Refused(c.RemoteAddr().String())
		if !i.closeLocked(i.oldestLocked(v.address, now)) {
			return false
		}
	case i.cfg.Box > 0 && len(i.open) >= i.cfg.Box:
		most := i.crowdedLocked()
		oldest := i.oldestLocked(most, now)
		if oldest == nil && most == v.address {
			return false
		}
		if !i.closeLocked(oldest) && !i.closeLocked(i.oldestLocked("", now)) {
			return false
		}
	}
	i.open[c] = v
	i.byAddress[v.address]++
	return true
}

func visitOf(c net.Conn, now time.Time) *visit {
	remote := c.RemoteAddr().String()
	host, _, _ := net.SplitHostPort(remote)
	return &visit{address: ratelimit.AddressKey(remote), loop: net.ParseIP(host).IsLoopback(), since: now}
}

// crowdedLocked returns the address with the most connections.
func (i *Intake) crowdedLocked() (most string) {
	for address, n := range i.byAddress {
		if n > i.byAddress[most] {
			most = address
		}
	}
	return most
}

// slowRequest is how long a request takes that may be ended to make room. Those
// of a page take milliseconds; what takes seconds waits for the client.
const slowRequest = 2 * time.Second

// oldestLocked returns the connection of an address that goes first, or of any
// address if it is empty: the one that has waited longest without a request, or
// else the slowest request. It returns nil if all have just begun one.
func (i *Intake) oldestLocked(address string, now time.Time) (oldest net.Conn) {
	first := func(v, than *visit) bool {
		if than == nil || v.busy != than.busy {
			return than == nil || !v.busy
		}
		return v.since.Before(than.since)
	}
	for c, v := range i.open {
		if address != "" && v.address != address || v.busy && now.Sub(v.since) < slowRequest {
			continue
		}
		if first(v, i.open[oldest]) {
			oldest = c
		}
	}
	return oldest
}

// closeLocked closes a connection to make room. It reports false if there is
// none.
func (i *Intake) closeLocked(c net.Conn) bool {
	if c == nil {
		return false
	}
	i.cfg.Refused(c.RemoteAddr().String())
	i.forgetLocked(c)
	_ = c.Close() // the server notices, and ends with it
	return true
}

func (i *Intake) forgetLocked(c net.Conn) {
	v := i.open[c]
	if v == nil {
		return
	}
	delete(i.open, c)
	if i.byAddress[v.address]--; i.byAddress[v.address] <= 0 {
		delete(i.byAddress, v.address)
	}
}

// Changed follows a connection, as http.Server.ConnState.
func (i *Intake) Changed(c net.Conn, state http.ConnState) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch state {
	case http.StateActive, http.StateIdle:
		if v := i.open[c]; v != nil {
			v.busy, v.since = state == http.StateActive, time.Now()
		}
	case http.StateHijacked, http.StateClosed:
		i.forgetLocked(c)
	}
}

// Open returns how many connections are counted.
func (i *Intake) Open() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.open)
}
