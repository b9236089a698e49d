package web

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// lookEvery bounds how often the interfaces are read. An address that the
// router has just given is known this late.
const lookEvery = 2 * time.Second

// network knows the names and addresses this box goes by.
type network struct {
	listen netip.Addr // invalid: every interface
	port   string
	hosts  map[string]bool
	any    bool // every name is the box's

	mu     sync.Mutex // guards looked, own, shown
	looked time.Time
	own    map[netip.Addr]bool
	shown  []string
}

func newNetwork(addr string, hosts []string) *network {
	n := &network{hosts: map[string]bool{}}
	host, port, err := net.SplitHostPort(addr)
	if err == nil {
		n.port = port
		if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
			n.listen = ip.Unmap().WithZone("")
		}
	}
	for _, h := range hosts {
		n.any = n.any || h == "*"
		n.hosts[strings.ToLower(strings.TrimSuffix(h, "."))] = true
	}
	return n
}

// goesBy reports whether a Host header names this box: localhost, a name in
// .local, one that was configured, or an address of its own.
func (n *network) goesBy(hostport string) bool {
	if n.any {
		return true
	}
	name := strings.ToLower(strings.TrimSuffix(hostOnly(hostport), "."))
	if name == "localhost" || n.hosts[name] || strings.HasSuffix(name, ".local") && name != ".local" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() || ip == n.listen {
		return true
	}
	own, _ := n.look()
	return own[ip]
}

// addresses returns where the box is reached, "192.168.1.20:8080", the most
// useful first; never none.
func (n *network) addresses() []string {
	_, shown := n.look()
	return shown
}

// look returns what the interfaces say, not older than lookEvery.
func (n *network) look() (own map[netip.Addr]bool, shown []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); n.own == nil || now.Sub(n.looked) > lookEvery {
		n.looked = now
		n.own, n.shown = n.read()
	}
	return n.own, n.shown
}

func (n *network) read() (own map[netip.Addr]bool, shown []string) {
	found := interfaceAddrs()
	own = map[netip.Addr]bool{}
	for _, f := range found {
		own[f.ip] = true
	}
	ips := lanAddrs(found)
	if n.listen.IsValid() {
		ips = []netip.Addr{n.listen}
	}
	if len(ips) == 0 {
		ips = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	for _, ip := range ips {
		shown = append(shown, joinPort(ip, n.port))
	}
	return own, shown
}

// Addresses returns where a box that listens on addr is reached, the most
// useful first: its addresses on the local network, else 127.0.0.1.
func Addresses(addr string) []string { return newNetwork(addr, nil).addresses() }

// LocalAddress returns how a program on this machine reaches a box that
// listens on addr: that address, or 127.0.0.1 when it is every interface.
func LocalAddress(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// joinPort writes an address as people type it: the port of http is left out.
func joinPort(ip netip.Addr, port string) string {
	if port != "80" && port != "" {
		return net.JoinHostPort(ip.String(), port)
	}
	if ip.Is6() {
		return "[" + ip.String() + "]"
	}
	return ip.String()
}

func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// ifaceAddr is one address of one interface.
type ifaceAddr struct {
	iface string
	ip    netip.Addr
}

// interfaceAddrs lists the addresses of every interface that is up.
func interfaceAddrs() []ifaceAddr {
	ifaces, err := net.Interfaces()
	if err != nil {
		return nil // a machine that hides them is reached by loopback and names
	}
	var found []ifaceAddr
	for _, i := range ifaces {
		addrs, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				found = append(found, ifaceAddr{i.Name, prefix.Addr().Unmap().WithZone("")})
			}
		}
	}
	return found
}

// virtual are beginnings of the names of interfaces that no Chromebook is on.
var virtual = []string{"docker", "veth", "br-", "virbr", "cni", "flannel", "cali", "lxc", "lxd", "podman", "tailscale", "zt", "tun", "tap", "wg", "vmnet", "vbox", "dummy", "lo"}

// lanAddrs picks the IPv4 addresses that a classroom can reach: private ones
// before public, made-up link-local ones only when there is nothing else.
func lanAddrs(found []ifaceAddr) []netip.Addr {
	var ips []netip.Addr
	for _, f := range found {
		isVirtual := slices.ContainsFunc(virtual, func(v string) bool { return strings.HasPrefix(f.iface, v) })
		if !isVirtual && f.ip.Is4() && !f.ip.IsLoopback() && !f.ip.IsMulticast() {
			ips = append(ips, f.ip)
		}
	}
	rank := func(ip netip.Addr) int {
		switch {
		case ip.IsPrivate():
			return 0
		case ip.IsLinkLocalUnicast():
			return 2
		}
		return 1
	}
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { return cmp.Compare(rank(a), rank(b)) })
	if len(ips) > 0 && rank(ips[0]) < 2 {
		ips = slices.DeleteFunc(ips, netip.Addr.IsLinkLocalUnicast)
	}
	return ips
}
