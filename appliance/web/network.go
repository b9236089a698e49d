package web

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"downbeat.local/appliance/lan"
)

// lookEvery bounds how often the interfaces are read. A new address is known
// this late.
const lookEvery = 2 * time.Second

// network knows the names and addresses of this box.
type network struct {
	listen netip.Addr // invalid: every interface
	port   string
	on80   bool // the pages are on port 80 too
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
// .local, a configured name, or an address of its own.
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

// addresses returns the addresses of the box, such as "192.168.1.20:8080", the
// most useful first. There is at least one.
func (n *network) addresses() []string {
	_, shown := n.look()
	return shown
}

// look returns the addresses of the interfaces, at most lookEvery old.
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
	found := lan.Read()
	own = map[netip.Addr]bool{}
	for _, f := range found {
		own[f.IP] = true
	}
	ips := lan.Shown(found)
	if n.listen.IsValid() {
		ips = []netip.Addr{n.listen}
	}
	ports := []string{n.port}
	if n.on80 {
		ports = []string{"80", n.port}
	}
	for _, port := range ports {
		for _, ip := range ips {
			shown = append(shown, joinPort(ip, port))
		}
	}
	return own, shown
}

// Addresses returns where a box that listens on addr is reached, the most
// useful first: its addresses on the local network, else 127.0.0.1.
func Addresses(addr string) []string { return newNetwork(addr, nil).addresses() }

// AddressesOn80 is Addresses of a box that is also on port 80. The addresses
// without a port come first.
func AddressesOn80(addr string) []string {
	n := newNetwork(addr, nil)
	n.on80 = true
	return n.addresses()
}

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
