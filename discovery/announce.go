package discovery

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/grandcat/zeroconf"
)

// Service is the type under which boxes find each other.
const Service = "_downbeat._tcp"

// serviceTypes are what a box offers: a site, and a Downbeat.
var serviceTypes = []string{"_http._tcp", Service}

// instanceName is the name of a service of the box with that label.
func instanceName(label, kind string) string { return label + "." + kind + ".local." }

// announcement is what zeroconf tells the network. The zero value is nothing.
type announcement struct {
	label      string // of the services and of their host
	port       uint16
	text       []string
	interfaces []Interface
	only       netip.Addr
}

func (a announcement) equal(b announcement) bool {
	return a.label == b.label && a.port == b.port && a.only == b.only &&
		slices.Equal(a.text, b.text) && equalInterfaces(a.interfaces, b.interfaces)
}

// supervise keeps zeroconf announcing what is right now, until ctx ends.
func (d *Discovery) supervise(ctx context.Context) error {
	var running []*zeroconf.Server
	stop := func() {
		for _, s := range running {
			s.Shutdown()
		}
		running = nil
	}
	defer func() { stop() }()
	var again <-chan time.Time
	pause := firstPause
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.announce:
		case <-again:
		}
		again = nil
		d.mu.Lock()
		now := d.now
		d.mu.Unlock()
		// The goodbye comes just before the news, within the second that caches
		// wait (RFC 6762 §10.1), so that nobody sees the box go.
		stop()
		started, err := register(now)
		running = started
		if err == nil {
			pause = firstPause
			continue
		}
		d.log.Warn("cannot announce the box, trying again", "err", err, "pause", pause)
		again = time.After(pause)
		pause = min(2*pause, longPause)
	}
}

// register starts a server of zeroconf for each service. If one fails it returns
// the others too.
func register(a announcement) (servers []*zeroconf.Server, err error) {
	if a.label == "" || len(a.interfaces) == 0 {
		return nil, nil
	}
	var interfaces []net.Interface
	for _, i := range a.interfaces {
		dev, err := net.InterfaceByIndex(i.Index)
		if err != nil {
			return nil, fmt.Errorf("interface %s: %w", i.Name, err)
		}
		interfaces = append(interfaces, *dev)
	}
	var addresses []string // none: those of each interface
	if a.only.IsValid() {
		addresses = []string{a.only.String()}
	}
	for _, kind := range serviceTypes {
		s, err := zeroconf.RegisterProxy(a.label, kind, "local", int(a.port), a.label+".local.", addresses, a.text, interfaces)
		if err != nil {
			return servers, fmt.Errorf("announce %s: %w", kind, err)
		}
		servers = append(servers, s)
	}
	return servers, nil
}
