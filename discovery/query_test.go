package discovery

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// quiet starts a box and waits until it has announced itself, and until its
// records may be multicast again.
func quiet(t *testing.T, seg *segment, ip string) *machine {
	t.Helper()
	m := start(t, "x7k2", map[*segment]string{seg: ip})
	waitFor(t, "the name", 2*time.Second, m.hasPrinted)
	time.Sleep(5 * time.Second)
	return m
}

// TestQueries asks in every way and checks the first answer: where it goes, how
// late it is and what it holds.
func TestQueries(t *testing.T) {
	type want struct {
		answer    string // "name TYPE …", or "" for no answer
		unicast   bool
		from, til time.Duration // when it arrives
	}
	const hop = 2 * time.Millisecond // there and back
	at := func(answer string) want { return want{answer: answer, til: 10*time.Millisecond + hop} }
	for name, tt := range map[string]struct {
		query func(*dns.Msg)
		name  string
		kind  uint16
		port  uint16
		want  want
	}{
		"the printed name": {name: printedName, kind: dns.TypeA, want: at("downbeat.local. A")},
		"other letters":    {name: "DownBeat.LOCAL.", kind: dns.TypeA, want: at("downbeat.local. A")},
		"the own name":     {name: ownName, kind: dns.TypeA, want: at("downbeat-x7k2.local. A")},
		"everything":       {name: ownName, kind: dns.TypeANY, want: at("downbeat-x7k2.local. A")},
		"the address":      {name: "1.0.0.10.in-addr.arpa.", kind: dns.TypePTR, want: at("1.0.0.10.in-addr.arpa. PTR")},
		"no IPv6 here":     {name: printedName, kind: dns.TypeAAAA, want: at("downbeat.local. NSEC")},
		"the service": {
			name: "downbeat-X7K2._HTTP._tcp.local.", kind: dns.TypeSRV,
			want: at("downbeat-x7k2._http._tcp.local. SRV"),
		},
		"its text": {
			name: "downbeat-x7k2._downbeat._tcp.local.", kind: dns.TypeTXT,
			want: at("downbeat-x7k2._downbeat._tcp.local. TXT"),
		},
		"another name":    {name: "upbeat.local.", kind: dns.TypeA},
		"another address": {name: "2.0.0.10.in-addr.arpa.", kind: dns.TypePTR},
		"another class":   {name: printedName, kind: dns.TypeA, query: func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }},
		"another opcode":  {name: printedName, kind: dns.TypeA, query: func(m *dns.Msg) { m.Opcode = dns.OpcodeStatus }},
		"an error":        {name: printedName, kind: dns.TypeA, query: func(m *dns.Msg) { m.Rcode = dns.RcodeRefused }},
		"with an id and RD": {
			name: printedName, kind: dns.TypeA,
			query: func(m *dns.Msg) { m.Id, m.RecursionDesired = 77, true }, want: at("downbeat.local. A"),
		},
		"a unicast answer, please": {
			name: printedName, kind: dns.TypeA, query: func(m *dns.Msg) { m.Question[0].Qclass |= unicastBit },
			want: want{answer: "downbeat.local. A", unicast: true, til: hop},
		},
		"a plain DNS client": {
			name: printedName, kind: dns.TypeA, port: 40000, query: func(m *dns.Msg) { m.Id, m.RecursionDesired = 77, true },
			want: want{answer: "downbeat.local. A", unicast: true, til: hop},
		},
		"among other questions": {
			name: printedName, kind: dns.TypeA,
			query: func(m *dns.Msg) { m.Question = append(m.Question, query("upbeat.local.", dns.TypeA).Question...) },
			want:  want{answer: "downbeat.local. A", from: 20 * time.Millisecond, til: 120*time.Millisecond + hop},
		},
		"more to come": {
			name: printedName, kind: dns.TypeA, query: func(m *dns.Msg) { m.Truncated = true },
			want: want{answer: "downbeat.local. A", from: 400 * time.Millisecond, til: 500*time.Millisecond + hop},
		},
		"known already": {
			name: printedName, kind: dns.TypeA,
			query: func(m *dns.Msg) {
				m.Answer = []dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.1"))}
			},
		},
		"known, but not for long": {
			name: printedName, kind: dns.TypeA,
			query: func(m *dns.Msg) {
				m.Answer = []dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.1"))}
				m.Answer[0].Header().Ttl = ttl/2 - 1
			},
			want: at("downbeat.local. A"),
		},
		"another address known": {
			name: printedName, kind: dns.TypeA,
			query: func(m *dns.Msg) {
				m.Answer = []dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.2"))}
			},
			want: at("downbeat.local. A"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seg := new(segment)
				quiet(t, seg, "10.0.0.1")
				a := newAsker(seg, "10.0.0.9")
				m := query(tt.name, tt.kind)
				if tt.query != nil {
					tt.query(m)
				}
				if tt.port == 0 {
					tt.port = mdnsPort
				}
				began := time.Now()
				heard := a.ask(tt.port, m)
				if tt.want.answer == "" {
					if len(heard) > 0 {
						t.Errorf("answered with %v", heard[0].msg)
					}
					return
				}
				if len(heard) == 0 {
					t.Fatal("no answer")
				}
				got := heard[0]
				if h := got.msg.Answer[0].Header(); fmt.Sprint(h.Name, " ", dns.TypeToString[h.Rrtype]) != tt.want.answer {
					t.Errorf("answered\n%v, want %s", got.msg, tt.want.answer)
				}
				if late := got.at.Sub(began); late < tt.want.from || late > tt.want.til {
					t.Errorf("answered after %v, want %v to %v", late, tt.want.from, tt.want.til)
				}
				if got.to.Addr().IsMulticast() == tt.want.unicast {
					t.Errorf("answered to %v", got.to)
				}
				checkForm(t, m, got, tt.port)
			})
		})
	}
}

