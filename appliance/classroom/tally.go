package classroom

import (
	"math"
	"math/bits"

	"downbeat.local/appliance/wire"
)

// tally counts what one student has received. Its size does not depend on how
// long the class plays.
type tally struct {
	senders    map[uint8]*sender // by seat; other members do not count
	delivered  int
	duplicated int
	frames     int
	within     [len(deadlines)]int // notes that met each deadline
	latency    histogram
	sounding   sounding
}

// deadlines are latencies, ms, that a note should not exceed: after one lost
// packet, and after a burst of lost packets.
var deadlines = [...]float64{60, 150}

// sender is another student and which of their notes have arrived.
type sender struct {
	sheet *sheet
	notes wire.SeqWindow
}

// newTally returns a tally of the notes on the sheets, by seat. A note that sounds
// for more than longest, ms, is stuck.
func newTally(sheets map[uint8]*sheet, longest float64) tally {
	t := tally{senders: make(map[uint8]*sender, len(sheets))}
	for seat, s := range sheets {
		t.senders[seat] = &sender{sheet: s}
	}
	t.sounding = sounding{longest: longest, voices: make(map[voice]voiceState)}
	return t
}

// frame counts the note-ons of a frame. own is the listener's seat, and box is
// the time of arrival on the box clock, ms.
func (t *tally) frame(f wire.RoomFrame, own uint8, box float64) {
	t.frames++
	for _, e := range f.Events {
		from := t.senders[e.Seat]
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

// note counts a student's n-th note, whose latency was took, ms.
func (t *tally) note(from *sender, n int, took float64) {
	if !from.notes.Fresh(uint16(n)) {
		t.duplicated++
		return
	}
	t.delivered++
	t.latency.add(took)
	for i, limit := range deadlines {
		if took <= limit {
			t.within[i]++
		}
	}
}

// A histogram has perOctave bins for every doubling. Its error is below half a
// percent, and it ends above one minute.
const (
	perOctave = 128
	octaves   = 27
)

// histogram counts latencies.
type histogram struct {
	bins  [octaves * perOctave]uint32
	count int
	max   float64 // ms
}

// add adds a latency in milliseconds. A negative latency counts as 0.
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

// bin returns the index of a latency's bin. Bins are 1 µs wide up to perOctave µs;
// then there are perOctave bins for each doubling.
func bin(ms float64) int {
	us := uint64(max(0, min(ms, math.MaxInt32)) * 1000)
	octave := max(0, bits.Len64(us/perOctave))
	if octave == 0 {
		return int(us)
	}
	return min(octave*perOctave+int(us>>(octave-1))-perOctave, octaves*perOctave-1)
}

// middle returns the middle of a bin, in milliseconds.
func middle(bin int) float64 {
	octave, rest := bin/perOctave, float64(bin%perOctave)
	if octave == 0 {
		return (rest + 0.5) / 1000
	}
	return (rest + perOctave + 0.5) * float64(uint64(1)<<(octave-1)) / 1000
}

// percentiles returns the percentiles of the latencies.
func (h *histogram) percentiles() Percentiles {
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
