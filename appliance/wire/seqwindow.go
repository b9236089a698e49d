package wire

// SeqWindow recognises sequence numbers that it has had, in any order. It
// remembers the newest, and which of the 63 before that it has had. The zero
// SeqWindow has had none. It is not safe for concurrent use.
type SeqWindow struct {
	begun  bool
	newest uint16
	heard  uint64 // bit i is for newest-i
}

// Fresh reports whether a number is new, and remembers it. A number more than 63
// behind the newest is not fresh: it is too late to matter.
func (w *SeqWindow) Fresh(seq uint16) bool {
	ahead := int16(seq - w.newest) // the shorter way around the wrap
	switch {
	case !w.begun:
		w.begun, w.newest, w.heard = true, seq, 1
		return true
	case ahead > 0:
		w.newest, w.heard = seq, w.heard<<ahead|1
		return true
	case ahead <= -64 || w.heard&(1<<-ahead) != 0:
		return false
	}
	w.heard |= 1 << -ahead
	return true
}

// Newest is the newest number so far; 0 before the first.
func (w *SeqWindow) Newest() uint16 { return w.newest }
