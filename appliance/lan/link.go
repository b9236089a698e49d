package lan

// link is one network interface, as the system describes it.
type link struct {
	name string
	// kind is what `ip link` calls it, such as "bridge" or "veth". Empty for
	// hardware, and for drivers that do not say.
	kind string
	// hardware means that a device on a bus is behind it. In a virtual machine
	// that may be virtual as well.
	hardware bool
	// alone means that it has no neighbours to ask for addresses: loopback and
	// point-to-point links.
	alone   bool
	up      bool
	carrier bool
	master  int // the bridge or bond that it is a port of; 0 for none
	lower   int // the link that it is a part of; 0 for none, or in another namespace
	routed  bool
}

// links are the interfaces of this machine by index.
type links map[int]link

// parts are the kinds of links that share the wire of another one.
var parts = map[string]bool{"vlan": true, "macvlan": true, "ipvlan": true, "dsa": true}

// maxDepth bounds how many links may lie on each other: a VLAN on a bond of a
// bridge, and then some.
const maxDepth = 8

// place tells how likely a class is behind a link.
func (ls links) place(index int) Place {
	l := ls[index]
	switch {
	case !l.up, l.alone:
		return Nowhere
	case l.routed || ls.isReal(index, maxDepth):
		if l.carrier {
			return Network
		}
		return Unplugged
	case l.kind == "bridge" && !(l.carrier && ls.hasPort(index)):
		return Nowhere
	}
	return Inside
}

// isReal reports whether a link leads out of this machine: it is hardware, or has
// hardware below it or among its ports.
func (ls links) isReal(index, depth int) bool {
	l, ok := ls[index]
	if !ok || l.alone || depth == 0 {
		return false
	}
	if l.hardware || parts[l.kind] && ls.isReal(l.lower, depth-1) {
		return true
	}
	for i, port := range ls {
		if port.master == index && i != index && ls.isReal(i, depth-1) {
			return true
		}
	}
	return false
}

func (ls links) hasPort(index int) bool {
	for _, port := range ls {
		if port.master == index {
			return true
		}
	}
	return false
}
