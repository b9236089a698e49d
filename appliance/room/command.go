package room

import (
	"strings"

	"downbeat.local/appliance/names"
	"downbeat.local/sync/clock"
)

// command is one control event at work on a room, with Room.mu held.
type command struct {
	request
	room *Room
	now  clock.Millis
}

// member finds the member that the command is about.
func (c command) member() (*seated, error) {
	id, err := c.text("student_id")
	if err != nil {
		return nil, err
	}
	m, ok := c.room.roster.byID[id]
	if !ok {
		return nil, errNoStudent
	}
	return m, nil
}

// student finds the member that the command is about, who must be a student.
func (c command) student() (*seated, error) {
	m, err := c.member()
	if err == nil && staff(m.Role) {
		return nil, errStaff
	}
	return m, err
}

func (c command) muteStudent() (Change, error) {
	m, err := c.member()
	if err != nil {
		return Change{}, err
	}
	muted, err := c.boolean("muted")
	if err != nil {
		return Change{}, err
	}
	m.Muted, m.suspect = muted, false
	if !muted {
		c.room.roster.sanctions.forget(m.device)
	}
	change := c.room.revision.studentMuted(m)
	if muted {
		change.Notes = c.room.voices.silence(nil, m.Seat, c.now)
	}
	return change, nil
}

func (c command) assignBeat() (Change, error) {
	m, err := c.member()
	if err != nil {
		return Change{}, err
	}
	beats, asked, err := c.beats("beat", c.room.tempo.plan.Last().Meter)
	if err != nil {
		return Change{}, err
	}
	m.Beats, m.beats = beats, beatBits(beats)
	return c.room.revision.beatAssigned(m, asked), nil
}

// beatBits turns a list of beats, 0 to 15, into a set.
func beatBits(beats []int) (set uint16) {
	for _, b := range beats {
		set |= 1 << b
	}
	return set
}

// maxRole is the longest label of a role, in letters.
const maxRole = 32

func (c command) assignRole() (Change, error) {
	m, err := c.student()
	if err != nil {
		return Change{}, err
	}
	typed, err := c.text("role")
	if err != nil {
		return Change{}, err
	}
	role, ok := names.Label(typed, maxRole)
	if !ok || staff(strings.ToLower(role)) {
		return Change{}, badPayload("role must be a short word, and not teacher or stage.")
	}
	m.Role = role
	return c.room.revision.roleAssigned(m), nil
}

// assignInstrument gives a member an instrument. The notes of the old one end,
// because devices could not end them with the new one.
func (c command) assignInstrument() (Change, error) {
	m, err := c.member()
	if err != nil {
		return Change{}, err
	}
	instrument, err := c.choice("instrument", instruments)
	if err != nil {
		return Change{}, err
	}
	m.Instrument = instrument
	change := c.room.revision.instrumentAssigned(m)
	change.Notes = c.room.voices.silence(nil, m.Seat, c.now)
	return change, nil
}

func (c command) removeStudent() (Change, error) {
	m, err := c.student()
	if err != nil {
		return Change{}, err
	}
	c.room.roster.ban(m)
	c.room.roster.remove(m)
	return c.room.goneLocked(c.now, m, true), nil
}

func (c command) setTempo() (Change, error) {
	bpm, err := c.number("bpm", clock.MinBPM, clock.MaxBPM)
	if err != nil {
		return Change{}, err
	}
	meter, err := optional(c.request, "meter", func() (int, error) { return c.whole("meter", clock.MinMeter, clock.MaxMeter) })
	if err != nil {
		return Change{}, err
	}
	return c.retime(func(w *clock.Wish) {
		w.BPM = bpm
		if meter != nil {
			w.Meter = *meter
		}
	}), nil
}

func (c command) start() (Change, error) {
	return c.retime(func(w *clock.Wish) { w.Running = true }), nil
}

func (c command) stop() (Change, error) {
	return c.retime(func(w *clock.Wish) { w.Running = false }), nil
}

// retime changes the tempo. The answer to a command that changes nothing is
// the timeline as it is.
func (c command) retime(change func(w *clock.Wish)) Change {
	c.room.tempo.retime(c.now, c.room.settings.CountIn, change)
	return c.room.revision.tempoChanged(c.room.tempo.plan)
}

// setting makes a control of a method that changes a setting.
func setting(set func(*Settings, request) (RoomChanged, error)) control {
	return func(c command) (Change, error) {
		changed, err := set(&c.room.settings, c.request)
		if err != nil {
			return Change{}, err
		}
		return c.room.revision.roomChanged(changed), nil
	}
}

// setQuiet makes everyone but the teachers quiet, or lets them play again.
func (c command) setQuiet() (Change, error) {
	change, err := setting((*Settings).setQuiet)(c)
	if err != nil || !c.room.settings.Quiet {
		return change, err
	}
	for _, m := range c.room.roster.seats {
		if m != nil && m.Role != RoleTeacher {
			change.Notes = c.room.voices.silence(change.Notes, m.Seat, c.now)
		}
	}
	return change, nil
}

func (c command) lockRoom() (Change, error) {
	locked, err := c.boolean("locked")
	if err != nil {
		return Change{}, err
	}
	c.room.roster.locked = locked
	return c.room.revision.roomChanged(RoomChanged{Locked: &locked}), nil
}