// checkForm checks what differs between answers to multicast DNS hosts and to
// plain DNS clients (RFC 6762 §6.7, §18).
func checkForm(t *testing.T, asked *dns.Msg, got sentPacket, port uint16) {
	t.Helper()
	h := got.msg.Answer[0].Header()
	if port == mdnsPort {
		if got.msg.Id != 0 || len(got.msg.Question) != 0 || h.Ttl != ttl || h.Class != dns.ClassINET|flushBit {
			t.Errorf("an answer to all is\n%v", got.msg)
		}
		return
	}
	if got.msg.Id != asked.Id || !slices.Equal(got.msg.Question, asked.Question) || h.Ttl > legacyTTL || h.Class != dns.ClassINET || got.to.Port() != port {
		t.Errorf("an answer to a plain client is to %v\n%v", got.to, got.msg)
	}
}

// TestAdditionalRecords checks that one question is enough.
func TestAdditionalRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := quiet(t, seg, "10.0.0.1")
		_ = m
		a := newAsker(seg, "10.0.0.9")
		types := func(heard []sentPacket) (all []string) {
			for _, rr := range heard[0].msg.Extra {
				all = append(all, dns.TypeToString[rr.Header().Rrtype])
			}
			slices.Sort(all)
			return all
		}
		if got := types(a.ask(mdnsPort, query(printedName, dns.TypeA))); !slices.Equal(got, []string{"NSEC"}) {
			t.Errorf("beside an A without AAAA come %v, want NSEC", got)
		}
		if got := types(a.ask(mdnsPort, query("downbeat-x7k2._http._tcp.local.", dns.TypeSRV))); !slices.Equal(got, []string{"A", "NSEC"}) {
			t.Errorf("beside a service come %v, want A and NSEC", got)
		}
	})
}

