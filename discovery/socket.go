package discovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sync/errgroup"
)

// hops is the hop limit of every packet (RFC 6762 §11).
const hops = 255

// sockets are the two sockets of multicast DNS, one a family. Other programs of
// this machine may have the same port. A machine without IPv6, or without IPv4,
// has one of them.
type sockets struct {
	v4     *ipv4.PacketConn
	v6     *ipv6.PacketConn
	joined map[membership]bool
	log    *slog.Logger
}

// membership is the group of a family on an interface.
type membership struct {
	link   int
	family family
}

// openSockets takes the port. The error is one sentence for a person.
func openSockets(log *slog.Logger) (*sockets, error) {
	s := &sockets{joined: map[membership]bool{}, log: log}
	// Go shares the port of a socket whose address is a group, and binds it to
	// all addresses.
	four, err4 := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(groups[v4]))
	six, err6 := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(groups[v6]))
	if err4 != nil && err6 != nil {
		return nil, fmt.Errorf("UDP port %d cannot be shared with the program that has it: %w", mdnsPort, errors.Join(err4, err6))
	}
	var err error
	if err4 == nil {
		s.v4 = ipv4.NewPacketConn(four)
		err = errors.Join(err, s.v4.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true), s.v4.SetMulticastTTL(hops), s.v4.SetTTL(hops))
	}
	if err6 == nil {
		s.v6 = ipv6.NewPacketConn(six)
		err = errors.Join(err, s.v6.SetControlMessage(ipv6.FlagInterface|ipv6.FlagDst, true), s.v6.SetMulticastHopLimit(hops), s.v6.SetHopLimit(hops))
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("set up multicast DNS: %w", err)
	}
	return s, nil
}

func (s *sockets) close() {
	if s.v4 != nil {
		_ = s.v4.Close()
	}
	if s.v6 != nil {
		_ = s.v6.Close()
	}
}

// join listens on interfaces, and on no others. One that has been away is joined
// anew: the kernel forgets who had joined it.
func (s *sockets) join(all []Interface) {
	joined := map[membership]bool{}
	for _, i := range all {
		for f, join := range [...]func(*net.Interface, net.Addr) error{v4: s.join4, v6: s.join6} {
			m := membership{i.Index, family(f)}
			if !i.has(m.family) {
				continue
			}
			joined[m] = true
			if s.joined[m] {
				continue
			}
			err := join(&net.Interface{Index: i.Index}, net.UDPAddrFromAddrPort(groups[f]))
			if err != nil && !errors.Is(err, syscall.EADDRINUSE) { // that is: joined already
				s.log.Debug("cannot hear multicast", "interface", i.Name, "err", err)
			}
		}
	}
	s.joined = joined
}

func (s *sockets) join4(dev *net.Interface, group net.Addr) error {
	if s.v4 == nil {
		return nil
	}
	return s.v4.JoinGroup(dev, group)
}

func (s *sockets) join6(dev *net.Interface, group net.Addr) error {
	if s.v6 == nil {
		return nil
	}
	return s.v6.JoinGroup(dev, group)
}

// owns asks the kernel.
func (s *sockets) owns(ip netip.Addr) bool {
	addrs, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(addrs, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Unmap() == ip
	})
}

// send drops what cannot be sent. An interface without an address, or that has just gone, is
// an everyday thing.
func (s *sockets) send(link int, to netip.AddrPort, data []byte) {
	var err error
	addr := net.UDPAddrFromAddrPort(to)
	switch {
	case to.Addr().Unmap().Is4() && s.v4 != nil:
		_, err = s.v4.WriteTo(data, &ipv4.ControlMessage{IfIndex: link}, addr)
	case to.Addr().Is6() && s.v6 != nil:
		_, err = s.v6.WriteTo(data, &ipv6.ControlMessage{IfIndex: link}, addr)
	}
	if err != nil {
		s.log.Debug("cannot send multicast DNS", "to", to, "err", err)
	}
}

// read passes packets on until ctx ends or a socket fails. Packets that come
// faster than they are taken are dropped.
func (s *sockets) read(ctx context.Context, packets chan<- packet) error {
	defer s.close()
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, s.close)
	defer stop()
	if s.v4 != nil {
		group.Go(func() error { return pass(ctx, packets, s.read4) })
	}
	if s.v6 != nil {
		group.Go(func() error { return pass(ctx, packets, s.read6) })
	}
	return group.Wait()
}

func pass(ctx context.Context, packets chan<- packet, read func([]byte) (packet, error)) error {
	buffer := make([]byte, maxPacket+1)
	for {
		p, err := read(buffer)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("read multicast DNS: %w", err)
		}
		p.data = append([]byte(nil), p.data...)
		select {
		case packets <- p:
		default:
		}
	}
}

func (s *sockets) read4(buffer []byte) (packet, error) {
	n, cm, from, err := s.v4.ReadFrom(buffer)
	if err != nil || cm == nil {
		return packet{}, err
	}
	return packet{cm.IfIndex, addrPort(from), cm.Dst.IsMulticast(), buffer[:n]}, nil
}

func (s *sockets) read6(buffer []byte) (packet, error) {
	n, cm, from, err := s.v6.ReadFrom(buffer)
	if err != nil || cm == nil {
		return packet{}, err
	}
	return packet{cm.IfIndex, addrPort(from), cm.Dst.IsMulticast(), buffer[:n]}, nil
}

// addrPort returns where a packet is from. It keeps the zone of a link-local
// address, so that the answer finds its way.
func addrPort(from net.Addr) netip.AddrPort {
	udp, ok := from.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := udp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
