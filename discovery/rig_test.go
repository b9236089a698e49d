package discovery

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// segment is a network in memory: what one port sends reaches all, the sender
// too, a millisecond later. It works in a bubble only.
type segment struct {
	mu    sync.Mutex // guards ports, drop, log
	ports []*port
	drop  func(from netip.Addr) bool // loses a packet; nil loses none
	log   []sentPacket
}

// sentPacket is what a segment carried.
type sentPacket struct {
	at   time.Time
	from netip.AddrPort
	to   netip.AddrPort
	msg  *dns.Msg
}

// port is a plug of a segment.
type port struct {
	seg  *segment
	ip   netip.Addr
	hear func(from, to netip.AddrPort, data []byte)
}

func (s *segment) plug(ip string, hear func(from, to netip.AddrPort, data []byte)) *port {
	p := &port{s, netip.MustParseAddr(ip), hear}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ports = append(s.ports, p)
	return p
}

func (p *port) unplug() {
	p.seg.mu.Lock()
	defer p.seg.mu.Unlock()
	p.seg.ports = slices.DeleteFunc(p.seg.ports, func(q *port) bool { return q == p })
}

// send sends from a UDP port of the plug.
func (p *port) send(udp uint16, to netip.AddrPort, data []byte) {
	s := p.seg
	s.mu.Lock()
	defer s.mu.Unlock()
	msg := new(dns.Msg)
	if err := msg.Unpack(data); err != nil {
		msg = nil
	}
	from := netip.AddrPortFrom(p.ip, udp)
	s.log = append(s.log, sentPacket{time.Now(), from, to, msg})
	if s.drop != nil && s.drop(p.ip) {
		return
	}
	data = slices.Clone(data)
	for _, q := range s.ports {
		if to.Addr().IsMulticast() || to.Addr() == q.ip {
			time.AfterFunc(time.Millisecond, func() { q.hear(from, to, data) })
		}
	}
}

// sent returns what the segment carried since a moment, by sender.
func (s *segment) sent(since time.Time, from string) (all []sentPacket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.log {
		if !p.at.Before(since) && (from == "" || p.from.Addr() == netip.MustParseAddr(from)) {
			all = append(all, p)
		}
	}
	return all
}

// machine is a box on one segment or several. It is the network of its loop.
type machine struct {
	d       *Discovery
	packets chan packet
	changed chan struct{}
	stop    func()
	devices atomic.Int32 // that use the box

	mu    sync.Mutex // guards ports, gone
	ports map[int]*port
	gone  bool
}

// start runs the loop of a box with the id, with an interface on each segment.
// Interface 1 is on the first, 2 on the second.
func start(t *testing.T, id string, plugs map[*segment]string) *machine {
	t.Helper()
	m := &machine{packets: make(chan packet, queued), changed: make(chan struct{}, 1), ports: map[int]*port{}}
	for seg, ip := range plugs {
		m.plug(seg, len(m.ports)+1, ip)
	}
	d, err := New(Config{
		ID: id, Port: 8080, Interfaces: m.interfaces, Log: slog.New(slog.DiscardHandler),
		Text:    func() []string { return []string{"id=" + id} },
		Devices: func() int { return int(m.devices.Load()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	m.d = d
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.loop(ctx, m, m.packets, m.changed)
	}()
	m.stop = func() { cancel(); <-ended }
	t.Cleanup(m.stop)
	return m
}

func (m *machine) plug(seg *segment, index int, ip string) {
	p := seg.plug(ip, func(from, to netip.AddrPort, data []byte) {
		select {
		case m.packets <- packet{index, from, to.Addr().IsMulticast(), data}:
		default:
		}
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ports[index] = p
}

// move gives interface 1 another address. The kernel says so.
func (m *machine) move(ip string) {
	m.mu.Lock()
	p := m.ports[1]
	p.seg.mu.Lock()
	p.ip = netip.MustParseAddr(ip)
	p.seg.mu.Unlock()
	m.mu.Unlock()
	wake(m.changed)
}

// vanish cuts the power: no goodbye is heard.
func (m *machine) vanish() {
	m.mu.Lock()
	m.gone = true
	for _, p := range m.ports {
		p.unplug()
	}
	m.mu.Unlock()
	m.stop()
}

func (m *machine) interfaces() (all []Interface) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for index, p := range m.ports {
		all = append(all, Interface{Index: index, Name: "lan", Prefixes: []netip.Prefix{netip.PrefixFrom(p.ip, 24)}})
	}
	slices.SortFunc(all, func(a, b Interface) int { return a.Index - b.Index })
	return all
}

func (m *machine) join([]Interface) {}

func (m *machine) owns(ip netip.Addr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.ports {
		if p.ip == ip {
			return true
		}
	}
	return false
}

func (m *machine) send(link int, to netip.AddrPort, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.ports[link]; p != nil && !m.gone {
		p.send(mdnsPort, to, data)
	}
}

// asker is a device that asks, and keeps what it hears.
type asker struct {
	*port
	mu    sync.Mutex // guards heard
	heard []sentPacket
}

func newAsker(seg *segment, ip string) *asker {
	a := new(asker)
	a.port = seg.plug(ip, func(from, to netip.AddrPort, data []byte) {
		msg := new(dns.Msg)
		if from.Addr() != a.ip && msg.Unpack(data) == nil {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.heard = append(a.heard, sentPacket{time.Now(), from, to, msg})
		}
	})
	return a
}

// ask multicasts a message and returns what comes back within two seconds.
func (a *asker) ask(udp uint16, m *dns.Msg) []sentPacket {
	raw, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return a.askRaw(udp, raw)
}

func (a *asker) askRaw(udp uint16, raw []byte) []sentPacket {
	a.mu.Lock()
	a.heard = nil
	a.mu.Unlock()
	a.send(udp, groups[v4], raw)
	time.Sleep(2 * time.Second)
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.heard
}

// query is a question as hosts of multicast DNS ask it.
func query(name string, kind uint16) *dns.Msg {
	return &dns.Msg{Question: []dns.Question{{Name: name, Qtype: kind, Qclass: dns.ClassINET}}}
}

// addressesIn returns the addresses that packets give a name, in order.
func addressesIn(packets []sentPacket, name string) (all []string) {
	for _, p := range packets {
		for _, rr := range p.msg.Answer {
			if ip := addressOf(rr); ip.IsValid() && rr.Header().Name == name && rr.Header().Ttl > 0 {
				all = append(all, ip.String())
			}
		}
	}
	return all
}

// waitFor lets time pass until a condition holds. It returns how long that took,
// and fails after the limit.
func waitFor(t *testing.T, what string, limit time.Duration, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !holds() {
		if time.Since(began) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
	}
	return time.Since(began)
}
