package discovery

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

const (
	printedName = "downbeat.local."
	ownName     = "downbeat-x7k2.local."
)

func (m *machine) hasPrinted() bool { return m.d.Status().Printed != "" }

func TestNamesAreProbedThenAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the printed name", 1100*time.Millisecond, m.hasPrinted)
		time.Sleep(3 * time.Second)
		var probed, announced []time.Time
		for _, p := range seg.sent(time.Time{}, "10.0.0.1") {
			if p.msg.Response {
				announced = append(announced, p.at)
				checkAnnouncement(t, p.msg)
				continue
			}
			probed = append(probed, p.at)
			if len(p.msg.Question) != 2 || p.msg.Question[0].Qtype != dns.TypeANY || len(p.msg.Ns) != 2 {
				t.Errorf("a probe asks for both names and says what they would be, got\n%v", p.msg)
			}
		}
		if len(probed) != 3 || probed[1].Sub(probed[0]) != probeEvery || probed[2].Sub(probed[1]) != probeEvery {
			t.Errorf("probes at %v, want three, 250 ms apart", probed)
		}
		if len(announced) != 2 || announced[0].Sub(probed[2]) != probeEvery || announced[1].Sub(announced[0]) != time.Second {
			t.Errorf("announcements at %v after probes at %v, want two, a second apart", announced, probed)
		}
		if got, want := m.d.Status(), (Status{Printed: "downbeat.local", Own: "downbeat-x7k2.local"}); got != want {
			t.Errorf("status %+v, want %+v", got, want)
		}
	})
}

func checkAnnouncement(t *testing.T, m *dns.Msg) {
	t.Helper()
	for _, rr := range m.Answer {
		if h := rr.Header(); h.Class != dns.ClassINET|flushBit || h.Ttl != ttl {
			t.Errorf("announced without flush bit or with another lifetime: %v", rr)
		}
	}
	var names []string
	for _, rr := range m.Answer {
		names = append(names, fmt.Sprint(rr.Header().Name, dns.TypeToString[rr.Header().Rrtype]))
	}
	for _, want := range []string{
		"downbeat.local.A", "downbeat-x7k2.local.A", "1.0.0.10.in-addr.arpa.PTR",
		"downbeat-x7k2._downbeat._tcp.local.SRV", "downbeat-x7k2._http._tcp.local.TXT",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("the announcement lacks %s: %v", want, names)
		}
	}
	if !m.Authoritative || m.Id != 0 || len(m.Question) != 0 {
		t.Errorf("the header of an announcement is %+v", m.MsgHdr)
	}
}

// TestTwoBoxes starts a second box where one has the printed name. The second
// waits, and takes it when the first goes, with a goodbye or without.
func TestTwoBoxes(t *testing.T) {
	for name, tt := range map[string]struct {
		end    func(*machine)
		within time.Duration
	}{
		"with a goodbye": {func(m *machine) { m.stop() }, 3 * time.Second},
		"by power cut":   {(*machine).vanish, retryEvery + 2*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seg := new(segment)
				first := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
				waitFor(t, "the first box's name", 2*time.Second, first.hasPrinted)
				second := start(t, "abcd", map[*segment]string{seg: "10.0.0.2"})
				waitFor(t, "the second box's own name", 2*time.Second, func() bool { return second.d.Status().Own != "" })
				if got, want := second.d.Status(), (Status{Own: "downbeat-abcd.local", Contested: true}); got != want {
					t.Errorf("the second is %+v, want %+v", got, want)
				}
				tt.end(first)
				took := waitFor(t, "the name for the second", tt.within, second.hasPrinted)
				t.Logf("the second box has the name %v later", took)
			})
		})
	}
}

// TestAnHourOfTwoBoxes checks that the names do not move, and that asking for
// one costs little.
func TestAnHourOfTwoBoxes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		first := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the first box's name", 2*time.Second, first.hasPrinted)
		second := start(t, "abcd", map[*segment]string{seg: "10.0.0.2"})
		began := time.Now()
		for range 3600 {
			time.Sleep(time.Second)
			if !first.hasPrinted() || second.hasPrinted() {
				t.Fatalf("after %v the first is %+v and the second %+v", time.Since(began), first.d.Status(), second.d.Status())
			}
		}
		if n := len(seg.sent(began, "")); n > 400 {
			t.Errorf("%d packets in an hour", n)
		}
	})
}

