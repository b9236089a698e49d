package wire

import "encoding/binary"

// headroom is the longest header of an unmasked WebSocket frame (RFC 6455
// section 5.2: two bytes and a 64-bit length).
const headroom = 10

// Packet is one encoded message, ready for any number of listeners. Its
// payload is preceded in memory by its WebSocket frame header, so the same
// bytes go out over a WebSocket and, without the header, over a data channel.
// A Packet is never changed once it is sealed.
type Packet struct {
	buf    []byte
	start  int
	binary bool
}

// Buffer returns an empty buffer to append a payload of about size bytes to,
// and then to Seal.
func Buffer(size int) []byte { return make([]byte, headroom, headroom+size) }

// Seal makes the payload appended to a [Buffer] into a Packet. The buffer
// belongs to the Packet from then on.
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

// IsZero reports whether the packet holds nothing at all.
func (p Packet) IsZero() bool { return p.buf == nil }

// Binary reports whether the message is binary rather than text.
func (p Packet) Binary() bool { return p.binary }

// IsControl reports whether the packet is a control frame, which means
// something to a WebSocket only.
func (p Packet) IsControl() bool { return p.buf[p.start]&8 != 0 }

// Payload is the message without any header. It must not be changed.
func (p Packet) Payload() []byte { return p.buf[headroom:] }

// Frame is the message as one unmasked WebSocket frame. It must not be
// changed.
func (p Packet) Frame() []byte { return p.buf[p.start:] }

// Control makes a WebSocket control frame (RFC 6455 section 5.5) from its
// first byte and at most 125 bytes of data.
func Control(first byte, data string) Packet {
	p := Seal(append(Buffer(len(data)), data[:min(len(data), 125)]...), true)
	p.buf[p.start] = first
	return p
}
