package client

import "downbeat.local/appliance/wire"

// dedupe drops the events and summaries that a client already has. Frames on a
// lane repeat each other, arrive in any order, or get lost. It is not safe for
// concurrent use.
type dedupe struct {
	seats   map[uint8]*wire.SeqWindow
	streams map[uint8]*frameCount // by the interval of their frames, ms
	current uint8                 // the interval of the last frame, ms
}

func newDedupe() dedupe {
	return dedupe{seats: make(map[uint8]*wire.SeqWindow), streams: make(map[uint8]*frameCount)}
}

// filter removes the known events from a frame. It also removes the summary
// unless the frame is the newest, because an old summary would end new notes.
func (d *dedupe) filter(f *wire.RoomFrame) {
	fresh := f.Events[:0]
	for _, event := range f.Events {
		if d.window(event.Seat).Fresh(event.Seq) {
			fresh = append(fresh, event)
		}
	}
	f.Events = fresh
	if f.Marked && !d.count(f.Mark.Every, f.Mark.Number) {
		f.Summary, f.Held = false, nil
	}
}

func (d *dedupe) window(seat uint8) *wire.SeqWindow {
	w := d.seats[seat]
	if w == nil {
		w = new(wire.SeqWindow)
		d.seats[seat] = w
	}
	return w
}

// count counts a frame of an interval and reports whether it is the newest. If
// the interval has changed, the count restarts: the box sent the frames between
// to other listeners.
func (d *dedupe) count(every uint8, number uint16) (newest bool) {
	s := d.streams[every]
	if s == nil {
		s = new(frameCount)
		d.streams[every] = s
	}
	if d.current != every {
		d.current = every
		s.started = false
	}
	return s.count(number)
}

// lost returns how many of the expected frames did not arrive.
func (d *dedupe) lost() (lost, expected int) {
	for _, s := range d.streams {
		lost += s.expected - s.arrived
		expected += s.expected
	}
	return max(0, lost), expected
}

// frameCount counts the frames of one interval.
type frameCount struct {
	started           bool
	highest           uint16
	span              int // numbers since the start
	expected, arrived int
}

func (s *frameCount) count(number uint16) (newest bool) {
	ahead := int(int16(number - s.highest)) // numbers wrap
	switch {
	case !s.started:
		s.started, s.span = true, 0
		ahead = 1
	case ahead <= 0:
		if -ahead < s.span { // an older frame is not expected
			s.arrived++
		}
		return false
	}
	s.highest = number
	s.arrived++
	s.span += ahead
	s.expected += ahead
	return true
}

// Lost returns how many of the lane's expected frames did not arrive.
func (c *Client) Lost() (lost, expected int) {
	c.receiving.Lock()
	defer c.receiving.Unlock()
	return c.dedupe.lost()
}
