package classroom

import "downbeat.local/appliance/wire"

// sounding tracks the notes that sound at a listener and counts those that do not
// end in time.
type sounding struct {
	longest float64 // ms; a longer note is stuck
	stuck   int
	voices  map[voice]voiceState
}

// voice is one key of one member.
type voice struct{ seat, note uint8 }

// voiceState is the last event of a voice.
type voiceState struct {
	seq uint16
	at  float64 // ms
	on  bool
}

// event handles a note-on or note-off that arrived at a time. An event that is
// older than the last is ignored.
func (s *sounding) event(e wire.NoteEvent, at float64) {
	v := voice{e.Seat, e.Note}
	last, ok := s.voices[v]
	if ok && int16(e.Seq-last.seq) <= 0 {
		return
	}
	s.end(last, at)
	s.voices[v] = voiceState{e.Seq, at, e.Velocity > 0}
}

// summary ends the notes that are not held.
func (s *sounding) summary(held []wire.HeldNote, at float64) {
	isHeld := make(map[voice]bool, len(held))
	for _, h := range held {
		isHeld[voice{h.Seat, h.Note}] = true
	}
	for v, last := range s.voices {
		if last.on && !isHeld[v] {
			s.end(last, at)
			last.on = false
			s.voices[v] = last
		}
	}
}

func (s *sounding) end(last voiceState, at float64) {
	if last.on && at-last.at > s.longest {
		s.stuck++
	}
}

// finish counts the notes that still sound after the class and returns the total.
func (s *sounding) finish() int {
	for v, last := range s.voices {
		if last.on {
			s.stuck++
			delete(s.voices, v)
		}
	}
	return s.stuck
}
