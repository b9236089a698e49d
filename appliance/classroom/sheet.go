package classroom

import "sync"

// A student plays a pentatonic scale over four octaves, and louder each time.
// Pitch and velocity identify a note, because the box renumbers events and
// bounds their times.
const (
	lowest     = 36
	pitches    = 20
	softest    = 64
	velocities = 64
	sheetSize  = pitches * velocities // notes before they repeat: 32 s at the highest rate
)

// pentatonic lists the semitones of the scale.
var pentatonic = [...]uint8{0, 2, 4, 7, 9}

// sheet records when a student played each note.
type sheet struct {
	mu   sync.Mutex // guards what follows
	sent int
	at   [sheetSize]float64 // box clock, ms
}

// play records the time of the next note and returns the note.
func (s *sheet) play(at float64) (note, velocity uint8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.sent % sheetSize
	s.at[n] = at
	s.sent++
	step := n % pitches
	return lowest + uint8(12*(step/len(pentatonic))) + pentatonic[step%len(pentatonic)], softest + uint8(n/pitches)
}

// find returns the number of a note, from 0, and when it was played. ok is false
// if the student did not play it.
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

// stepOf returns the step of a note in the scale, or -1.
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
