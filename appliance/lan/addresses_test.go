package lan

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddresses(t *testing.T) {
	tests := []struct {
		name             string
		found            []Address
		reachable, shown []string
	}{
		{
			"a Raspberry Pi", found(Nowhere, "127.0.0.1", Network, "192.168.1.20", Network, "fe80::1", Network, "10.0.0.7"),
			[]string{"192.168.1.20", "10.0.0.7"},
			[]string{"192.168.1.20", "10.0.0.7"},
		},
		{
			"docker beside", found(Inside, "172.17.0.1", Inside, "172.18.0.1", Inside, "169.254.3.4", Network, "192.168.1.20"),
			[]string{"192.168.1.20"},
			[]string{"192.168.1.20"},
		},
		{
			"docker beside a pulled cable", found(Inside, "172.17.0.1", Unplugged, "192.168.1.20"),
			[]string{"192.168.1.20"},
			[]string{"192.168.1.20"},
		},
		{
			"a pulled cable beside Wi-Fi", found(Unplugged, "192.168.1.20", Network, "10.0.0.7"),
			[]string{"10.0.0.7"},
			[]string{"10.0.0.7"},
		},
		{
			"public and private", found(Network, "203.0.113.9", Network, "10.1.1.1"),
			[]string{"10.1.1.1", "203.0.113.9"},
			[]string{"10.1.1.1", "203.0.113.9"},
		},
		{
			"both versions", found(Network, "2001:db8::7", Network, "fd00::7", Network, "10.1.1.1"),
			[]string{"10.1.1.1", "fd00::7", "2001:db8::7"},
			[]string{"10.1.1.1"},
		},
		{
			"IPv6 only", found(Nowhere, "127.0.0.1", Nowhere, "::1", Network, "fe80::1", Network, "2001:db8::7", Network, "fd00::7"),
			[]string{"fd00::7", "2001:db8::7"},
			[]string{"fd00::7", "2001:db8::7"},
		},
		{
			"IPv6 and no answer from DHCP", found(Network, "169.254.7.7", Network, "2001:db8::7"),
			[]string{"2001:db8::7", "169.254.7.7"},
			[]string{"2001:db8::7"},
		},
		{
			"a cable and no router", found(Network, "169.254.7.7", Network, "fe80::1"),
			[]string{"169.254.7.7"},
			[]string{"169.254.7.7"},
		},
		{
			"link-local beside a real one", found(Network, "169.254.7.7", Network, "10.0.0.7"),
			[]string{"10.0.0.7", "169.254.7.7"}, // a device on that cable may reach it
			[]string{"10.0.0.7"},
		},
		{
			"link-local IPv6 alone", found(Network, "fe80::1"),
			[]string{"127.0.0.1"},
			[]string{"127.0.0.1"},
		},
		{
			"an address for today",
			append(found(Network, "2001:db8::7"), Address{Place: Network, IP: netip.MustParseAddr("2001:db8::1"), Fleeting: true}),
			[]string{"2001:db8::7"},
			[]string{"2001:db8::7"},
		},
		{
			"nothing", found(Nowhere, "127.0.0.1"),
			[]string{"127.0.0.1"},
			[]string{"127.0.0.1"},
		},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.reachable, texts(Reachable(tt.found))); diff != "" {
			t.Errorf("%s, reachable (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.shown, texts(Shown(tt.found))); diff != "" {
			t.Errorf("%s, shown (-want +got):\n%s", tt.name, diff)
		}
	}
}

// found makes addresses of pairs of a Place and an IP address.
func found(pairs ...any) (all []Address) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, Address{Place: pairs[i].(Place), IP: netip.MustParseAddr(pairs[i+1].(string))})
	}
	return all
}

func texts(ips []netip.Addr) (all []string) {
	for _, ip := range ips {
		all = append(all, fmt.Sprint(ip))
	}
	return all
}
