package classroom

// moment is the position of a sixteenth in a room's music.
type moment struct {
	bar, beat, step, meter int
	scale                  scale
}

// hit is a note that a robot plays.
type hit struct {
	note, velocity uint8
	steps          float64 // how long, in sixteenths
}

// score is a robot's instrument and its notes.
type score struct {
	instrument string
	play16     func(m moment) []hit // returns the notes of a sixteenth
}

// scores are those of the band, in the order in which robots join.
var scores = []score{
	{"drums", beatDrums},
	{"bass", bassLine},
	{"epiano", chords},
	{"drums", hats},
	{"marimba", tune},
	{"guitar", offbeats},
	{"glockenspiel", sparkle},
	{"strings", longNotes},
}

// General MIDI percussion keys.
const (
	kick    = 36
	snare   = 38
	closed  = 42
	lowTom  = 45
	midTom  = 47
	open    = 46
	highTom = 50
	crash   = 49
)

// lastOfEight reports whether a bar ends a section of eight.
func lastOfEight(bar int) bool { return bar%8 == 7 }

// beatDrums plays the kick on one and three, the snare on two and four, and a fill
// in every eighth bar.
func beatDrums(m moment) []hit {
	last := m.beat == m.meter-1
	switch {
	case lastOfEight(m.bar) && last:
		toms := []uint8{highTom, highTom, midTom, lowTom}
		return []hit{{toms[m.step], uint8(80 + 8*m.step), 1}}
	case m.step == 0 && m.beat == 0 && m.bar%8 == 0 && m.bar > 0:
		return []hit{{kick, 110, 1}, {crash, 80, 4}}
	case m.step == 0 && m.beat%2 == 0 && (m.meter%2 == 0 || !last):
		return []hit{{kick, 108, 1}}
	case m.step == 0:
		return []hit{{snare, 96, 1}}
	case m.step == 2 && m.beat == m.meter/2 && m.bar%2 == 1:
		return []hit{{kick, 84, 1}}
	}
	return nil
}

// hats plays eighths, louder on the beat and open before a new bar.
func hats(m moment) []hit {
	switch {
	case m.step == 2 && m.beat == m.meter-1:
		return []hit{{open, 62, 2}}
	case m.step == 0:
		return []hit{{closed, 74, 1}}
	case m.step == 2:
		return []hit{{closed, 52, 1}}
	}
	return nil
}

// roots are the roots of the chords, in degrees of the scale. Each lasts two
// bars.
var roots = []int{0, 5, 3, 4}

func root(bar int) int { return roots[(bar/2)%len(roots)] }

// bassLine plays the root and leads into the next bar with the fifth.
func bassLine(m moment) []hit {
	home := root(m.bar)
	switch {
	case m.beat == 0 && m.step == 0:
		return []hit{{m.scale.note(2, home), 100, 5}}
	case m.beat == m.meter/2 && m.step == 0:
		return []hit{{m.scale.note(2, home), 88, 3}}
	case m.beat == m.meter-1 && m.step == 2:
		return []hit{{m.scale.note(2, home+4), 82, 2}}
	}
	return nil
}

// chords plays soft triads on the first beat and after the middle of a bar.
func chords(m moment) []hit {
	home := root(m.bar)
	triad := func(velocity uint8, steps float64) []hit {
		var all []hit
		for _, degree := range []int{0, 2, 4} {
			all = append(all, hit{m.scale.note(4, home+degree), velocity, steps})
		}
		return all
	}
	switch {
	case m.beat == 0 && m.step == 0:
		return triad(64, 6)
	case m.beat == m.meter/2 && m.step == 2 && m.meter > 1:
		return triad(56, 3)
	}
	return nil
}

// offbeats plays two short notes between the beats.
func offbeats(m moment) []hit {
	if m.step != 2 || m.beat == 0 {
		return nil
	}
	home := root(m.bar)
	return []hit{{m.scale.note(4, home+2), 58, 1}, {m.scale.note(4, home+4), 58, 1}}
}

// rest is a silent eighth of a phrase.
const rest = -99

// phrase is a tune of two bars: for each eighth, a degree above the root.
var phrase = []int{4, rest, 4, 5, rest, 4, 2, rest, 0, rest, 2, rest, 4, 2, rest, rest}

// tune plays the phrase. It rests every fourth time, so that a student can answer.
func tune(m moment) []hit {
	if m.step%2 != 0 || (m.bar/2)%4 == 3 {
		return nil
	}
	degree := phrase[((m.bar%2)*2*m.meter+2*m.beat+m.step/2)%len(phrase)]
	if degree == rest {
		return nil
	}
	return []hit{{m.scale.note(5, root(m.bar)+degree), 72, 2}}
}

// sparkle plays a rising chord at the end of every fourth bar.
func sparkle(m moment) []hit {
	if m.bar%4 != 3 || m.beat < m.meter-2 || m.step%2 != 0 {
		return nil
	}
	climb := []int{0, 2, 4, 7}
	i := (m.beat-(m.meter-2))*2 + m.step/2
	return []hit{{m.scale.note(6, root(m.bar)+climb[max(0, i)%len(climb)]), 60, 2}}
}

// longNotes plays one note for each chord.
func longNotes(m moment) []hit {
	if m.bar%2 != 0 || m.beat != 0 || m.step != 0 {
		return nil
	}
	return []hit{{m.scale.note(4, root(m.bar)+2), 54, float64(2*m.meter*stepsPerBeat - 2)}}
}

// scale is the room's scale lock. If it is off, robots play in major.
type scale struct {
	Root int    `json:"root"`
	Kind string `json:"kind"`
}

var intervals = map[string][]int{
	"major":            {0, 2, 4, 5, 7, 9, 11},
	"minor":            {0, 2, 3, 5, 7, 8, 10},
	"pentatonic":       {0, 2, 4, 7, 9},
	"minor_pentatonic": {0, 3, 5, 7, 10},
	"blues":            {0, 3, 5, 6, 7, 10},
}

// note returns the pitch of a degree of the scale in an octave. Octave 4 begins at
// middle C.
func (s scale) note(octave, degree int) uint8 {
	steps := intervals[s.Kind]
	if steps == nil {
		steps = intervals["major"]
	}
	n := 12*(octave+1) + s.Root + 12*(degree/len(steps)) + steps[degree%len(steps)]
	return uint8(max(0, min(127, n)))
}