// TestBoxesThatStartTogether checks that exactly one of three gets the name, and
// that after a network lost packets too.
func TestBoxesThatStartTogether(t *testing.T) {
	for _, loss := range []float64{0, 0.3} {
		t.Run(fmt.Sprint("loss ", loss), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(1, 2))
				seg := &segment{drop: func(netip.Addr) bool { return random.Float64() < loss }}
				boxes := []*machine{
					start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"}),
					start(t, "abcd", map[*segment]string{seg: "10.0.0.2"}),
					start(t, "efgh", map[*segment]string{seg: "10.0.0.3"}),
				}
				time.Sleep(2 * time.Minute)
				seg.mu.Lock()
				seg.drop = nil
				seg.mu.Unlock()
				newAsker(seg, "10.0.0.9").ask(mdnsPort, query(printedName, dns.TypeA))
				time.Sleep(2 * retryEvery)
				holders := 0
				for _, b := range boxes {
					if b.hasPrinted() {
						holders++
					}
					if b.d.Status().Own == "" {
						t.Errorf("a box has lost its own name: %+v", b.d.Status())
					}
				}
				if holders != 1 {
					t.Errorf("%d boxes have the printed name", holders)
				}
			})
		})
	}
}

// TestOwnPacketsAreNoConflict checks a machine whose packets come back to it: it has
// two interfaces in one network, where a reflector repeats everything.
func TestOwnPacketsAreNoConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		m.plug(seg, 2, "10.0.0.2")
		wake(m.changed)
		reflect(seg, "10.0.0.77")
		waitFor(t, "the name", 3*time.Second, m.hasPrinted)
		for step, ip := range []string{"", "10.0.0.5", "10.0.0.6"} {
			if ip != "" {
				m.move(ip)
			}
			for range 100 {
				time.Sleep(50 * time.Millisecond)
				synctest.Wait()
				if !m.hasPrinted() || m.d.Status().Own != "downbeat-x7k2.local" {
					t.Fatalf("step %d: the box is in conflict with itself: %+v", step, m.d.Status())
				}
			}
		}
	})
}

// reflect repeats everything that is multicast on a segment from an address of
// its own, after 40 ms.
func reflect(seg *segment, ip string) {
	var p *port
	p = seg.plug(ip, func(from, to netip.AddrPort, data []byte) {
		if from.Addr() != p.ip && to.Addr().IsMulticast() {
			time.AfterFunc(40*time.Millisecond, func() { p.send(mdnsPort, to, data) })
		}
	})
}

// TestConflictLater joins two networks in which each box had the name.
func TestConflictLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg, other := new(segment), new(segment)
		first := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		second := start(t, "abcd", map[*segment]string{other: "10.0.0.2"})
		waitFor(t, "both names", 2*time.Second, func() bool { return first.hasPrinted() && second.hasPrinted() })
		second.mu.Lock()
		second.ports[1].unplug()
		second.ports[1].seg = seg
		seg.mu.Lock()
		seg.ports = append(seg.ports, second.ports[1])
		seg.mu.Unlock()
		second.mu.Unlock()
		newAsker(seg, "10.0.0.9").ask(mdnsPort, query(printedName, dns.TypeA))
		time.Sleep(5 * time.Second)
		if first.hasPrinted() == second.hasPrinted() {
			t.Errorf("the boxes are %+v and %+v, want one with the name", first.d.Status(), second.d.Status())
		}
	})
}

// TestSameOwnName is about two boxes with one data folder: a copied card.
func TestSameOwnName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		first := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the first box's name", 2*time.Second, first.hasPrinted)
		second := start(t, "x7k2", map[*segment]string{seg: "10.0.0.2"})
		waitFor(t, "another name", 4*time.Second, func() bool { return second.d.Status().Own == "downbeat-x7k2-2.local" })
		if first.d.Status().Own != "downbeat-x7k2.local" {
			t.Errorf("the first box is %+v", first.d.Status())
		}
	})
}

// TestManyConflicts has a device that claims every name: after 15 conflicts in
// ten seconds the box waits five before each attempt (RFC 6762 §8.1).
func TestManyConflicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		var bully *port
		bully = seg.plug("10.0.0.66", func(from, to netip.AddrPort, data []byte) {
			var m dns.Msg
			if from.Addr() == bully.ip || m.Unpack(data) != nil || m.Response {
				return
			}
			answer := response(nil)
			for _, q := range m.Question {
				answer.Answer = append(answer.Answer, addressRecord(q.Name, bully.ip))
			}
			raw, _ := answer.Pack()
			bully.send(mdnsPort, groups[v4], raw)
		})
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		time.Sleep(conflictWindow)
		began := time.Now()
		time.Sleep(time.Minute)
		if n := len(seg.sent(began, "10.0.0.1")); n < 10 || n > 15 {
			t.Errorf("%d packets in a minute of conflicts, want one each five seconds", n)
		}
		if got := m.d.Status(); got.Printed != "" || got.Own != "" {
			t.Errorf("the box believes in %+v", got)
		}
		bully.unplug()
		waitFor(t, "both names when the bully has gone", 2*retryEvery, func() bool { return m.hasPrinted() && m.d.Status().Own != "" })
	})
}

func TestAddressChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the name", 2*time.Second, m.hasPrinted)
		time.Sleep(5 * time.Second)
		a := newAsker(seg, "10.0.0.9")
		began := time.Now()
		m.move("10.0.0.5")
		took := waitFor(t, "the new address announced", 5*time.Second, func() bool {
			return slices.Contains(addressesIn(seg.sent(began, "10.0.0.5"), printedName), "10.0.0.5")
		})
		t.Logf("announced after %v", took)
		gone := 0
		for _, p := range seg.sent(began, "10.0.0.5") {
			for _, rr := range p.msg.Answer {
				if rr.Header().Ttl == 0 {
					gone++
				}
			}
		}
		if gone != 3 {
			t.Errorf("%d goodbyes for the old address, want one for each name and one for the reverse", gone)
		}
		time.Sleep(2 * time.Second)
		if got := addressesIn(a.ask(mdnsPort, query(printedName, dns.TypeA)), printedName); !slices.Equal(got, []string{"10.0.0.5"}) {
			t.Errorf("the box answers %v", got)
		}
	})
}

// TestAnAddressThatIsNewer has another program of the machine announce a new
// address before the box has been told of it.
func TestAnAddressThatIsNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the name", 2*time.Second, m.hasPrinted)
		m.move("10.0.0.5")
		raw, err := response(flushing([]dns.RR{
			addressRecord(printedName, netip.MustParseAddr("10.0.0.5")), addressRecord(ownName, netip.MustParseAddr("10.0.0.5")),
		})).Pack()
		if err != nil {
			t.Fatal(err)
		}
		m.send(1, groups[v4], raw)
		for range 100 {
			time.Sleep(10 * time.Millisecond)
			if got := m.d.Status(); got.Printed == "" || got.Own != "downbeat-x7k2.local" {
				t.Fatalf("the box is in conflict with its own machine: %+v", got)
			}
		}
	})
}

// TestNoNetworkThenOne starts a box before its cable.
func TestNoNetworkThenOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", nil)
		time.Sleep(time.Minute)
		if got := m.d.Status(); got != (Status{}) {
			t.Errorf("without a network the box is %+v", got)
		}
		m.plug(seg, 1, "10.0.0.1")
		waitFor(t, "the name", lookEvery+1100*time.Millisecond, m.hasPrinted)
	})
}

// TestEachLinkDecides has a box with two networks, and a rival in one.
func TestEachLinkDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := new(segment), new(segment)
		rival := start(t, "abcd", map[*segment]string{one: "10.0.0.2"})
		waitFor(t, "the rival's name", 2*time.Second, rival.hasPrinted)
		m := start(t, "x7k2", map[*segment]string{one: "10.0.0.1"})
		m.plug(two, 2, "10.0.1.1")
		wake(m.changed)
		time.Sleep(5 * time.Second)
		if got, want := m.d.Status(), (Status{Own: "downbeat-x7k2.local", Contested: true}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := addressesIn(newAsker(two, "10.0.1.9").ask(mdnsPort, query(printedName, dns.TypeA)), printedName); !slices.Equal(got, []string{"10.0.1.1"}) {
			t.Errorf("in the network without a rival the box answers %v", got)
		}
		if got := addressesIn(newAsker(one, "10.0.0.9").ask(mdnsPort, query(printedName, dns.TypeA)), printedName); !slices.Equal(got, []string{"10.0.0.2"}) {
			t.Errorf("in the network with a rival there is the answer %v", got)
		}
	})
}

func TestGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := start(t, "x7k2", map[*segment]string{seg: "10.0.0.1"})
		waitFor(t, "the name", 2*time.Second, m.hasPrinted)
		time.Sleep(5 * time.Second)
		began := time.Now()
		m.stop()
		gone := map[string]bool{}
		for _, p := range seg.sent(began, "10.0.0.1") {
			for _, rr := range p.msg.Answer {
				if rr.Header().Ttl == 0 {
					gone[rr.Header().Name] = true
				}
			}
		}
		for _, name := range []string{printedName, ownName, "1.0.0.10.in-addr.arpa.", "downbeat-x7k2._http._tcp.local."} {
			if !gone[name] {
				t.Errorf("no goodbye for %s: %v", name, gone)
			}
		}
	})
}
