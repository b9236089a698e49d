package wire

// SeqWindow tells sequence numbers that come for the first time from those that
// came before, in any order: it remembers the newest and which of the 63 before
// it have come. The zero SeqWindow has heard none. It is not safe for
// concurrent use.
type SeqWindow struct {
	begun  bool
	newest uint16
	heard  uint64 // bit i is for newest-i
}

// Fresh reports whether a number comes for the first time, and counts it as
// heard. One that is more than 63 old is not fresh: it is too late to matter.
func (w *SeqWindow) Fresh(seq uint16) bool {
	ahead := int16(seq - w.newest) // the shorter way round
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

// Newest is the newest number that was heard; 0 before there is one.
func (w *SeqWindow) Newest() uint16 { return w.newest }
