package lan

import (
	"encoding/binary"
	"iter"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// Read lists the addresses of every interface that is up. It asks the kernel by
// netlink, which needs no rights. A machine that hides its interfaces has none,
// and is reached by loopback and names.
func Read() []Address {
	ls := readLinks()
	var found []Address
	for _, m := range dump(unix.RTM_GETADDR, unix.AF_UNSPEC) {
		if m.Header.Type != unix.RTM_NEWADDR || len(m.Data) < unix.SizeofIfAddrmsg {
			continue
		}
		index := int(binary.NativeEndian.Uint32(m.Data[4:]))
		l := ls[index]
		if ip, flags := readAddress(m.Data); ip.IsValid() && l.up {
			found = append(found, Address{l.name, ip, ls.place(index), isFleeting(ip, flags)})
		}
	}
	return found
}

// isFleeting reads the flags of an address. IPv4 uses the bit of temporary IPv6
// addresses for a second address in the same network, which lasts.
func isFleeting(ip netip.Addr, flags uint32) bool {
	if ip.Is4() {
		flags &^= unix.IFA_F_SECONDARY
	}
	return flags&(unix.IFA_F_TEMPORARY|unix.IFA_F_DEPRECATED|unix.IFA_F_DADFAILED) != 0
}

// readAddress reads a struct ifaddrmsg and its attributes (rtnetlink(7)).
func readAddress(data []byte) (ip netip.Addr, flags uint32) {
	flags = uint32(data[2])
	for kind, value := range attributes(data[unix.SizeofIfAddrmsg:]) {
		switch kind {
		case unix.IFA_ADDRESS:
			if !ip.IsValid() { // on a point-to-point link it is the other end's
				ip, _ = netip.AddrFromSlice(value)
			}
		case unix.IFA_LOCAL:
			ip, _ = netip.AddrFromSlice(value)
		case unix.IFA_FLAGS:
			flags = number(value)
		}
	}
	return ip.Unmap(), flags
}

func readLinks() links {
	ls := links{}
	for _, m := range dump(unix.RTM_GETLINK, unix.AF_UNSPEC) {
		if m.Header.Type == unix.RTM_NEWLINK && len(m.Data) >= unix.SizeofIfInfomsg {
			ls[int(int32(binary.NativeEndian.Uint32(m.Data[4:])))] = readLink(m.Data)
		}
	}
	ls.guessHardware()
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		for _, m := range dump(unix.RTM_GETROUTE, family) {
			if m.Header.Type == unix.RTM_NEWROUTE && len(m.Data) >= unix.SizeofRtMsg {
				for index := range defaultRoute(m.Data) {
					if l, ok := ls[index]; ok {
						l.routed = true
						ls[index] = l
					}
				}
			}
		}
	}
	return ls
}

// guessHardware marks the links that name no kind as hardware, if the kernel is
// too old to tell what is behind any link (before Linux 5.14).
func (ls links) guessHardware() {
	for _, l := range ls {
		if l.hardware {
			return
		}
	}
	for index, l := range ls {
		l.hardware = l.kind == "" && !l.alone
		ls[index] = l
	}
}

// readLink reads a struct ifinfomsg and its attributes.
func readLink(data []byte) link {
	flags := binary.NativeEndian.Uint32(data[8:])
	l := link{
		alone: flags&(unix.IFF_LOOPBACK|unix.IFF_POINTOPOINT|unix.IFF_NOARP) != 0,
		up:    flags&unix.IFF_UP != 0,
	}
	elsewhere := false
	for kind, value := range attributes(data[unix.SizeofIfInfomsg:]) {
		switch kind {
		case unix.IFLA_IFNAME:
			l.name = text(value)
		case unix.IFLA_CARRIER:
			l.carrier = len(value) > 0 && value[0] != 0
		case unix.IFLA_MASTER:
			l.master = int(number(value))
		case unix.IFLA_LINK:
			l.lower = int(number(value))
		case unix.IFLA_LINK_NETNSID:
			elsewhere = true
		case unix.IFLA_PARENT_DEV_NAME:
			l.hardware = true
		case unix.IFLA_LINKINFO:
			for kind, value := range attributes(value) {
				if kind == unix.IFLA_INFO_KIND {
					l.kind = text(value)
				}
			}
		}
	}
	if elsewhere {
		l.lower = 0
	}
	return l
}

// defaultRoute reads a struct rtmsg and its attributes. It yields the indexes of
// the links that a default route leads to, and nothing for another route.
func defaultRoute(data []byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		if toBits, kind := data[1], data[7]; toBits != 0 || kind != unix.RTN_UNICAST {
			return
		}
		for kind, value := range attributes(data[unix.SizeofRtMsg:]) {
			if kind == unix.RTA_OIF && !yield(int(number(value))) {
				return
			}
			for kind == unix.RTA_MULTIPATH && len(value) >= unix.SizeofRtNexthop {
				size := int(binary.NativeEndian.Uint16(value))
				if !yield(int(number(value[4:8]))) || size < unix.SizeofRtNexthop || size > len(value) {
					return
				}
				value = value[size:]
			}
		}
	}
}

// dump asks the kernel for everything of a kind. It returns nothing if the kernel
// refuses.
func dump(request, family int) []syscall.NetlinkMessage {
	answer, err := syscall.NetlinkRIB(request, family)
	if err != nil {
		return nil
	}
	messages, err := syscall.ParseNetlinkMessage(answer)
	if err != nil {
		return nil
	}
	return messages
}

// attributes yields the attributes of a netlink message, which follow its header.
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofRtAttr {
			size := int(binary.NativeEndian.Uint16(b))
			kind := binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)
			if size < unix.SizeofRtAttr || size > len(b) || !yield(kind, b[unix.SizeofRtAttr:size]) {
				return
			}
			b = b[min((size+unix.NLA_ALIGNTO-1)&^(unix.NLA_ALIGNTO-1), len(b)):]
		}
	}
}

func number(value []byte) uint32 {
	if len(value) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(value)
}

// text returns the value of an attribute that ends with a zero.
func text(value []byte) string { return unix.ByteSliceToString(value) }
