package discovery

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// ttl is how long others may keep a record, in seconds (RFC 6762 §10: records
// that hold a host's name or address).
const ttl = 120

// The top bit of a class is a flag of multicast DNS. It asks for a unicast answer
// in a question (§5.4), and tells caches to forget older records in a record
// (§10.2).
const (
	unicastBit = 1 << 15
	flushBit   = 1 << 15
)

// header starts a record of a name that is one box's alone.
func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
}

// addressRecord is an A or AAAA record.
func addressRecord(name string, ip netip.Addr) dns.RR {
	if ip.Is4() {
		return &dns.A{Hdr: header(name, dns.TypeA), A: ip.AsSlice()}
	}
	return &dns.AAAA{Hdr: header(name, dns.TypeAAAA), AAAA: ip.AsSlice()}
}

// addressOf returns the address of an A or AAAA record. A record without one
// returns an invalid address.
func addressOf(rr dns.RR) netip.Addr {
	var raw []byte
	switch rr := rr.(type) {
	case *dns.A:
		raw = rr.A.To4()
	case *dns.AAAA:
		raw = rr.AAAA
	}
	ip, _ := netip.AddrFromSlice(raw)
	return ip.Unmap()
}

// reverseName is the name under which an address is looked up.
func reverseName(ip netip.Addr) string {
	name, err := dns.ReverseAddr(ip.String())
	if err != nil {
		return ""
	}
	return name
}

// nonexistence says which types a name has, and thereby that it has no others
// (§6.1).
func nonexistence(name string, types []uint16) dns.RR {
	slices.Sort(types)
	return &dns.NSEC{Hdr: header(name, dns.TypeNSEC), NextDomain: name, TypeBitMap: slices.Compact(types)}
}

// goodbye returns a record that tells caches to forget another (§10.1).
func goodbye(rr dns.RR) dns.RR {
	rr = dns.Copy(rr)
	rr.Header().Ttl = 0
	return rr
}

// flushing returns records with the flush bit, as they are multicast.
func flushing(all []dns.RR) []dns.RR {
	flushed := make([]dns.RR, len(all))
	for i, rr := range all {
		flushed[i] = dns.Copy(rr)
		if rr.Header().Ttl > 0 {
			flushed[i].Header().Class |= flushBit
		}
	}
	return flushed
}

// keyOf is equal for records of the same name, type, class and data.
func keyOf(rr dns.RR) string {
	rr = dns.Copy(rr)
	rr.Header().Ttl = 0
	rr.Header().Class &^= flushBit
	return strings.ToLower(rr.String())
}

// withoutKnown removes what the asker knows already: records that it lists with
// at least half of their time left (§7.1).
func withoutKnown(found, known []dns.RR) []dns.RR {
	if len(found) == 0 || len(known) == 0 {
		return found
	}
	keys := map[string]bool{}
	for _, rr := range known {
		if rr.Header().Ttl >= ttl/2 {
			keys[keyOf(rr)] = true
		}
	}
	return slices.DeleteFunc(found, func(rr dns.RR) bool { return keys[keyOf(rr)] })
}

// compareProbes orders the records of two hosts that probe for one name at the
// same time. The host with the later ones gets the name (§8.2).
func compareProbes(a, b []dns.RR) int {
	slices.SortFunc(a, compareRecords)
	slices.SortFunc(b, compareRecords)
	return slices.CompareFunc(a, b, compareRecords)
}

func compareRecords(a, b dns.RR) int {
	x, y := a.Header(), b.Header()
	return cmp.Or(
		cmp.Compare(x.Class&^flushBit, y.Class&^flushBit),
		cmp.Compare(x.Rrtype, y.Rrtype),
		bytes.Compare(dataOf(a), dataOf(b)),
	)
}

// dataOf returns a record's data as bytes, with names in full.
func dataOf(rr dns.RR) []byte {
	raw := make([]byte, dns.Len(rr)+dns.MaxMsgSize/8)
	end, err := dns.PackRR(rr, raw, 0, nil, false)
	if err != nil {
		return nil
	}
	name, err := dns.PackDomainName(rr.Header().Name, make([]byte, 256), 0, nil, false)
	if err != nil {
		return nil
	}
	const fixed = 10 // type, class, TTL and length
	return raw[min(name+fixed, end):end]
}
