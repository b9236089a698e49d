package transport

// keepScratch is how many bytes a stream keeps between writes: what a room needs
// on the beat, not what one snapshot once needed.
const keepScratch = 16 << 10

// batch gathers frames for one write. A single frame is written without a copy.
// Several are copied together, which costs far less than a write each.
type batch struct {
	single  []byte
	scratch []byte
}

func (b *batch) add(frame []byte) {
	switch {
	case b.single == nil && len(b.scratch) == 0:
		b.single = frame
	case len(b.scratch) == 0:
		b.scratch = append(append(b.scratch, b.single...), frame...)
	default:
		b.scratch = append(b.scratch, frame...)
	}
}

func (b *batch) bytes() []byte {
	if len(b.scratch) > 0 {
		return b.scratch
	}
	return b.single
}

func (b *batch) reset() {
	b.single = nil
	b.scratch = b.scratch[:0]
	if cap(b.scratch) > keepScratch {
		b.scratch = nil
	}
}
