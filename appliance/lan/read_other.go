//go:build !linux

package lan

import (
	"net"
	"net/netip"
)

// Read lists the addresses of every interface that is up. Only Linux tells which
// interfaces lead out of this machine.
func Read() []Address {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil // a machine that hides them is reached by loopback and names
	}
	ls := links{}
	var found []Address
	for _, i := range interfaces {
		ls[i.Index] = link{
			name:     i.Name,
			hardware: true,
			alone:    i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0,
			up:       i.Flags&net.FlagUp != 0,
			carrier:  i.Flags&net.FlagRunning != 0,
		}
		addrs, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				found = append(found, Address{Interface: i.Name, IP: prefix.Addr().Unmap().WithZone(""), Place: ls.place(i.Index)})
			}
		}
	}
	return found
}
