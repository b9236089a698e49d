package impair

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// maxDatagram is the longest datagram that a relay passes on whole.
const maxDatagram = 2048

// maxClients is how many clients a relay serves. Datagrams of others are dropped.
const maxClients = 256

// Relay passes datagrams between clients and one server, under conditions. The
// server sees every client at a port of its own.
type Relay struct {
	conn   *net.UDPConn
	server netip.AddrPort

	up, down *link[netip.AddrPort] // flows are named by clients

	mu      sync.Mutex // guards clients, and that none is added after the end
	clients map[netip.AddrPort]*net.UDPConn
	ended   bool
	reading sync.WaitGroup
}

// NewRelay listens on a free port of the server's address family, on
// loopback.
func NewRelay(server netip.AddrPort, c Conditions, seed uint64) (*Relay, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback(server), 0)))
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	r := &Relay{conn: conn, server: server, clients: make(map[netip.AddrPort]*net.UDPConn)}
	r.up = newLink(c, seed, r.toServer)
	r.down = newLink(c, seed+1, r.toClient)
	return r, nil
}

func loopback(near netip.AddrPort) netip.Addr {
	if near.Addr().Unmap().Is4() {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

// Addr is the address for clients.
func (r *Relay) Addr() netip.AddrPort { return r.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// Impair changes the conditions and resets the counts.
func (r *Relay) Impair(c Conditions, seed uint64) error {
	if err := c.Validate(); err != nil {
		return err
	}
	r.up.impair(c, seed)
	r.down.impair(c, seed+1)
	return nil
}

// Counts counts the datagrams to the server and from it.
func (r *Relay) Counts() (up, down Count) { return r.up.counted(), r.down.counted() }

// Run relays until ctx ends. It returns an error only if the socket fails.
func (r *Relay) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { r.up.run(ctx) })
	running.Go(func() { r.down.run(ctx) })
	stop := context.AfterFunc(ctx, func() { _ = r.conn.Close() })
	defer stop()
	err := r.listen()
	if ctx.Err() != nil {
		err = nil
	}
	cancel()
	r.end()
	running.Wait()
	return err
}

// listen takes datagrams of clients until the socket is closed.
func (r *Relay) listen() error {
	for {
		buf := make([]byte, maxDatagram)
		n, from, err := r.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return fmt.Errorf("relay: %w", err)
		}
		r.up.take(from, buf[:n], time.Now())
	}
}

// toServer sends a client's datagram on. A datagram that fails is lost.
func (r *Relay) toServer(client netip.AddrPort, packet []byte) {
	if conn := r.client(client); conn != nil {
		_, _ = conn.Write(packet)
	}
}

func (r *Relay) toClient(client netip.AddrPort, packet []byte) {
	_, _ = r.conn.WriteToUDPAddrPort(packet, client)
}

// client finds or makes the socket of a client to the server; nil if there are
// too many clients.
func (r *Relay) client(of netip.AddrPort) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	conn := r.clients[of]
	if conn != nil || r.ended || len(r.clients) >= maxClients {
		return conn
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.server))
	if err != nil {
		return nil
	}
	r.clients[of] = conn
	r.reading.Go(func() { r.answers(of, conn) })
	return conn
}

// answers takes the datagrams of the server for a client, until the relay ends.
func (r *Relay) answers(to netip.AddrPort, conn *net.UDPConn) {
	for {
		buf := make([]byte, maxDatagram)
		n, err := conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil { // an error means that the server's port is closed for now
			r.down.take(to, buf[:n], time.Now())
		}
	}
}

func (r *Relay) end() {
	r.mu.Lock()
	r.ended = true
	for _, conn := range r.clients {
		_ = conn.Close()
	}
	r.mu.Unlock()
	r.reading.Wait()
}
