package transport

// keepScratch is how much memory a writer keeps between writes: what a room
// on the beat needs, not what one snapshot once needed.
const keepScratch = 16 << 10

// batch gathers frames for one write. A lone frame is written from where it
// is; several are copied together, which costs far less than a write each.
type batch struct {
	lone    []byte
	scratch []byte
}

func (b *batch) add(frame []byte) {
	switch {
	case b.lone == nil && len(b.scratch) == 0:
		b.lone = frame
	case len(b.scratch) == 0:
		b.scratch = append(append(b.scratch, b.lone...), frame...)
	default:
		b.scratch = append(b.scratch, frame...)
	}
}

func (b *batch) bytes() []byte {
	if len(b.scratch) > 0 {
		return b.scratch
	}
	return b.lone
}

func (b *batch) reset() {
	b.lone = nil
	b.scratch = b.scratch[:0]
	if cap(b.scratch) > keepScratch {
		b.scratch = nil
	}
}
