package wire

// Outline is a frame without its payload: what is left of one that is too long to
// keep. Pieces of the frame are written to it as they come. It keeps the topic,
// the event and the refs, wherever they stand: clients of vsn 1.0.0 send the refs
// behind the payload. It holds a few kilobytes at most, however long the frame is.
type Outline struct {
	binary  bool
	kept    []byte
	depth   int  // of the objects and lists around the next byte
	quoted  bool // the next byte is inside a string
	escaped bool // it follows a backslash
	begins  int  // where that string begins in kept
	long    bool // that string is too long to keep
}

// Bounds of an outline, in bytes.
const (
	maxOutline = 8 << 10
	maxKept    = 6*maxField + 2 // one string, with every letter written as \u0000
	maxHead    = pushHeader + 5*maxField
)

// NewOutline returns the outline of a text frame or of a binary one.
func NewOutline(binary bool) *Outline { return &Outline{binary: binary} }

// Write takes the next piece of the frame. It never fails.
func (o *Outline) Write(piece []byte) (int, error) {
	if o.binary {
		o.kept = append(o.kept, piece[:min(len(piece), maxHead-len(o.kept))]...)
		return len(piece), nil
	}
	for _, c := range piece {
		if o.quoted {
			o.inside(c)
		} else {
			o.between(c)
		}
	}
	return len(piece), nil
}

// Frame returns the frame with null in place of its payload. A frame that makes
// no sense has an outline that [DecodeText] and [DecodeBinary] refuse.
func (o *Outline) Frame() []byte {
	if o.binary {
		o.kept = append(o.kept[:headEnd(o.kept)], "null"...)
	}
	return o.kept
}

// headEnd is where the payload of a binary frame begins.
func headEnd(frame []byte) int {
	end, lengths := pushHeader, 5
	if len(frame) > 0 && frame[0] != kindPush {
		end, lengths = 5, 4
	}
	if len(frame) < end {
		return len(frame)
	}
	for _, n := range frame[1 : 1+lengths] {
		end += int(n)
	}
	return min(end, len(frame))
}

// between takes a byte that is in no string.
func (o *Outline) between(c byte) {
	switch c {
	case '"':
		o.quoted, o.begins = true, len(o.kept)
	case '{', '[':
		if o.depth++; o.depth == 2 && len(o.kept) < maxOutline {
			o.kept = append(o.kept, "null"...)
		}
	case '}', ']':
		if o.depth--; o.depth > 0 {
			return
		}
	}
	o.keep(c)
}

// inside takes a byte of a string.
func (o *Outline) inside(c byte) {
	if o.keep(c); len(o.kept)-o.begins > maxKept {
		o.kept, o.long = append(o.kept[:o.begins], "null"...), true
	}
	switch {
	case o.escaped:
		o.escaped = false
	case c == '\\':
		o.escaped = true
	case c == '"':
		o.quoted, o.long = false, false
	}
}

// keep keeps a byte of the frame itself, as long as there is room.
func (o *Outline) keep(c byte) {
	if o.depth <= 1 && !o.long && len(o.kept) < maxOutline {
		o.kept = append(o.kept, c)
	}
}
