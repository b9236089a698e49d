// Package lan knows the addresses of this machine in the network of a class.
// Pages, QR codes and WebRTC answers all take them from here, so that they
// never disagree.
//
// It judges a network interface by what the kernel says that it is, never by its
// name. The class is behind hardware, behind a bridge or a bond that has such a
// port, or where the default route leads. Bridges of containers and virtual
// machines are used only if this machine has nothing else. Loopback and
// point-to-point tunnels are never used: no other device is on them.
package lan

import (
	"cmp"
	"net/netip"
	"slices"
)

// Address is one address of one network interface.
type Address struct {
	Interface string
	IP        netip.Addr
	Place     Place
	// Fleeting means that the system is about to replace the address, or has
	// found it in use elsewhere.
	Fleeting bool
}

// Place tells how likely a class is behind an interface. The greater, the better.
type Place int

const (
	// Nowhere has no other devices: loopback, a tunnel, a bridge without ports.
	Nowhere Place = iota
	// Inside leads to containers or virtual machines of this machine, as far as
	// one can tell.
	Inside
	// Unplugged would lead to a network if its cable or radio had a connection.
	Unplugged
	// Network leads to other machines.
	Network
)

// loopback is where a machine without a network reaches itself.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Reachable picks the addresses at which a class may reach this machine, the
// likeliest first: IPv4, then IPv6, then link-local IPv4. It returns 127.0.0.1
// if there are none.
func Reachable(found []Address) []netip.Addr {
	best := Inside
	for _, f := range found {
		if f.usable() {
			best = max(best, f.Place)
		}
	}
	var ips []netip.Addr
	for _, f := range found {
		if f.usable() && f.Place == best {
			ips = append(ips, f.IP)
		}
	}
	if len(ips) == 0 {
		return []netip.Addr{loopback}
	}
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { return cmp.Compare(rank(a), rank(b)) })
	return ips
}

// Shown picks the addresses that people read and type: those of [Reachable]
// that are as good as the first. IPv6 is hard to type, so it is shown only if
// there is no other. A machine makes link-local addresses up itself, and may
// change them at any time.
func Shown(found []Address) []netip.Addr {
	ips := Reachable(found)
	kind := func(ip netip.Addr) [2]bool { return [2]bool{ip.Is4(), ip.IsLinkLocalUnicast()} }
	first := kind(ips[0])
	return slices.DeleteFunc(ips, func(ip netip.Addr) bool { return kind(ip) != first })
}

// usable reports whether another device can reach this machine at the address.
// Browsers accept no link-local IPv6 address, because it needs a zone.
func (a Address) usable() bool {
	switch {
	case a.Place == Nowhere, a.Fleeting, a.IP.IsLoopback(), a.IP.IsMulticast(), a.IP.IsUnspecified():
		return false
	}
	return a.IP.Is4() || !a.IP.IsLinkLocalUnicast()
}

// rank orders addresses by how likely a class is in their network, and by how
// well people and devices cope with them.
func rank(ip netip.Addr) int {
	switch {
	case ip.IsLinkLocalUnicast():
		return 4
	case ip.Is4() && ip.IsPrivate():
		return 0
	case ip.Is4():
		return 1
	case ip.IsPrivate():
		return 2
	}
	return 3
}
