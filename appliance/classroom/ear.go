package classroom

import "downbeat.local/appliance/wire"

// ear is what a listener on the lane needs to hear every event once: frames
// there repeat each other, come in any order, or do not come. It is not safe
// for concurrent use.
type ear struct {
	seats  map[uint8]*wire.SeqWindow
	series map[uint8]*series // by the interval of the frames' clock, ms
	now    uint8             // the interval of the last frame
}

func newEar() ear {
	return ear{seats: make(map[uint8]*wire.SeqWindow), series: make(map[uint8]*series)}
}

// frame takes out of a frame what is known, and a summary that is older than
// another that came before.
func (e *ear) frame(f *wire.RoomFrame) {
	fresh := f.Events[:0]
	for _, event := range f.Events {
		if e.window(event.Seat).Fresh(event.Seq) {
			fresh = append(fresh, event)
		}
	}
	f.Events = fresh
	if f.Marked && !e.count(f.Mark.Every, f.Mark.Number) {
		f.Summary, f.Held = false, nil
	}
}

func (e *ear) window(seat uint8) *wire.SeqWindow {
	w := e.seats[seat]
	if w == nil {
		w = new(wire.SeqWindow)
		e.seats[seat] = w
	}
	return w
}

// count counts a frame of an interval, and reports whether it is the newest.
// After another interval the numbers begin anew: those between were not for
// this listener.
func (e *ear) count(every uint8, number uint16) (newest bool) {
	s := e.series[every]
	if s == nil {
		s = new(series)
		e.series[every] = s
	}
	if e.now != every {
		e.now = every
		s.begun = false
	}
	return s.count(number)
}

// lost is how many frames did not come, of how many.
func (e *ear) lost() (lost, of int) {
	for _, s := range e.series {
		lost += s.expected - s.came
		of += s.expected
	}
	return max(0, lost), of
}

// series counts the frames of one interval.
type series struct {
	begun          bool
	highest        uint16
	span           int // numbers since it has begun
	expected, came int
}

func (s *series) count(number uint16) (newest bool) {
	ahead := int(int16(number - s.highest)) // numbers wrap
	switch {
	case !s.begun:
		s.begun, s.span = true, 0
		ahead = 1
	case ahead <= 0:
		if -ahead < s.span { // else it was sent before the first that came
			s.came++
		}
		return false
	}
	s.highest = number
	s.came++
	s.span += ahead
	s.expected += ahead
	return true
}
