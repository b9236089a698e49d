package transport

import (
	"bytes"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/stun/v4"
	"golang.org/x/time/rate"
)

// gate is the socket of all peers, without what would flood them. The
// libraries keep a packet of 8 KiB for each datagram that waits, however many
// those are, and remember every address from which a peer was ever asked for
// a sign of life. A stranger's packets end here, and so do those of a peer who
// sends faster, or from more places, than anybody has to.
type gate struct {
	*net.UDPConn
	sent, received, refused atomic.Uint64 // packets

	mu     sync.Mutex // guards what follows
	doors  map[string]*door
	places map[netip.AddrPort]*door
	check  stun.Message // scratch
}

// door is one peer's, under the name that the box has for it in ICE (its
// ufrag).
type door struct {
	pace   *rate.Limiter
	places []netip.AddrPort
}

const (
	// doorPace is how many datagrams a second may come for a peer, and
	// doorBurst how many of them at once: twice what a device sends that plays
	// as fast as it may and acknowledges everything. One counts once more for
	// every doorBytes in it: a packet that is full of pieces of messages is
	// much work for SCTP.
	doorPace  = 600
	doorBurst = 1200
	doorBytes = 256
	// doorPlaces is from how many addresses a peer may be reached in its life:
	// a device has a few, and makes a new peer when it moves.
	doorPlaces = 16
)

func newGate(conn *net.UDPConn) *gate {
	return &gate{UDPConn: conn, doors: make(map[string]*door), places: make(map[netip.AddrPort]*door)}
}

// open lets packets come for a peer.
func (g *gate) open(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doors[name] == nil {
		g.doors[name] = &door{pace: rate.NewLimiter(doorPace, doorBurst)}
	}
}

// shut ends that.
func (g *gate) shut(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.doors[name]
	if d == nil {
		return
	}
	delete(g.doors, name)
	for _, from := range d.places {
		if g.places[from] == d {
			delete(g.places, from)
		}
	}
}

// ReadFromAddrPort waits for the next packet that may pass.
func (g *gate) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := g.ReadFromUDPAddrPort(b)
		if err != nil {
			return n, from, err
		}
		if g.passes(b[:n], from) {
			g.received.Add(1)
			return n, from, nil
		}
		g.refused.Add(1)
	}
}

// WriteToAddrPort sends a packet.
func (g *gate) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	g.sent.Add(1)
	return g.WriteToUDPAddrPort(b, to)
}

func (g *gate) passes(packet []byte, from netip.AddrPort) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.places[from]
	if asked := g.askedLocked(packet); asked != nil && asked != d {
		if len(asked.places) == doorPlaces {
			return false
		}
		d, g.places[from] = asked, asked
		asked.places = append(asked.places, from)
	}
	return d != nil && d.pace.AllowN(time.Now(), 1+len(packet)/doorBytes)
}

// askedLocked is the door of the peer whom a packet asks for a sign of life;
// nil if it asks nobody that there is.
func (g *gate) askedLocked(packet []byte) *door {
	if !stun.IsMessage(packet) {
		return nil
	}
	g.check.Raw = packet
	if g.check.Decode() != nil {
		return nil
	}
	who, err := g.check.Get(stun.AttrUsername)
	if err != nil {
		return nil
	}
	name, _, _ := bytes.Cut(who, []byte(":"))
	return g.doors[string(name)]
}