// TestARecordIsMulticastOnceASecond asks a hundred times within a second.
func TestARecordIsMulticastOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		quiet(t, seg, "10.0.0.1")
		a := newAsker(seg, "10.0.0.9")
		raw, _ := query(printedName, dns.TypeA).Pack()
		began := time.Now()
		for range 100 {
			a.send(mdnsPort, groups[v4], raw)
			time.Sleep(9 * time.Millisecond)
		}
		if n := len(seg.sent(began, "10.0.0.1")); n != 1 {
			t.Errorf("%d answers within a second, want one", n)
		}
		time.Sleep(time.Second)
		if got := addressesIn(a.ask(mdnsPort, query(printedName, dns.TypeA)), printedName); len(got) != 1 {
			t.Errorf("a second later the answer is %v", got)
		}
	})
}

// TestDefence probes for the box's names as another host does, three times.
func TestDefence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := quiet(t, seg, "10.0.0.1")
		a := newAsker(seg, "10.0.0.9")
		probe := query(printedName, dns.TypeANY)
		probe.Question[0].Qclass |= unicastBit
		probe.Ns = []dns.RR{addressRecord(printedName, a.ip)}
		raw, _ := probe.Pack()
		began := time.Now()
		for range 3 {
			a.send(mdnsPort, groups[v4], raw)
			time.Sleep(probeEvery)
		}
		defended := 0
		for _, p := range seg.sent(began, "10.0.0.1") {
			if p.to.Addr().IsMulticast() && slices.Equal(addressesIn([]sentPacket{p}, printedName), []string{"10.0.0.1"}) {
				defended++
			}
		}
		if defended < 3 || !m.hasPrinted() {
			t.Errorf("%d of three probes were answered, and the box is %+v", defended, m.d.Status())
		}
	})
}

// TestKnownAnswersThatFollow truncates a query, and sends the rest of what the
// asker knows (RFC 6762 §7.2).
func TestKnownAnswersThatFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		quiet(t, seg, "10.0.0.1")
		a := newAsker(seg, "10.0.0.9")
		first := query(printedName, dns.TypeA)
		first.Truncated = true
		raw, _ := first.Pack()
		a.send(mdnsPort, groups[v4], raw)
		time.Sleep(50 * time.Millisecond)
		rest := &dns.Msg{Answer: []dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.1"))}}
		if heard := a.ask(mdnsPort, rest); len(heard) != 0 {
			t.Errorf("answered what was known: %v", heard[0].msg)
		}
	})
}

// TestSomebodyElseAnswers drops an answer that another responder of this machine
// has given.
func TestSomebodyElseAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		m := quiet(t, seg, "10.0.0.1")
		a := newAsker(seg, "10.0.0.9")
		asked := query(printedName, dns.TypeA)
		asked.Truncated = true
		raw, _ := asked.Pack()
		a.send(mdnsPort, groups[v4], raw)
		time.Sleep(50 * time.Millisecond)
		twin, _ := response([]dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.1"))}).Pack()
		if heard := a.askRaw(mdnsPort, twin); len(heard) != 0 || !m.hasPrinted() {
			t.Errorf("answered again: %v, and the box is %+v", heard, m.d.Status())
		}
	})
}

// TestStrangersFromElsewhere checks that no unicast leaves the network.
func TestStrangersFromElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seg := new(segment)
		quiet(t, seg, "10.0.0.1")
		a := newAsker(seg, "203.0.113.9")
		if heard := a.ask(40000, query(printedName, dns.TypeA)); len(heard) != 0 {
			t.Errorf("answered a plain client elsewhere: %v", heard[0].msg)
		}
		spoof, _ := response([]dns.RR{addressRecord(printedName, a.ip)}).Pack()
		if heard := a.askRaw(1234, spoof); len(heard) != 0 {
			t.Errorf("a response from a wrong port had an effect: %v", heard[0].msg)
		}
	})
}

