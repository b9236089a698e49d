package lan

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"downbeat.local/appliance/lan/lantest"
)

// cable makes a link with a name, and its other end.
func cable(name string) string {
	return "link add " + name + " type veth peer name " + name + "-far\n" +
		"link set " + name + " up\nlink set " + name + "-far up\n"
}

// router is an Ethernet that leads to a router.
const router = "address add 192.168.1.20/24 dev eth0\nroute add default via 192.168.1.1\n"

// bridge makes a bridge with a port that has a carrier.
func bridge(name, address string) string {
	return "link add " + name + " type bridge\n" + cable(name+"-p") +
		"link set " + name + "-p master " + name + "\nlink set " + name + " up\naddress add " + address + " dev " + name + "\n"
}

// TestRead reads networks of the real kernel. The names tell nothing.
func TestRead(t *testing.T) {
	tests := []struct {
		name, script     string
		reachable, shown []string
	}{
		{
			"a bridge of OpenWrt with a route", bridge("br-lan", "192.168.1.1/24") + "route add default via 192.168.1.254\n",
			[]string{"192.168.1.1"},
			[]string{"192.168.1.1"},
		},
		{
			"a bridge of OpenWrt alone", bridge("br-lan", "192.168.1.1/24"),
			[]string{"192.168.1.1"},
			[]string{"192.168.1.1"},
		},
		{
			"a tap without a route", "tuntap add dev tap0 mode tap\nlink set tap0 up\naddress add 10.9.0.1/24 dev tap0\n",
			[]string{"10.9.0.1"},
			[]string{"10.9.0.1"},
		},
		{
			"IPv6 only", cable("eth0") + "address add fd00:db::7/64 dev eth0 nodad\naddress add 2001:db8::7/64 dev eth0 nodad\n" +
				"-6 route add default via fd00:db::1\n",
			[]string{"fd00:db::7", "2001:db8::7"},
			[]string{"fd00:db::7", "2001:db8::7"},
		},
		{
			"IPv6 without a router", cable("eth0") + "address add 2001:db8::7/64 dev eth0 nodad\n",
			[]string{"2001:db8::7"},
			[]string{"2001:db8::7"},
		},
		{
			"an address that ends", cable("eth0") + "address add fd00:db::7/64 dev eth0 nodad\naddress add fd00:db::8/64 dev eth0 nodad preferred_lft 0\n",
			[]string{"fd00:db::7"},
			[]string{"fd00:db::7"},
		},
		{
			"two addresses in one network", cable("eth0") + router + "address add 192.168.1.50/24 dev eth0\n",
			[]string{"192.168.1.20", "192.168.1.50"},
			[]string{"192.168.1.20", "192.168.1.50"},
		},
		{
			"both versions", cable("eth0") + router + "address add fd00:db::7/64 dev eth0 nodad\n",
			[]string{"192.168.1.20", "fd00:db::7"},
			[]string{"192.168.1.20"},
		},
		{
			"containers beside", cable("eth0") + router + bridge("docker0", "172.17.0.1/16") + bridge("lan1", "10.88.0.1/16"),
			[]string{"192.168.1.20"},
			[]string{"192.168.1.20"},
		},
		{
			"containers that never ran", "link add docker0 type bridge\nlink set docker0 up\naddress add 172.17.0.1/16 dev docker0\n",
			[]string{"127.0.0.1"},
			[]string{"127.0.0.1"},
		},
		{
			"virtual machines beside", cable("eth0") + router + "link add lan0 type bridge\ntuntap add dev eth1 mode tap\n" +
				"link set eth1 up master lan0\nlink set lan0 up\naddress add 192.168.122.1/24 dev lan0\n",
			[]string{"192.168.1.20"},
			[]string{"192.168.1.20"},
		},
		{
			"a tunnel that everything takes", cable("eth0") + "address add 192.168.1.20/24 dev eth0\n" +
				"tuntap add dev eth9 mode tun\nlink set eth9 up\naddress add 10.8.0.2/24 dev eth9\nroute add default dev eth9\n",
			[]string{"192.168.1.20"},
			[]string{"192.168.1.20"},
		},
		{
			"a tunnel alone", "tuntap add dev eth9 mode tun\nlink set eth9 up\naddress add 10.8.0.2/24 dev eth9\n",
			[]string{"127.0.0.1"},
			[]string{"127.0.0.1"},
		},
		{
			"an Ethernet that is switched off", cable("eth0") + router + "link set eth0 down\n",
			[]string{"127.0.0.1"},
			[]string{"127.0.0.1"},
		},
		{
			"several ways to a router", cable("eth0") + cable("eth1") + bridge("br0", "172.17.0.1/16") +
				"address add 192.168.1.20/24 dev eth0\naddress add 192.168.2.20/24 dev eth1\n" +
				"route add default nexthop via 192.168.1.1 nexthop via 192.168.2.1\n",
			[]string{"192.168.1.20", "192.168.2.20"},
			[]string{"192.168.1.20", "192.168.2.20"},
		},
		{"nothing", "", []string{"127.0.0.1"}, []string{"127.0.0.1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !lantest.In(t, tt.script) {
				return
			}
			found := Read()
			if diff := cmp.Diff(tt.reachable, texts(Reachable(found))); diff != "" {
				t.Errorf("reachable (-want +got):\n%s\nfound %v", diff, found)
			}
			if diff := cmp.Diff(tt.shown, texts(Shown(found))); diff != "" {
				t.Errorf("shown (-want +got):\n%s\nfound %v", diff, found)
			}
		})
	}
}

// TestReadOfTap checks a tap that a program holds, so that it has a carrier.
func TestReadOfTap(t *testing.T) {
	script := cable("eth0") + router + "tuntap add dev tap0 mode tap\nlink set tap0 up\naddress add 10.9.0.1/24 dev tap0\n"
	if !lantest.In(t, script+"route add default dev tap0 metric 9\n") {
		return
	}
	tun, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tun.Close() }()
	request, err := unix.NewIfreq("tap0")
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(int(tun.Fd()), unix.TUNSETIFF, request); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"192.168.1.20", "10.9.0.1"}, texts(Shown(Read()))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReadsThisMachine checks that hardware is recognised, if this machine has
// any that leads to a router.
func TestReadsThisMachine(t *testing.T) {
	for _, l := range readLinks() {
		if l.up && !l.alone && l.kind == "" && l.routed && !l.hardware {
			t.Errorf("%s leads to a router but is not hardware", l.name)
		}
	}
}
