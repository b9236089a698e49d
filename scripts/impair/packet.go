package impair

import "encoding/binary"

// ports names a flow of IPv4 packets. The two addresses are always the same.
type ports struct {
	protocol byte
	from, to uint16
}

// ip holds the protocols with ports.
const (
	tcp = 6
	udp = 17
)

// portsOf reads the header of an IPv4 packet (RFC 791). Packets without ports are
// one flow for each protocol. ok is false for any other packet.
func portsOf(packet []byte) (p ports, ok bool) {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return ports{}, false
	}
	p.protocol = packet[9]
	head := 4 * int(packet[0]&15)
	first := binary.BigEndian.Uint16(packet[6:])&0x1fff == 0 // later fragments have no ports
	if (p.protocol == tcp || p.protocol == udp) && first && head >= 20 && len(packet) >= head+4 {
		p.from, p.to = binary.BigEndian.Uint16(packet[head:]), binary.BigEndian.Uint16(packet[head+2:])
	}
	return p, true
}
