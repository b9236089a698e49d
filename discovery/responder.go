package discovery

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// packet is a datagram that arrived.
type packet struct {
	link      int // the index of the interface
	from      netip.AddrPort
	multicast bool // sent to the group, not to this machine
	data      []byte
}

// network is what a responder sends through.
type network interface {
	// send sends a datagram out of an interface. It does not block for long, and
	// drops what cannot be sent.
	send(link int, to netip.AddrPort, data []byte)
	// owns reports whether an address is this machine's at this moment.
	owns(ip netip.Addr) bool
}

// service is what a box offers under its own name.
type service struct {
	port uint16
	text []string // "key=value"
}

// responder has the names of a box and answers for them. It does no I/O and
// starts no goroutine: its caller brings packets and the time. One goroutine at
// a time may use it.
type responder struct {
	printed string // the name of every box, "downbeat.local."
	label   string // of the box's own name, "downbeat-x7k2"
	renamed int    // how often others had the box's own name
	service service
	only    netip.Addr // the one address to publish; if invalid, all
	network network
	links   map[int]*link
	// mine are the addresses of this machine, and until when packets with them
	// are its own: for ever, or for a moment after it lost them. The zero time
	// is for ever.
	mine   map[netip.Addr]time.Time
	health health
}

func newResponder(cfg Config, n network) *responder {
	return &responder{
		printed: Printed + ".", label: cfg.label(), only: cfg.Only, network: n,
		service: service{port: cfg.Port, text: cfg.text()},
		links:   map[int]*link{}, mine: map[netip.Addr]time.Time{},
	}
}

// own is the name that is this box's alone, "downbeat-x7k2.local.".
func (r *responder) own() string { return r.ownLabel() + ".local." }

func (r *responder) ownLabel() string {
	if r.renamed == 0 {
		return r.label
	}
	return fmt.Sprintf("%s-%d", r.label, r.renamed+1)
}

// maxRenames is how many own names a box tries before it starts over: only an
// attack takes so many.
const maxRenames = 99

// rename takes another name of its own on every link, at a time. It waits there
// if there were many conflicts.
func (r *responder) rename(now time.Time, because *claim) {
	pause := because.pause(now, 0)
	r.renamed = (r.renamed + 1) % maxRenames
	for _, l := range r.links {
		l.retire(l.own)
		old := l.own
		l.own = newClaim(r.own(), now.Add(pause))
		l.own.conflicts, l.own.slow = old.conflicts, old.slow
	}
}

// lingering is how long packets with an address that the machine had are still
// its own: they may come back by a detour.
const lingering = 10 * time.Second

// setInterfaces is told the interfaces of the machine whenever they change.
func (r *responder) setInterfaces(now time.Time, all []Interface) {
	r.health = health{check: now.Add(firstCheck)}
	for ip, until := range r.mine {
		if until.IsZero() {
			r.mine[ip] = now.Add(lingering)
		} else if now.After(until) {
			delete(r.mine, ip)
		}
	}
	present := map[int]bool{}
	for _, i := range all {
		present[i.Index] = true
		for _, p := range i.Prefixes {
			r.mine[p.Addr().Unmap().WithZone("")] = time.Time{}
		}
		if l := r.links[i.Index]; l != nil {
			l.change(now, i)
		} else {
			r.links[i.Index] = newLink(r, i, now)
		}
	}
	for index := range r.links {
		if !present[index] {
			delete(r.links, index)
		}
	}
}

// setText is told what the service says of itself when that changes.
func (r *responder) setText(now time.Time, text []string) {
	r.service.text = text
	for _, l := range r.links {
		l.own.announce(now)
	}
}

// published returns the addresses that the names stand for on an interface.
func (r *responder) published(i Interface) []netip.Addr {
	all := i.published()
	if r.only.IsValid() {
		all = slices.DeleteFunc(all, func(ip netip.Addr) bool { return ip != r.only })
	}
	return all
}

// isMine reports whether an address is, or was until a moment ago, this
// machine's. Other programs of this machine may use a new address before the
// responder is told of it.
func (r *responder) isMine(now time.Time, ip netip.Addr) bool {
	until, known := r.mine[ip]
	return known && (until.IsZero() || now.Before(until)) || ip.IsValid() && r.network.owns(ip)
}

// receive handles a packet. Everything that is not a sound message of multicast
// DNS from this link is ignored.
func (r *responder) receive(now time.Time, p packet) {
	l := r.links[p.link]
	if l == nil || !p.multicast && !l.iface.reaches(p.from.Addr()) {
		return
	}
	if p.multicast {
		r.hear(now, l, p)
	}
	var m dns.Msg
	if len(p.data) > maxPacket || m.Unpack(p.data) != nil || m.Opcode != dns.OpcodeQuery || m.Rcode != dns.RcodeSuccess {
		return // §18.3, §18.11
	}
	switch {
	case !m.Response:
		l.query(now, p, &m)
	case p.from.Port() == mdnsPort: // §6: other responses are no multicast DNS
		l.response(now, familyOf(p.from.Addr()), &m)
	}
}

// maxPacket is the largest message of multicast DNS, in bytes (§17).
const maxPacket = 9000

// next returns when advance has something to do. It returns false if there is
// nothing.
func (r *responder) next() (at time.Time, ok bool) {
	if len(r.links) > 0 {
		at = r.health.check
	}
	for _, l := range r.links {
		for _, due := range l.dues() {
			if !due.IsZero() && (at.IsZero() || due.Before(at)) {
				at = due
			}
		}
	}
	return at, !at.IsZero()
}

// advance sends what is due.
func (r *responder) advance(now time.Time) {
	asks := r.asks(now)
	for _, l := range r.links {
		before := l.unechoed
		l.advance(now)
		if asks {
			l.ask()
		}
		if l.unechoed > before {
			l.sentAt = now
		}
	}
}

// close says goodbye on every link (§10.1).
func (r *responder) close() {
	for _, l := range r.links {
		for _, c := range l.claims() {
			l.retire(c)
		}
		l.sendGoodbyes()
	}
}

// names says which names the box has: the printed one only if it has it on every
// link, and its own only if it has that on one.
func (r *responder) names() (printed, own, contested bool) {
	printed = len(r.links) > 0
	for _, l := range r.links {
		printed = printed && l.printed.stage == owned
		own = own || l.own.stage == owned
		contested = contested || l.printed.stage == lost
	}
	return printed, own, contested
}
