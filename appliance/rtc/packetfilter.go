package rtc

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

// packetFilter is the UDP socket of all peers, without packets that would flood
// them. The libraries keep 8 KiB for each datagram that waits. They remember every
// address that ever sent a peer an ICE check. Neither is bounded.
// So the filter drops packets of strangers, and those of a peer that sends too
// fast or from too many addresses.
type packetFilter struct {
	*net.UDPConn
	sent, received, refused atomic.Uint64 // packets

	mu        sync.Mutex // guards what follows
	peers     map[string]*peerBudget
	addresses map[netip.AddrPort]*source
	check     stun.Message // scratch
}

// peerBudget is what one peer may send. Its name is the ICE ufrag that the box
// has for the peer.
type peerBudget struct {
	packets   *rate.Limiter
	addresses []netip.AddrPort
}

const (
	// packetsPerSecond and packetsBurst bound the datagrams from one peer: twice
	// what a device sends that plays as fast as it may and acknowledges
	// everything. A datagram counts once more for every bytesPerPacket in it,
	// because a packet full of pieces of messages is much work for SCTP.
	packetsPerSecond = 600
	packetsBurst     = 1200
	bytesPerPacket   = 256
	// maxAddresses is from how many addresses a peer may send in its life. A
	// device has a few, and makes a new peer when it moves.
	maxAddresses = 16
)

func newPacketFilter(conn *net.UDPConn) *packetFilter {
	return &packetFilter{UDPConn: conn, peers: make(map[string]*peerBudget), addresses: make(map[netip.AddrPort]*source)}
}

// admit passes packets for a peer from now on.
func (f *packetFilter) admit(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.peers[name] == nil {
		f.peers[name] = &peerBudget{packets: rate.NewLimiter(packetsPerSecond, packetsBurst)}
	}
}

// forget drops packets for a peer from now on.
func (f *packetFilter) forget(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.peers[name]
	if b == nil {
		return
	}
	delete(f.peers, name)
	for _, from := range b.addresses {
		if s := f.addresses[from]; s != nil && s.budget == b {
			delete(f.addresses, from)
		}
	}
}

// size returns how many peers are admitted, and from how many addresses.
func (f *packetFilter) size() (peers, addresses int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.peers), len(f.addresses)
}

// ReadFromAddrPort waits for the next packet that passes.
func (f *packetFilter) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := f.ReadFromUDPAddrPort(b)
		if err != nil {
			return n, from, err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port()) // a socket for IPv6 writes IPv4 as IPv6
		if f.passes(b[:n], from) {
			f.received.Add(1)
			return n, from, nil
		}
		f.refused.Add(1)
	}
}

// WriteToAddrPort sends a packet, unless it is more than an unproven address may be
// sent: see [source]. Then it is lost, as packets are.
func (f *packetFilter) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if !f.mayAnswer(b, netip.AddrPortFrom(to.Addr().Unmap(), to.Port())) {
		f.refused.Add(1)
		return len(b), nil
	}
	f.sent.Add(1)
	return f.WriteToUDPAddrPort(b, to)
}

// passes reports whether a packet is for a peer that has budget for it. An
// address belongs to the peer that the latest ICE check from there was for.
func (f *packetFilter) passes(packet []byte, from netip.AddrPort) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.addresses[from]
	if checked := f.checkedLocked(packet); checked != nil && (s == nil || checked != s.budget) {
		if len(checked.addresses) == maxAddresses {
			return false
		}
		if s == nil {
			s = &source{}
			f.addresses[from] = s
		}
		s.budget = checked
		checked.addresses = append(checked.addresses, from)
	}
	if s == nil || !s.budget.packets.AllowN(time.Now(), 1+len(packet)/bytesPerPacket) {
		return false
	}
	s.heard(packet)
	return true
}

// mayAnswer reports whether a packet may go to an address, and counts it. An address
// that no peer has sent from is not bounded: it was of one that has just ended.
func (f *packetFilter) mayAnswer(packet []byte, to netip.AddrPort) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.addresses[to]
	return s == nil || s.mayAnswer(packet)
}

// checkedLocked returns the budget of the peer that an ICE check is for. It
// returns nil if the packet is no check, or for no peer.
func (f *packetFilter) checkedLocked(packet []byte) *peerBudget {
	if !stun.IsMessage(packet) {
		return nil
	}
	f.check.Raw = packet
	if f.check.Decode() != nil {
		return nil
	}
	username, err := f.check.Get(stun.AttrUsername)
	if err != nil {
		return nil
	}
	name, _, _ := bytes.Cut(username, []byte(":"))
	return f.peers[string(name)]
}
