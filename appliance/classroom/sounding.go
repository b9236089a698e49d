package classroom

import "downbeat.local/appliance/wire"

// sounding is the notes that a listener would hear now, to find those that
// never end.
type sounding struct {
	longest float64 // ms: what sounds longer is stuck
	stuck   int
	voices  map[voice]begun
}

// voice is one key of one member.
type voice struct{ seat, note uint8 }

// begun is the last that was heard of a voice.
type begun struct {
	seq uint16
	at  float64 // ms
	on  bool
}

// event takes the beginning or end of a note, heard at a time. What is older
// than what was heard before changes nothing.
func (s *sounding) event(e wire.NoteEvent, at float64) {
	v := voice{e.Seat, e.Note}
	before, ok := s.voices[v]
	if ok && int16(e.Seq-before.seq) <= 0 {
		return
	}
	s.end(before, at)
	s.voices[v] = begun{e.Seq, at, e.Velocity > 0}
}

// summary ends what is not held.
func (s *sounding) summary(held []wire.HeldNote, at float64) {
	is := make(map[voice]bool, len(held))
	for _, h := range held {
		is[voice{h.Seat, h.Note}] = true
	}
	for v, b := range s.voices {
		if b.on && !is[v] {
			s.end(b, at)
			b.on = false
			s.voices[v] = b
		}
	}
}

func (s *sounding) end(b begun, at float64) {
	if b.on && at-b.at > s.longest {
		s.stuck++
	}
}

// finish counts what sounds when everybody has ended everything.
func (s *sounding) finish() int {
	for v, b := range s.voices {
		if b.on {
			s.stuck++
			delete(s.voices, v)
		}
	}
	return s.stuck
}
