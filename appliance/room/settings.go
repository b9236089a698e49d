package room

import (
	"slices"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// RoomChanged is the payload of room_changed: the fields of the room's state
// that changed, and no others.
type RoomChanged struct {
	Revision  int     `json:"revision"`
	Locked    *bool   `json:"locked,omitempty"`
	CountIn   *int    `json:"count_in,omitempty"`
	Mode      *string `json:"mode,omitempty"`
	Grid      *int    `json:"grid,omitempty"`
	Interval  *int    `json:"interval,omitempty"`
	Listening *string `json:"listening,omitempty"`
	Scale     *Scale  `json:"scale,omitempty"`
	Quiet     *bool   `json:"quiet,omitempty"`
}

func (r *Room) roomChangedLocked(c RoomChanged) Change {
	return r.changedLocked(wire.EventRoomChanged, func(revision int) any {
		c.Revision = revision
		return c
	})
}

func (r *Room) setMode(_ clock.Millis, p request) ([]Change, error) {
	switch {
	case p.Mode == nil || !slices.Contains(modes, *p.Mode):
		return nil, badPayload("The mode is live, snap or loop.")
	case p.Grid != nil && !slices.Contains(grids, *p.Grid):
		return nil, badPayload("The grid is 1, 2, 3, 4, 6 or 8 steps a beat.")
	case p.Interval != nil && (*p.Interval < 1 || *p.Interval > maxInterval):
		return nil, badPayload("A loop is 1 to 64 beats long.")
	}
	r.Mode = *p.Mode
	if p.Grid != nil {
		r.Grid = *p.Grid
	}
	if p.Interval != nil {
		r.Interval = *p.Interval
	}
	return []Change{r.roomChangedLocked(RoomChanged{Mode: p.Mode, Grid: p.Grid, Interval: p.Interval})}, nil
}

func (r *Room) setListening(_ clock.Millis, p request) ([]Change, error) {
	if p.Listening == nil || !slices.Contains(listenings, *p.Listening) {
		return nil, badPayload("Listening is own, everyone or stage.")
	}
	r.Listening = *p.Listening
	return []Change{r.roomChangedLocked(RoomChanged{Listening: p.Listening})}, nil
}

func (r *Room) setScale(_ clock.Millis, p request) ([]Change, error) {
	s := r.Scale
	if p.Root != nil {
		s.Root = *p.Root
	}
	if p.Kind != nil {
		s.Kind = *p.Kind
	}
	if s.Root < 0 || s.Root > 11 || !slices.Contains(scaleKinds, s.Kind) {
		return nil, badPayload("A scale has a root from 0 to 11 and a kind.")
	}
	r.Scale = s
	return []Change{r.roomChangedLocked(RoomChanged{Scale: &s})}, nil
}

func (r *Room) setQuiet(now clock.Millis, p request) ([]Change, error) {
	if p.Quiet == nil {
		return nil, badPayload("quiet must be true or false.")
	}
	r.Quiet = *p.Quiet
	var ended []wire.NoteEvent
	if r.Quiet {
		for _, m := range r.seats {
			if m != nil && m.Role != RoleTeacher {
				ended = append(ended, m.silence(now)...)
			}
		}
	}
	c := r.roomChangedLocked(RoomChanged{Quiet: p.Quiet})
	c.Notes = ended
	return []Change{c}, nil
}

func (r *Room) setCountIn(_ clock.Millis, p request) ([]Change, error) {
	if p.Bars == nil || *p.Bars < 0 || *p.Bars > maxCountIn {
		return nil, badPayload("The count-in is 0 to 4 bars.")
	}
	r.countIn = *p.Bars
	return []Change{r.roomChangedLocked(RoomChanged{CountIn: p.Bars})}, nil
}

func (r *Room) lock(_ clock.Millis, p request) ([]Change, error) {
	if p.Locked == nil {
		return nil, badPayload("locked must be true or false.")
	}
	r.locked = *p.Locked
	return []Change{r.roomChangedLocked(RoomChanged{Locked: p.Locked})}, nil
}
