package discovery

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"
)

// TestFind finds a box of which the answers come one by one, and not one that
// says goodbye or never says where it is.
func TestFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		quiet(t, seg, "10.0.0.1") // answers for all but the PTR, which zeroconf does
		packets := make(chan packet, queued)
		var p *port
		p = seg.plug("10.0.0.9", func(from, to netip.AddrPort, data []byte) {
			if from.Addr() != p.ip {
				packets <- packet{1, from, to.Addr().IsMulticast(), data}
			}
		})
		tell := func(instance string, left uint32) {
			ptr := &dns.PTR{Hdr: header(Service+".local.", dns.TypePTR), Ptr: instance + "." + Service + ".local."}
			ptr.Hdr.Ttl = left
			raw, _ := response([]dns.RR{ptr}).Pack()
			packets <- packet{data: raw}
		}
		tell("downbeat-x7k2", ttl)
		tell("downbeat-gone", ttl)
		tell("downbeat-gone", 0)
		tell("downbeat-mute", ttl)
		here := []Interface{{Index: 1, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.9/24")}}}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		seen := newSightings()
		_ = seen.collect(ctx, here, plugged{p}, packets)
		want := []Box{{
			Label: "downbeat-x7k2", Host: "downbeat-x7k2.local", Port: 8080,
			Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Text: map[string]string{"id": "x7k2"},
		}}
		if diff := cmp.Diff(want, seen.boxes(here), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("found (-want +got):\n%s", diff)
		}
	})
}

// plugged is the network of a finder.
type plugged struct{ *port }

func (p plugged) owns(netip.Addr) bool { return false }

func (p plugged) send(_ int, to netip.AddrPort, data []byte) { p.port.send(mdnsPort, to, data) }

func TestPublishedAddresses(t *testing.T) {
	for name, tt := range map[string]struct{ have, want []string }{
		"an address":       {[]string{"192.168.1.20/24", "fe80::1/64"}, []string{"192.168.1.20", "fe80::1"}},
		"proper IPv6":      {[]string{"192.168.1.20/24", "fe80::1/64", "fd00::5/64"}, []string{"192.168.1.20", "fd00::5"}},
		"makeshift IPv4":   {[]string{"169.254.3.4/16"}, []string{"169.254.3.4"}},
		"makeshift beside": {[]string{"169.254.3.4/16", "10.0.0.1/8"}, []string{"10.0.0.1"}},
		"loopback":         {[]string{"127.0.0.1/8", "::1/128"}, nil},
	} {
		var i Interface
		for _, p := range tt.have {
			i.Prefixes = append(i.Prefixes, netip.MustParsePrefix(p))
		}
		var got []string
		for _, ip := range i.published() {
			got = append(got, ip.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
