package discovery

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// family is IPv4 or IPv6. Multicast DNS runs over both, side by side.
type family int

const (
	v4 family = iota
	v6
)

func familyOf(ip netip.Addr) family {
	if ip.Unmap().Is4() {
		return v4
	}
	return v6
}

// mdnsPort is the port of multicast DNS.
const mdnsPort = 5353

// groups are the addresses to which everything is multicast, by family.
var groups = [...]netip.AddrPort{
	v4: netip.AddrPortFrom(netip.AddrFrom4([4]byte{224, 0, 0, 251}), mdnsPort),
	v6: netip.AddrPortFrom(netip.MustParseAddr("ff02::fb"), mdnsPort),
}

// link is one interface of a responder: the claims there, and what waits to be
// sent.
type link struct {
	r            *responder
	iface        Interface
	addrs        []netip.Addr // that the names stand for
	printed, own *claim
	goodbyes     []dns.RR // for the next announcement
	outboxes     [2]outbox
	unechoed     int       // packets to everybody since one came back
	sentAt       time.Time // the last of them
}

func newLink(r *responder, i Interface, now time.Time) *link {
	l := &link{
		r: r, iface: i, addrs: r.published(i),
		printed: newClaim(r.printed, now), own: newClaim(r.own(), now),
	}
	l.own.due = l.printed.due // one packet for both
	for f := range l.outboxes {
		l.outboxes[f] = newOutbox()
	}
	return l
}

func (l *link) claims() []*claim { return []*claim{l.printed, l.own} }

