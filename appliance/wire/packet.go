package wire

import "encoding/binary"

// headroom is the longest header of an unmasked WebSocket frame (RFC 6455
// section 5.2: two bytes and a 64-bit length).
const headroom = 10

// Packet is one encoded message for any number of listeners. In memory its
// WebSocket frame header comes before the payload. So the same bytes go out over
// a WebSocket and, without the header, over a data channel. A sealed Packet never
// changes.
type Packet struct {
	buf    []byte
	start  int
	binary bool
}

// Buffer returns an empty buffer for a payload of about size bytes. The caller
// appends the payload and calls Seal.
func Buffer(size int) []byte { return make([]byte, headroom, headroom+size) }

// Seal turns the payload in a [Buffer] into a Packet, which owns the buffer from
// then on.
func Seal(buf []byte, binaryMessage bool) Packet {
	size := len(buf) - headroom
	first := byte(0x81) // FIN, text
	if binaryMessage {
		first = 0x82
	}
	start := 0
	switch {
	case size < 126:
		start = headroom - 2
		buf[start+1] = byte(size)
	case size < 1<<16:
		start = headroom - 4
		buf[start+1] = 126
		binary.BigEndian.PutUint16(buf[start+2:], uint16(size))
	default:
		buf[start+1] = 127
		binary.BigEndian.PutUint64(buf[start+2:], uint64(size))
	}
	buf[start] = first
	return Packet{buf: buf, start: start, binary: binaryMessage}
}

// IsZero reports whether the packet is the zero Packet.
func (p Packet) IsZero() bool { return p.buf == nil }

// Binary reports whether the message is binary rather than text.
func (p Packet) Binary() bool { return p.binary }

// IsControl reports whether the packet is a control frame, which only a WebSocket
// can carry.
func (p Packet) IsControl() bool { return p.buf[p.start]&8 != 0 }

// Payload is the message without any header. It must not be changed.
func (p Packet) Payload() []byte { return p.buf[headroom:] }

// Frame is the message as one unmasked WebSocket frame. It must not be
// changed.
func (p Packet) Frame() []byte { return p.buf[p.start:] }

// Control makes a WebSocket control frame (RFC 6455 section 5.5) from its first
// byte and at most 125 bytes of data.
func Control(first byte, data string) Packet {
	p := Seal(append(Buffer(len(data)), data[:min(len(data), 125)]...), true)
	p.buf[p.start] = first
	return p
}
