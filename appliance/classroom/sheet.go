package classroom

import "sync"

// A pretend student plays a scale without wrong notes over four octaves, and
// louder from time to time. By pitch and velocity a note says which it is: the
// box numbers events anew and bounds their times.
const (
	lowest     = 36
	pitches    = 20
	softest    = 64
	velocities = 64
	sheetSize  = pitches * velocities // notes until they repeat: half a minute at the highest rate
)

// pentatonic is the steps of an octave that sound well together.
var pentatonic = [...]uint8{0, 2, 4, 7, 9}

// sheet is when a student has played which note.
type sheet struct {
	mu   sync.Mutex // guards what follows
	sent int
	at   [sheetSize]float64 // box clock, ms
}

// play writes down that the next note is played at a time, and says which it
// is.
func (s *sheet) play(at float64) (note, velocity uint8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.sent % sheetSize
	s.at[n] = at
	s.sent++
	step := n % pitches
	return lowest + uint8(12*(step/len(pentatonic))) + pentatonic[step%len(pentatonic)], softest + uint8(n/pitches)
}

// find is which note that was, counted from 0, and when it was played; ok is
// false for one that the student did not play.
func (s *sheet) find(note, velocity uint8) (n int, at float64, ok bool) {
	step := stepOf(note)
	if step < 0 || velocity < softest {
		return 0, 0, false
	}
	place := int(velocity-softest)*pitches + step
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.sent - 1
	n = last - (last-place+sheetSize)%sheetSize
	return n, s.at[place], n >= 0 && last >= 0
}

// stepOf is where in the scale a note is, -1 for elsewhere.
func stepOf(note uint8) int {
	above := int(note) - lowest
	if above < 0 || above >= 12*pitches/len(pentatonic) {
		return -1
	}
	for i, step := range pentatonic {
		if int(step) == above%12 {
			return above/12*len(pentatonic) + i
		}
	}
	return -1
}

func (s *sheet) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}