// claimOf returns the claim of a name, or nil.
func (l *link) claimOf(name string) *claim {
	for _, c := range l.claims() {
		if strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

// change takes new addresses, and announces them (§8.4).
func (l *link) change(now time.Time, i Interface) {
	addrs := l.r.published(i)
	before := l.host()
	for _, ip := range l.addrs {
		if slices.Contains(addrs, ip) {
			continue
		}
		for _, c := range l.claims() {
			if c.stage == owned {
				l.goodbyes = append(l.goodbyes, goodbye(addressRecord(c.name, ip)))
			}
		}
		if before != "" {
			l.goodbyes = append(l.goodbyes, goodbye(l.reverse(ip, before)))
		}
	}
	changed := !slices.Equal(l.addrs, addrs)
	l.iface, l.addrs = i, addrs
	if !changed {
		return
	}
	for _, c := range l.claims() {
		c.announce(now)
	}
}

// host is the name that addresses are looked up to: the printed one, if it is
// the box's. It is empty while the box has none.
func (l *link) host() string {
	for _, c := range l.claims() {
		if c.stage == owned {
			return c.name
		}
	}
	return ""
}

func (l *link) reverse(ip netip.Addr, host string) dns.RR {
	return &dns.PTR{Hdr: header(reverseName(ip), dns.TypePTR), Ptr: host}
}

// records returns everything under a name of the box.
func (l *link) records(name string) []dns.RR {
	if c := l.claimOf(name); c != nil {
		if c.stage != owned {
			return nil
		}
		return l.addresses(c.name)
	}
	host := l.host()
	if host == "" {
		return nil
	}
	for _, ip := range l.addrs {
		if strings.EqualFold(name, reverseName(ip)) {
			return []dns.RR{l.reverse(ip, host)}
		}
	}
	return l.serviceRecords(name)
}

// addresses returns the address records of a name of this box or of another.
func (l *link) addresses(name string) (all []dns.RR) {
	for _, ip := range l.addrs {
		all = append(all, addressRecord(name, ip))
	}
	return all
}

// serviceRecords returns where a service of the box is, and its text. zeroconf
// answers for them too, but not to names in other letters, and with a lifetime
// that outlives a power cut by an hour.
func (l *link) serviceRecords(name string) []dns.RR {
	if l.own.stage != owned || l.r.service.port == 0 {
		return nil
	}
	for _, kind := range serviceTypes {
		if full := instanceName(l.r.ownLabel(), kind); strings.EqualFold(name, full) {
			return []dns.RR{
				&dns.SRV{Hdr: header(full, dns.TypeSRV), Port: l.r.service.port, Target: l.own.name},
				&dns.TXT{Hdr: header(full, dns.TypeTXT), Txt: l.r.service.text},
			}
		}
	}
	return nil
}

// dues are the times at which advance has something to do.
func (l *link) dues() []time.Time {
	return []time.Time{l.printed.due, l.own.due, l.outboxes[v4].due, l.outboxes[v6].due}
}

// isDue reports whether a time has come. The zero time never comes.
func isDue(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// advance sends what is due: answers, then one packet with the probes of both
// names and one with the announcements.
func (l *link) advance(now time.Time) {
	for f := range l.outboxes {
		if isDue(l.outboxes[f].due, now) {
			l.flush(now, family(f))
		}
	}
	var probed, announced []*claim
	for _, c := range l.claims() {
		if !isDue(c.due, now) {
			continue
		}
		host := l.host()
		probe, announce := c.step(now)
		if probe {
			probed = append(probed, c)
		}
		if announce {
			announced = append(announced, c)
		}
		if l.host() != host && c == l.printed {
			l.own.announce(now) // later than the other, it would name the wrong host
		}
	}
	if len(probed) > 0 {
		l.probe(probed)
	}
	if len(announced) > 0 {
		l.announce(now, announced)
	}
}

// probe asks whether others have names, and says what they would stand for here
// (§8.1). It does not ask for unicast answers: other programs of this machine
// share the port and may receive them instead (§15.1).
func (l *link) probe(claims []*claim) {
	m := new(dns.Msg)
	for _, c := range claims {
		m.Question = append(m.Question, dns.Question{Name: c.name, Qtype: dns.TypeANY, Qclass: dns.ClassINET})
		m.Ns = append(m.Ns, l.addresses(c.name)...)
	}
	l.multicast(m)
}

// announce tells everybody the records of names (§8.3).
func (l *link) announce(now time.Time, claims []*claim) {
	var all []dns.RR
	for _, c := range claims {
		all = append(all, l.addresses(c.name)...)
		if c == l.own {
			for _, kind := range serviceTypes {
				all = append(all, l.serviceRecords(instanceName(l.r.ownLabel(), kind))...)
			}
		}
	}
	if host := l.host(); host != "" {
		for _, ip := range l.addrs {
			all = append(all, l.reverse(ip, host))
		}
	}
	l.sendGoodbyes()
	l.multicast(response(flushing(all)))
	for f := range l.outboxes {
		l.outboxes[f].wasSent(now, all)
	}
}

// retire gives up a claim, and says goodbye for it with the next announcement.
func (l *link) retire(c *claim) {
	if c.stage != owned {
		return
	}
	host := l.host()
	gone := l.addresses(c.name)
	if c == l.own {
		for _, kind := range serviceTypes {
			gone = append(gone, l.serviceRecords(instanceName(l.r.ownLabel(), kind))...)
		}
	}
	if host == c.name {
		for _, ip := range l.addrs {
			gone = append(gone, l.reverse(ip, host))
		}
	}
	for _, rr := range gone {
		l.goodbyes = append(l.goodbyes, goodbye(rr))
	}
	c.stage = probing
}

func (l *link) sendGoodbyes() {
	if len(l.goodbyes) > 0 {
		l.multicast(response(l.goodbyes))
		l.goodbyes = nil
	}
}

// response is a message that answers (§18: id 0, authoritative, no questions).
func response(answer []dns.RR) *dns.Msg {
	return &dns.Msg{MsgHdr: dns.MsgHdr{Response: true, Authoritative: true}, Answer: answer}
}

// multicast sends a message to everybody on the link, over both families.
func (l *link) multicast(m *dns.Msg) {
	l.unechoed++
	l.multicastOver(v4, m)
	l.multicastOver(v6, m)
}

func (l *link) multicastOver(f family, m *dns.Msg) {
	if l.iface.has(f) && (len(m.Question) > 0 || len(m.Answer) > 0) {
		l.transmit(groups[f], m)
	}
}

func (l *link) transmit(to netip.AddrPort, m *dns.Msg) {
	m.Compress = true
	if raw, err := m.Pack(); err == nil { // its names and addresses are the box's own
		l.r.network.send(l.iface.Index, to, raw)
	}
}
