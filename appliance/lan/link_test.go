package lan

import "testing"

// TestPlace covers links that a test cannot make with the kernel: hardware, and
// what is built on it.
func TestPlace(t *testing.T) {
	on := link{up: true, carrier: true}
	as := func(change func(*link)) link {
		l := on
		change(&l)
		return l
	}
	hardware := as(func(l *link) { l.hardware = true })
	kind := func(name string) link { return as(func(l *link) { l.kind = name }) }
	port := func(l link) link { l.master = 1; return l }
	part := func(name string, lower int) link {
		return as(func(l *link) { l.kind, l.lower = name, lower })
	}
	off := func(l link) link { l.carrier = false; return l }
	tests := []struct {
		name string
		of   link         // link 1
		with map[int]link // beside it
		want Place
	}{
		{"Ethernet", hardware, nil, Network},
		{"Ethernet without a cable", off(hardware), nil, Unplugged},
		{"Ethernet that is switched off", link{hardware: true}, nil, Nowhere},
		{"a radio modem that dials", as(func(l *link) { l.hardware, l.alone = true, true }), nil, Nowhere},
		{"a bridge of OpenWrt", kind("bridge"), map[int]link{2: port(part("dsa", 3)), 3: hardware}, Network},
		{"with nothing plugged in", off(kind("bridge")), map[int]link{2: off(port(part("dsa", 3))), 3: hardware}, Unplugged},
		{"a bridge of a VLAN", kind("bridge"), map[int]link{2: port(part("vlan", 3)), 3: hardware}, Network},
		{"a bridge of containers", kind("bridge"), map[int]link{2: port(kind("veth")), 3: hardware}, Inside},
		{"a bridge of containers that stopped", off(kind("bridge")), map[int]link{2: hardware}, Nowhere},
		{"a bridge of virtual machines and Ethernet", kind("bridge"), map[int]link{2: port(kind("tun")), 3: port(hardware)}, Network},
		{"a new bridge", kind("bridge"), map[int]link{2: hardware}, Nowhere},
		{"a bond", kind("bond"), map[int]link{2: port(hardware), 3: port(off(hardware))}, Network},
		{"a VLAN on a bond", part("vlan", 2), map[int]link{2: kind("bond"), 3: as(func(l *link) { l.hardware, l.master = true, 2 })}, Network},
		{"a VLAN of a container", part("vlan", 2), map[int]link{2: kind("veth")}, Inside},
		{"an overlay on Ethernet", part("vxlan", 2), map[int]link{2: hardware}, Inside},
		{"a network of VMware", on, map[int]link{2: hardware}, Inside},
		{"Ethernet of a container", as(func(l *link) { l.kind, l.routed = "veth", true }), nil, Network},
		{"a tunnel that everything takes", as(func(l *link) { l.kind, l.alone, l.routed = "wireguard", true, true }), nil, Nowhere},
		{"a circle", part("vlan", 1), nil, Inside},
	}
	for _, tt := range tests {
		ls := links{1: tt.of}
		for i, l := range tt.with {
			ls[i] = l
		}
		if got := ls.place(1); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}