// FuzzReceive feeds a box with packets. It must neither panic nor believe that
// its own name is lost to a packet of nonsense for ever.
func FuzzReceive(f *testing.F) {
	for _, m := range []*dns.Msg{
		query(printedName, dns.TypeA), query(ownName, dns.TypeANY), query("1.0.0.10.in-addr.arpa.", dns.TypePTR),
		response([]dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.2"))}),
		{Question: query(printedName, dns.TypeANY).Question, Ns: []dns.RR{addressRecord(printedName, netip.MustParseAddr("10.0.0.2"))}},
		{Answer: []dns.RR{&dns.A{Hdr: header(printedName, dns.TypeA)}}},
	} {
		raw, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, uint16(mdnsPort), true)
		f.Add(raw, uint16(40000), false)
	}
	for _, hell := range packetsFromHell {
		f.Add([]byte(hell), uint16(mdnsPort), true)
	}
	at := time.Unix(0, 0)
	f.Fuzz(func(_ *testing.T, raw []byte, port uint16, multicast bool) {
		r := newResponder(Config{ID: "x7k2", Port: 80}, nowhere{})
		now := at
		r.setInterfaces(now, []Interface{{Index: 1, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24"), netip.MustParsePrefix("fd00::1/64")}}})
		for step := range 20 {
			now = now.Add(100 * time.Millisecond)
			r.advance(now)
			if step%3 == 0 {
				r.receive(now, packet{1, netip.AddrPortFrom(netip.MustParseAddr("10.0.0.9"), port), multicast, raw})
			}
		}
		r.close()
	})
}

// packetsFromHell are packets that no honest host sends: a name that points to
// itself, one that points ahead, counts that promise what is not there, a label
// without an end, a record longer than the packet, many questions in few bytes.
var packetsFromHell = []string{
	"\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01",
	"\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x10\x00\x01\xc0\x0c\x00\x01",
	"\x00\x00\x84\x00\xff\xff\xff\xff\xff\xff\xff\xff",
	"\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x3fdownbeat",
	"\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x08downbeat\x05local\x00\x00\x01\x80\x01\x00\x00\x00\x78\xff\xff\x0a\x00",
	"\x00\x00\x00\x00\x00\xff\x00\x00\x00\x00\x00\x00\x08downbeat\x05local\x00\x00\xff\x00\x01" + strings.Repeat("\xc0\x0c\x00\xff\x00\x01", 254),
	strings.Repeat("\xff", maxPacket),
	"",
}

// FuzzFind feeds the finder.
func FuzzFind(f *testing.F) {
	raw, err := response([]dns.RR{
		&dns.PTR{Hdr: header(Service+".local.", dns.TypePTR), Ptr: "a._downbeat._tcp.local."},
		&dns.SRV{Hdr: header("a._downbeat._tcp.local.", dns.TypeSRV), Target: "a.local."},
		&dns.TXT{Hdr: header("a._downbeat._tcp.local.", dns.TypeTXT), Txt: []string{"id=a", "id=b", "=", ""}},
		addressRecord("a.local.", netip.MustParseAddr("10.0.0.1")),
	}).Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	for _, hell := range packetsFromHell {
		f.Add([]byte(hell))
	}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		s := newSightings()
		s.receive(packet{data: raw})
		s.boxes(nil)
	})
}

// BenchmarkReceive is the cost of a packet: of the box's own query, and of what
// the rest of a school multicasts.
func BenchmarkReceive(b *testing.B) {
	for name, m := range map[string]*dns.Msg{
		"query":    query(printedName, dns.TypeA),
		"stranger": query("_ipp._tcp.local.", dns.TypePTR),
	} {
		b.Run(name, func(b *testing.B) {
			now := time.Unix(0, 0)
			r := newResponder(Config{ID: "x7k2", Port: 80}, nowhere{})
			r.setInterfaces(now, []Interface{{Index: 1, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}}})
			for range 20 {
				now = now.Add(100 * time.Millisecond)
				r.advance(now)
			}
			raw, err := m.Pack()
			if err != nil {
				b.Fatal(err)
			}
			p := packet{1, netip.MustParseAddrPort("10.0.0.9:5353"), true, raw}
			for b.Loop() {
				now = now.Add(time.Second)
				r.receive(now, p)
			}
		})
	}
}

// nowhere is a network that leads nowhere.
type nowhere struct{}

func (nowhere) send(int, netip.AddrPort, []byte) {}

func (nowhere) owns(netip.Addr) bool { return false }
