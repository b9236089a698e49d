package discovery

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
)

// Box is a box that was found.
type Box struct {
	Label     string // "downbeat-x7k2"
	Host      string // "downbeat-x7k2.local"
	Port      uint16
	Addresses []netip.Addr      // the likeliest to work first
	Text      map[string]string // what the box says of itself
}

// FindConfig says where to look for boxes.
type FindConfig struct {
	// Interfaces are those that lead to a class.
	Interfaces []Interface
	// Wait is how long to listen for answers. Less than a second misses boxes on
	// a busy Wi-Fi.
	Wait time.Duration
	// Log receives what cannot be sent. Nil means slog.Default().
	Log *slog.Logger
}

// askAt are the moments of the questions. Wi-Fi loses multicast, and so a
// question is asked again.
var askAt = []time.Duration{0, 300 * time.Millisecond, 1200 * time.Millisecond, 3 * time.Second}

// Find lists the boxes of the network, in order of their labels.
func Find(ctx context.Context, cfg FindConfig) ([]Box, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s, err := openSockets(cfg.Log)
	if err != nil {
		return nil, err
	}
	s.join(cfg.Interfaces)
	ctx, cancel := context.WithTimeout(ctx, cfg.Wait)
	defer cancel()
	packets := make(chan packet, queued)
	seen := newSightings()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.read(ctx, packets) })
	group.Go(func() error { return seen.collect(ctx, cfg.Interfaces, s, packets) })
	if err := group.Wait(); ctx.Err() == nil {
		return nil, err
	}
	return seen.boxes(cfg.Interfaces), nil
}

// sightings is what was heard of boxes. Names are in lower case.
type sightings struct {
	services map[string]*dns.SRV // by instance; nil until it is known
	texts    map[string][]string // by instance
	hosts    map[string][]netip.Addr
}

func newSightings() *sightings {
	return &sightings{services: map[string]*dns.SRV{}, texts: map[string][]string{}, hosts: map[string][]netip.Addr{}}
}

// collect asks and listens until ctx ends.
func (s *sightings) collect(ctx context.Context, interfaces []Interface, n network, packets <-chan packet) error {
	asked := 0
	began := time.Now()
	timer := time.NewTimer(askAt[0])
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case p := <-packets:
			s.receive(p)
		case <-timer.C:
			s.ask(interfaces, n)
			if asked++; asked < len(askAt) {
				timer.Reset(time.Until(began.Add(askAt[asked])))
			}
		}
	}
}

// ask sends the questions that are open.
func (s *sightings) ask(interfaces []Interface, n network) {
	m := new(dns.Msg)
	question := func(name string, kind uint16) {
		m.Question = append(m.Question, dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET})
	}
	question(Service+".local.", dns.TypePTR)
	for instance, srv := range s.services {
		if srv == nil || s.texts[instance] == nil {
			question(instance, dns.TypeSRV)
			question(instance, dns.TypeTXT)
		}
		if srv != nil && len(s.hosts[strings.ToLower(srv.Target)]) == 0 {
			question(srv.Target, dns.TypeA)
			question(srv.Target, dns.TypeAAAA)
		}
	}
	raw, err := m.Pack()
	if err != nil {
		return // a stranger's name that cannot be sent: the next packet may replace it
	}
	for _, i := range interfaces {
		for f, group := range groups {
			if i.has(family(f)) {
				n.send(i.Index, group, raw)
			}
		}
	}
}

// maxSightings bounds what strangers can make the finder remember.
const maxSightings = 256

// receive takes what a packet says about boxes.
func (s *sightings) receive(p packet) {
	var m dns.Msg
	if len(p.data) > maxPacket || m.Unpack(p.data) != nil || !m.Response {
		return
	}
	for _, rr := range slices.Concat(m.Answer, m.Extra) {
		name := strings.ToLower(rr.Header().Name)
		switch rr := rr.(type) {
		case *dns.PTR:
			if instance := strings.ToLower(rr.Ptr); name == Service+".local." && strings.HasSuffix(instance, "."+name) {
				s.instance(instance, rr.Header().Ttl)
			}
		case *dns.SRV:
			if strings.HasSuffix(name, "."+Service+".local.") && s.instance(name, rr.Header().Ttl) {
				s.services[name] = rr
			}
		case *dns.TXT:
			if len(s.texts) < maxSightings {
				s.texts[name] = rr.Txt
			}
		default:
			ip := addressOf(rr)
			if ip.IsValid() && len(s.hosts) < maxSightings && len(s.hosts[name]) < maxAddresses && !slices.Contains(s.hosts[name], ip) {
				s.hosts[name] = append(s.hosts[name], ip)
			}
		}
	}
}

// instance remembers a service, or forgets it if its time is over. It reports
// whether the service is known now.
func (s *sightings) instance(name string, left uint32) bool {
	srv, known := s.services[name]
	switch {
	case left == 0:
		delete(s.services, name)
		return false
	case !known && len(s.services) >= maxSightings:
		return false
	}
	s.services[name] = srv
	return true
}

// boxes lists the boxes of which everything is known.
func (s *sightings) boxes(interfaces []Interface) (all []Box) {
	for _, instance := range slices.Sorted(maps.Keys(s.services)) {
		srv := s.services[instance]
		if srv == nil {
			continue
		}
		ips := s.hosts[strings.ToLower(srv.Target)]
		if len(ips) == 0 {
			continue
		}
		slices.SortStableFunc(ips, func(a, b netip.Addr) int { return cmp.Compare(distance(a, interfaces), distance(b, interfaces)) })
		all = append(all, Box{
			Label: strings.TrimSuffix(instance, "."+Service+".local."), Host: strings.TrimSuffix(srv.Target, "."),
			Port: srv.Port, Addresses: ips, Text: fields(s.texts[instance]),
		})
	}
	return all
}

// distance orders addresses by how surely they are reached from here: IPv4 in a
// network of this machine, other IPv4, IPv6, and makeshift IPv6, which browsers
// cannot open.
func distance(ip netip.Addr, interfaces []Interface) int {
	switch {
	case ip.Is6() && ip.IsLinkLocalUnicast():
		return 3
	case ip.Is6():
		return 2
	case slices.ContainsFunc(interfaces, func(i Interface) bool { return i.reaches(ip) }):
		return 0
	}
	return 1
}

// fields splits "key=value" strings. The first of two equal keys counts (RFC 6763
// §6.4).
func fields(text []string) map[string]string {
	all := map[string]string{}
	for _, t := range text {
		key, value, _ := strings.Cut(t, "=")
		if _, twice := all[key]; !twice && key != "" {
			all[key] = value
		}
	}
	return all
}
