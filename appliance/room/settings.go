package room

import (
	"slices"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

func (r *Room) roomChangedLocked(c RoomChanged) Change {
	c.Revision = r.nextRevisionLocked()
	return Change{Event: wire.EventRoomChanged, Payload: c}
}

func (r *Room) setMode(_ clock.Millis, p request) (Change, error) {
	mode, err := p.choice("mode", modes)
	if err != nil {
		return Change{}, err
	}
	grid, err := optional(p, "grid", func() (int, error) { return p.grid() })
	if err != nil {
		return Change{}, err
	}
	interval, err := optional(p, "interval", func() (int, error) { return p.whole("interval", 1, maxInterval) })
	if err != nil {
		return Change{}, err
	}
	r.manner.Mode = mode
	if grid != nil {
		r.manner.Grid = *grid
	}
	if interval != nil {
		r.manner.Interval = *interval
	}
	return r.roomChangedLocked(RoomChanged{Mode: &mode, Grid: grid, Interval: interval}), nil
}

// grid reads a number of steps that divide a beat.
func (p request) grid() (int, error) {
	steps, err := p.whole("grid", grids[0], grids[len(grids)-1])
	if err != nil || !slices.Contains(grids, steps) {
		return 0, badPayload("grid must be 1, 2, 3, 4, 6 or 8 steps a beat.")
	}
	return steps, nil
}

func (r *Room) setListening(_ clock.Millis, p request) (Change, error) {
	listening, err := p.choice("listening", listenings)
	if err != nil {
		return Change{}, err
	}
	r.manner.Listening = listening
	return r.roomChangedLocked(RoomChanged{Listening: &listening}), nil
}

// setScale sets the scale, or only its root or its kind.
func (r *Room) setScale(_ clock.Millis, p request) (Change, error) {
	root, err := optional(p, "root", func() (int, error) { return p.whole("root", 0, 11) })
	if err != nil {
		return Change{}, err
	}
	kind, err := optional(p, "kind", func() (string, error) { return p.choice("kind", scaleKinds) })
	if err != nil {
		return Change{}, err
	}
	if root == nil && kind == nil {
		return Change{}, badPayload("A scale needs a root or a kind.")
	}
	scale := r.manner.Scale
	if root != nil {
		scale.Root = *root
	}
	if kind != nil {
		scale.Kind = *kind
	}
	r.manner.Scale = scale
	return r.roomChangedLocked(RoomChanged{Scale: &scale}), nil
}

// setQuiet makes everybody but the teachers quiet, or lets them play again.
func (r *Room) setQuiet(now clock.Millis, p request) (Change, error) {
	quiet, err := p.boolean("quiet")
	if err != nil {
		return Change{}, err
	}
	r.manner.Quiet = quiet
	c := r.roomChangedLocked(RoomChanged{Quiet: &quiet})
	if !quiet {
		return c, nil
	}
	for _, m := range r.seats {
		if m != nil && m.Role != RoleTeacher {
			c.Notes = r.silenceLocked(c.Notes, m, now)
		}
	}
	return c, nil
}

func (r *Room) setCountIn(_ clock.Millis, p request) (Change, error) {
	bars, err := p.whole("bars", 0, maxCountIn)
	if err != nil {
		return Change{}, err
	}
	r.manner.CountIn = bars
	return r.roomChangedLocked(RoomChanged{CountIn: &bars}), nil
}

func (r *Room) lock(_ clock.Millis, p request) (Change, error) {
	locked, err := p.boolean("locked")
	if err != nil {
		return Change{}, err
	}
	r.locked = locked
	return r.roomChangedLocked(RoomChanged{Locked: &locked}), nil
}
