package appliance

import "downbeat.local/appliance/wire"

// hearing is what a room has heard of one connection that numbers its notes:
// over a lane notes come several times, in any order, or not at all.
type hearing struct {
	numbers wire.SeqWindow
	holds   [2]uint64 // by note: those that this connection began and has not ended
}

// played notes that a note has begun or, with velocity 0, ended.
func (h *hearing) played(note, velocity uint8) {
	if bit := uint64(1) << (note % 64); velocity > 0 {
		h.holds[note/64] |= bit
	} else {
		h.holds[note/64] &^= bit
	}
}

// ended appends the notes that this connection began and does not hold: their
// ends were lost.
func (h *hearing) ended(held, notes []uint8) []uint8 {
	var still [2]uint64
	for _, note := range held {
		still[note/64%2] |= 1 << (note % 64)
	}
	for note := range uint8(128) {
		if bit := uint64(1) << (note % 64); h.holds[note/64]&bit&^still[note/64] != 0 {
			notes = append(notes, note)
		}
	}
	return notes
}
