package appliance

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"downbeat.local/appliance/lan"
	"downbeat.local/appliance/web"
	"downbeat.local/discovery"
)

// openDiscovery prepares what makes the box known by name. A box that only this
// machine can reach stays unknown.
func (a *Appliance) openDiscovery() error {
	host, port := a.pagesAt()
	if !a.cfg.MDNS || host.IsLoopback() {
		return nil
	}
	id, err := a.store.Kept(context.Background(), shortID, newShortID)
	if err != nil {
		return err
	}
	cfg := discovery.Config{
		ID: string(id), Port: port, Interfaces: classInterfaces,
		Text: func() []string { return a.announcedText(string(id)) }, Devices: a.rooms.Devices, Changed: a.greetByName, Log: a.log,
	}
	if !host.IsUnspecified() {
		cfg.Only = host
	}
	a.discovery, err = discovery.New(cfg)
	return err
}

// shortID names the four letters and digits that tell this box from others.
const shortID = "short-id"

// newShortID invents them: 20 bits, so that boxes of a school do not collide.
func newShortID() ([]byte, error) {
	raw := make([]byte, 3)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	return []byte(strings.ToLower(base32.StdEncoding.EncodeToString(raw))[:4]), nil
}

// pagesAt is where the pages are: the host, which may be every address, and the
// port that people type.
func (a *Appliance) pagesAt() (netip.Addr, uint16) {
	ap, err := netip.ParseAddrPort(a.pagesAddr())
	if err != nil {
		return netip.IPv4Unspecified(), 0
	}
	return ap.Addr().Unmap(), ap.Port()
}

// maxVersion bounds the version in a record, in bytes. One string of a record has
// 255.
const maxVersion = 100

// announcedText is what the network reads about the box.
func (a *Appliance) announcedText(id string) []string {
	rooms := "none"
	list, err := a.rooms.List(context.Background())
	for _, r := range list {
		if err == nil && !r.Locked {
			rooms = "open"
		}
	}
	version := a.cfg.Version[:min(len(a.cfg.Version), maxVersion)]
	return []string{"path=/", "id=" + id, "version=" + version, "rooms=" + rooms}
}

// classInterfaces are the interfaces where a class may be, as lan judges them.
func classInterfaces() (all []discovery.Interface) {
	reachable := map[netip.Addr]bool{}
	for _, ip := range lan.Reachable(lan.Read()) {
		reachable[ip] = !ip.IsLoopback()
	}
	devices, err := net.Interfaces()
	if err != nil {
		return nil // as if there were none; they are read again
	}
	for _, dev := range devices {
		if dev.Flags&net.FlagRunning == 0 || dev.Flags&net.FlagMulticast == 0 {
			continue
		}
		i := discovery.Interface{Index: dev.Index, Name: dev.Name, Prefixes: prefixesOf(dev)}
		for _, p := range i.Prefixes {
			if reachable[p.Addr()] {
				all = append(all, i)
				break
			}
		}
	}
	return all
}

func prefixesOf(dev net.Interface) (all []netip.Prefix) {
	addrs, err := dev.Addrs()
	if err != nil {
		return nil
	}
	for _, addr := range addrs {
		if p, err := netip.ParsePrefix(addr.String()); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// greetByName prints the name of the box when it has one, and when that changes.
func (a *Appliance) greetByName(s discovery.Status) {
	name := a.nameToType(s)
	switch {
	case name == "" || name == a.greetedAs:
		return
	case s.Contested:
		fmt.Fprintf(a.cfg.Out, "Another Downbeat here is %s, so this one is http://%s\n", discovery.Printed, name)
	default:
		fmt.Fprintf(a.cfg.Out, "Downbeat is also at http://%s\n", name)
	}
	a.greetedAs = name
}

// nameToType is the name of the box with its port, or empty if it has none. Only
// this box has the name.
func (a *Appliance) nameToType(s discovery.Status) string {
	name := s.Name()
	if _, port := a.pagesAt(); name != "" && port != httpPort {
		name = net.JoinHostPort(name, strconv.Itoa(int(port)))
	}
	return name
}

// found tells the pages how the box is found.
func (a *Appliance) found() web.Found {
	f := web.Found{State: "off"}
	if a.discovery != nil {
		s := a.discovery.Status()
		f = web.Found{State: "on", Problem: string(s.Problem), Sentence: s.Problem.Sentence(), Contested: s.Contested}
		if s.Problem == "" {
			f.Name = a.nameToType(s)
		}
	}
	if from, right, outdated := a.cards.Outdated(); outdated {
		f.Moved = &web.Moved{From: from, Right: right}
	}
	return f
}

// FindBoxes lists the boxes of the network, after listening for a while.
func FindBoxes(ctx context.Context, wait time.Duration) ([]discovery.Box, error) {
	interfaces := classInterfaces()
	if len(interfaces) == 0 {
		return nil, errors.New("this computer is in no network: plug in a cable or join a Wi-Fi")
	}
	return discovery.Find(ctx, discovery.FindConfig{Interfaces: interfaces, Wait: wait})
}
