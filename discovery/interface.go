package discovery

import (
	"net/netip"
	"slices"
)

// Interface is a network interface that is up and has a carrier.
type Interface struct {
	Index    int            // as the kernel numbers it
	Name     string         // "eth0", for the log
	Prefixes []netip.Prefix // its addresses, each with the length of its network
}

// published returns the addresses that the names of a box stand for on this
// interface. An address that the machine made up itself (169.254.0.0/16, fe80::)
// counts only when its family has no other, as in Avahi and zeroconf. Several
// responders of one machine must agree, or they take each other for strangers.
func (i Interface) published() []netip.Addr {
	var found []netip.Addr
	for _, v6 := range []bool{false, true} {
		var proper, makeshift []netip.Addr
		for _, p := range i.Prefixes {
			ip := p.Addr().Unmap().WithZone("")
			switch {
			case ip.Is6() != v6 || ip.IsLoopback() || ip.IsMulticast() || ip.IsUnspecified():
			case ip.IsLinkLocalUnicast():
				makeshift = append(makeshift, ip)
			default:
				proper = append(proper, ip)
			}
		}
		if len(proper) == 0 {
			proper = makeshift
		}
		slices.SortFunc(proper, netip.Addr.Compare)
		found = append(found, proper[:min(len(proper), maxAddresses)]...)
	}
	return found
}

// maxAddresses is how many addresses of a family one interface publishes. More
// would not fit into one packet.
const maxAddresses = 8

// has reports whether the interface can send packets of a family.
func (i Interface) has(f family) bool {
	return slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool { return p.Addr().Unmap().Is4() == (f == v4) })
}

// reaches reports whether an address is on the link of the interface. Answers to
// other addresses would leave the classroom.
func (i Interface) reaches(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.Is6() && ip.IsLinkLocalUnicast() ||
		slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool {
			return netip.PrefixFrom(p.Addr().Unmap().WithZone(""), p.Bits()).Contains(ip)
		})
}

// equalInterfaces reports whether nothing has changed.
func equalInterfaces(a, b []Interface) bool {
	return slices.EqualFunc(a, b, func(a, b Interface) bool {
		return a.Index == b.Index && a.Name == b.Name && slices.Equal(a.Prefixes, b.Prefixes)
	})
}
