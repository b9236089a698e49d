package midi

// Parser cuts the bytes of one port into messages. The zero value is ready. It
// never allocates, and after any nonsense it is in step again at the next status
// byte.
//
// It understands running status, and real-time bytes inside other messages. It
// skips system exclusive messages of any length, bytes that MIDI does not define,
// and a message that another status byte cuts short.
type Parser struct {
	status byte // of the message under way; 0 if data bytes mean nothing
	data   [2]byte
	n      uint8 // data bytes so far
}

// Feed takes the next byte. It reports whether the byte completes a message.
func (p *Parser) Feed(b byte) (m Message, ok bool) {
	switch {
	case b >= Clock:
		return Message{Status: b}, b != 0xF9 && b != 0xFD // the two are undefined
	case b >= NoteOff:
		p.n, p.status = 0, 0
		if dataBytes(b) > 0 {
			p.status = b
		}
		return Message{Status: b}, b == TuneRequest
	case p.status == 0:
		return Message{}, false // inside a SysEx, or before the first status
	}
	return p.add(b)
}

// add takes a data byte of the message under way.
func (p *Parser) add(b byte) (m Message, ok bool) {
	p.data[p.n] = b
	p.n++
	if p.n < dataBytes(p.status) {
		return Message{}, false
	}
	m = Message{Status: p.status, Data1: p.data[0]}
	if p.n == 2 {
		m.Data2 = p.data[1]
	}
	p.n = 0
	if p.status >= SysEx {
		p.status = 0 // only channel messages have a running status
	}
	return m, true
}
