package room

import (
	"errors"
	"slices"
)

// ScaleOff is the kind of scale that offers every note.
const ScaleOff = "off"

// Scale is the notes that instruments offer. The room does not enforce it: a
// drum is in no scale, and only the instrument knows which keys it draws.
type Scale struct {
	Root int    `json:"root"` // 0-11, 0 is C
	Kind string `json:"kind"` // one of scaleKinds
}

// scaleKinds are the kinds of scales.
var scaleKinds = []string{ScaleOff, "major", "minor", "pentatonic", "minor_pentatonic", "blues"}

// scaleSteps are the notes of each kind, in semitones above the root.
var scaleSteps = map[string][]int{
	ScaleOff:           {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	"major":            {0, 2, 4, 5, 7, 9, 11},
	"minor":            {0, 2, 3, 5, 7, 8, 10},
	"pentatonic":       {0, 2, 4, 7, 9},
	"minor_pentatonic": {0, 3, 5, 7, 10},
	"blues":            {0, 3, 5, 6, 7, 10},
}

// Fit says how the keys of a MIDI keyboard fit a room's scale.
type Fit string

// How keys fit a scale.
const (
	FitPass  Fit = "pass"  // every key gives its own note
	FitSnap  Fit = "snap"  // a key gives the nearest note of the scale
	FitWhite Fit = "white" // the white keys are the scale, the black ones are silent
)

var fits = []Fit{FitPass, FitSnap, FitWhite}

// Tuning says which notes the keys of a MIDI keyboard give. The zero value gives
// each key its own note. The web app's twin is play/tuning.ts, and both are tested
// with testdata/tunings.json.
type Tuning struct {
	Fit    Fit `json:"fit,omitempty"` // empty means FitPass
	Octave int `json:"octave,omitempty"`
}

// MaxOctave is how many octaves a keyboard may be moved up or down.
const MaxOctave = 3

// ErrTuning says that a tuning makes no sense.
var ErrTuning = errors.New("no such tuning")

// Check returns ErrTuning for a tuning that makes no sense.
func (t Tuning) Check() error {
	if t.Fit != "" && !slices.Contains(fits, t.Fit) || t.Octave < -MaxOctave || t.Octave > MaxOctave {
		return ErrTuning
	}
	return nil
}

// Note is the note that a key gives in a scale. ok is false for a silent key.
func (t Tuning) Note(scale Scale, key uint8) (note uint8, ok bool) {
	n := int(key)
	if scale.Kind != ScaleOff {
		switch t.Fit {
		case FitWhite:
			n, ok = scale.white(n)
			if !ok {
				return 0, false
			}
		case FitSnap:
			n = scale.nearest(n)
		}
	}
	n += 12 * t.Octave
	if n < 0 || n > 127 {
		return 0, false
	}
	return uint8(n), true
}

// nearest is the note of the scale that is nearest, the lower one of two.
func (s Scale) nearest(note int) int {
	for away := range 12 {
		if s.has(note - away) {
			return note - away
		}
		if s.has(note + away) {
			return note + away
		}
	}
	return note
}

// has reports whether a note is in the scale.
func (s Scale) has(note int) bool {
	return note >= 0 && note <= 127 && slices.Contains(scaleSteps[s.Kind], floorMod(note-s.Root, 12))
}

// middleC is the white key that gives the root of a scale, as on the screen.
const middleC = 60

// whiteKeys are the white keys of an octave, in semitones above C.
var whiteKeys = []int{0, 2, 4, 5, 7, 9, 11}

// white is the note of the scale that a white key gives.
func (s Scale) white(key int) (note int, ok bool) {
	place := slices.Index(whiteKeys, key%12)
	if place < 0 {
		return 0, false
	}
	steps := scaleSteps[s.Kind]
	degree := (key/12-middleC/12)*len(whiteKeys) + place
	up := floorMod(degree, len(steps))
	return middleC + s.Root + 12*(degree-up)/len(steps) + steps[up], true
}

// floorMod is the remainder of a division that is rounded down, 0 to n-1.
func floorMod(a, n int) int { return (a%n + n) % n }
