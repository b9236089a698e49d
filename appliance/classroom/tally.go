package classroom

import (
	"math"
	"math/bits"

	"downbeat.local/appliance/wire"
)

// tally is what one student has heard. It does not grow, however long a class
// plays.
type tally struct {
	seats     map[uint8]*heardOf // of those who are counted
	delivered int
	doubled   int
	frames    int
	soon      [len(soons)]int // of those delivered
	latency   histogram
	sounding  sounding
}

// soons are the times, ms, within which notes are counted: what a fresh repeat
// takes after one lost packet, and after a burst.
var soons = [...]float64{60, 150}

// heardOf is what one student has heard of another.
type heardOf struct {
	sheet *sheet
	notes wire.SeqWindow
}

// newTally counts the notes of the students whose sheets those are, by seat;
// a note that sounds longer is stuck.
func newTally(sheets map[uint8]*sheet, longest float64) tally {
	t := tally{seats: make(map[uint8]*heardOf, len(sheets))}
	for seat, s := range sheets {
		t.seats[seat] = &heardOf{sheet: s}
	}
	t.sounding = sounding{longest: longest, voices: make(map[voice]begun)}
	return t
}

// frame counts the notes that begin in a frame; own is the seat of whoever
// hears it, box the time on the box clock.
func (t *tally) frame(f wire.RoomFrame, own uint8, box float64) {
	t.frames++
	for _, e := range f.Events {
		from := t.seats[e.Seat]
		if e.Seat == own || from == nil {
			continue
		}
		t.sounding.event(e, box)
		if n, at, ok := from.sheet.find(e.Note, e.Velocity); ok {
			t.note(from, n, box-at)
		}
	}
	if f.Summary {
		t.sounding.summary(f.Held, box)
	}
}

// note counts a student's n-th note, which took so long.
func (t *tally) note(from *heardOf, n int, took float64) {
	if !from.notes.Fresh(uint16(n)) {
		t.doubled++
		return
	}
	t.delivered++
	t.latency.add(took)
	for i, limit := range soons {
		if took <= limit {
			t.soon[i]++
		}
	}
}

// A histogram has perOctave bins for every doubling, so that it is right to
// within half a percent, and ends at over a minute.
const (
	perOctave = 128
	octaves   = 27
)

// histogram holds latencies.
type histogram struct {
	bins  [octaves * perOctave]uint32
	count int
	max   float64 // ms
}

// add takes a latency in milliseconds; less than nothing is nothing.
func (h *histogram) add(ms float64) {
	h.bins[bin(ms)]++
	h.count++
	h.max = max(h.max, ms)
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.bins {
		h.bins[i] += n
	}
	h.count += other.count
	h.max = max(h.max, other.max)
}

// bin is where a latency is counted: linear up to perOctave microseconds,
// then perOctave bins for each doubling.
func bin(ms float64) int {
	us := uint64(max(0, min(ms, math.MaxInt32)) * 1000)
	octave := max(0, bits.Len64(us/perOctave))
	if octave == 0 {
		return int(us)
	}
	return min(octave*perOctave+int(us>>(octave-1))-perOctave, octaves*perOctave-1)
}

// middle is what a bin stands for, in milliseconds.
func middle(bin int) float64 {
	octave, rest := bin/perOctave, float64(bin%perOctave)
	if octave == 0 {
		return (rest + 0.5) / 1000
	}
	return (rest + perOctave + 0.5) * float64(uint64(1)<<(octave-1)) / 1000
}

// sumUp is the percentiles of what was added.
func (h *histogram) sumUp() Percentiles {
	if h.count == 0 {
		return Percentiles{}
	}
	at := func(p float64) float64 {
		left := int(math.Ceil(p * float64(h.count)))
		for i, n := range h.bins {
			if left -= int(n); left <= 0 {
				return round(min(middle(i), h.max))
			}
		}
		return round(h.max)
	}
	return Percentiles{P50: at(0.50), P95: at(0.95), P99: at(0.99), Max: round(h.max)}
}
