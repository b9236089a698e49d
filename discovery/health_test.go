package discovery

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// TestThisMachineDropsMulticast has a network that carries nothing, not even back
// to the box, for an hour: a firewall on its own machine. The box says so, goes
// on, and sends little. Once the firewall is open it says so too.
func TestThisMachineDropsMulticast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := &segment{drop: func(netip.Addr) bool { return true }}
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the problem", 20*time.Second, func() bool { return m.d.Status().Problem == Deaf })
		time.Sleep(time.Hour)
		if got := m.d.Status(); got.Problem != Deaf || got.Printed == "" {
			t.Errorf("the box is %+v", got)
		}
		if n, most := len(seg.sent(time.Time{}, "")), int(time.Hour/troubleEvery)+10; n > most {
			t.Errorf("%d packets in an hour, want %d at most", n, most)
		}
		seg.mu.Lock()
		seg.drop = nil
		seg.mu.Unlock()
		waitFor(t, "the end of the problem", troubleEvery+time.Second, func() bool { return m.d.Status().Problem == "" })
	})
}

// TestTheNetworkDropsMulticast has a class whose devices use the box, and whose
// packets do not reach it.
func TestTheNetworkDropsMulticast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		m.devices.Store(enoughDevices - 1)
		time.Sleep(time.Hour)
		if got := m.d.Status(); got.Problem != "" {
			t.Errorf("with few devices that say nothing: %+v", got)
		}
		if n := len(seg.sent(time.Time{}, "")); n > int(time.Hour/checkEvery)+10 {
			t.Errorf("%d packets in an hour", n)
		}
		m.devices.Store(enoughDevices)
		took := waitFor(t, "the problem", unheardFor+2*lookEvery, func() bool { return m.d.Status().Problem == Dropped })
		if took < unheardFor {
			t.Errorf("noticed after %v, which is too soon to know", took)
		}
		newAsker(seg, "10.0.0.9").ask(mdnsPort, query("_googlecast._tcp.local.", dns.TypePTR))
		if got := m.d.Status(); got.Problem != "" || got.Name() == "" {
			t.Errorf("when a device is heard: %+v", got)
		}
		time.Sleep(time.Hour)
		if got := m.d.Status(); got.Problem != "" {
			t.Errorf("an hour later: %+v", got)
		}
	})
}

// TestDevicesThatAreHeard has a class in a network that carries multicast.
func TestDevicesThatAreHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		m.devices.Store(30)
		raw, err := response([]dns.RR{&dns.PTR{Hdr: header(everyService, dns.TypePTR), Ptr: "_ipp._tcp.local."}}).Pack()
		if err != nil {
			t.Fatal(err)
		}
		seg.plug("10.0.0.9", func(_, _ netip.AddrPort, data []byte) {
			var q dns.Msg
			if q.Unpack(data) == nil && !q.Response && q.Question[0].Name == everyService {
				(&port{seg, netip.MustParseAddr("10.0.0.9"), nil}).send(mdnsPort, groups[v4], raw)
			}
		})
		for range 600 {
			time.Sleep(time.Second)
			if got := m.d.Status(); got.Problem != "" {
				t.Fatalf("the box is %+v", got)
			}
		}
	})
}
