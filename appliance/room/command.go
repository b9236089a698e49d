package room

import (
	"slices"
	"strings"

	"downbeat.local/appliance/names"
	"downbeat.local/sync/clock"
)

// command is one control event at work on a room, with Room.mu held.
type command struct {
	request
	room *Room
	now  clock.Millis
	by   string // id of the member that gives it; empty for one without a seat
}

// one makes a control of a method that makes one change.
func one(do func(c command) (Change, error)) control {
	return func(c command) ([]Change, error) {
		change, err := do(c)
		if err != nil {
			return nil, err
		}
		return []Change{change}, nil
	}
}

// members finds the members that the command is about: one, or a list of them, each
// once.
func (c command) members() (members []*seated, err error) {
	if !c.isList("student_id") {
		m, err := c.member()
		return []*seated{m}, err
	}
	var ids []string
	if !c.read("student_id", &ids) || len(ids) == 0 || len(ids) > Seats {
		return nil, badPayload("student_id must be a text, or a list of texts.")
	}
	for _, id := range ids {
		m, ok := c.room.roster.byID[id]
		switch {
		case !ok:
			return nil, errNoStudent
		case slices.Contains(members, m):
			return nil, badPayload("student_id names somebody twice.")
		}
		members = append(members, m)
	}
	return members, nil
}

// students finds the members that the command is about, who must be students.
func (c command) students() ([]*seated, error) {
	members, err := c.members()
	if err == nil && slices.ContainsFunc(members, func(m *seated) bool { return staff(m.Role) }) {
		return nil, errStaff
	}
	return members, err
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

func (c command) muteStudent() (changes []Change, err error) {
	members, err := c.members()
	if err != nil {
		return nil, err
	}
	muted, err := c.boolean("muted")
	if err != nil {
		return nil, err
	}
	c.remember(undoMute, members, func(i int) bool { return members[i].Muted != muted })
	for _, m := range members {
		changes = append(changes, c.room.mute(c.now, m, muted))
	}
	return changes, nil
}

func (r *Room) mute(now clock.Millis, m *seated, muted bool) Change {
	m.Muted, m.suspect = muted, false
	if !muted {
		r.roster.sanctions.forget(m.device)
	}
	change := r.revision.studentMuted(m)
	if muted {
		change.Notes = r.voices.silence(nil, m.Seat, now)
	}
	return change
}

func (c command) assignBeat() (changes []Change, err error) {
	members, err := c.members()
	if err != nil {
		return nil, err
	}
	beats, asked, err := c.beats("beat", c.room.tempo.plan.Last().Meter)
	if err != nil {
		return nil, err
	}
	c.remember(undoBeats, members, func(i int) bool { return !slices.Equal(members[i].Beats, beats) })
	for _, m := range members {
		changes = append(changes, c.room.giveBeats(m, beats, asked))
	}
	return changes, nil
}

// giveBeats gives a member beats of the bar. asked is the same as the change shows
// it.
func (r *Room) giveBeats(m *seated, beats []int, asked any) Change {
	m.Beats, m.beats = append([]int{}, beats...), beatBits(beats)
	return r.revision.beatAssigned(m, asked)
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

func (c command) assignRole() (changes []Change, err error) {
	students, err := c.students()
	if err != nil {
		return nil, err
	}
	typed, err := c.text("role")
	if err != nil {
		return nil, err
	}
	role, ok := names.Label(typed, maxRole)
	if !ok || staff(strings.ToLower(role)) {
		return nil, badPayload("role must be a short word, and not teacher or stage.")
	}
	c.remember(undoRole, students, func(i int) bool { return students[i].Role != role })
	for _, m := range students {
		m.Role = role
		changes = append(changes, c.room.revision.roleAssigned(m))
	}
	return changes, nil
}

// assignInstrument gives a member an instrument. The notes of the old one end,
// because devices could not end them with the new one.
func (c command) assignInstrument() (changes []Change, err error) {
	members, err := c.members()
	if err != nil {
		return nil, err
	}
	instrument, err := c.choice("instrument", instruments)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		m.Instrument = instrument
		change := c.room.revision.instrumentAssigned(m)
		change.Notes = c.room.voices.silence(nil, m.Seat, c.now)
		changes = append(changes, change)
	}
	return changes, nil
}

func (c command) removeStudent() ([]Change, error) {
	m, err := c.student()
	if err != nil {
		return nil, err
	}
	c.rememberGone(m)
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

// stop stops the beat on a bar line, or at once with now.
func (c command) stop() (Change, error) {
	now, err := optional(c.request, "now", func() (bool, error) { return c.boolean("now") })
	if err != nil {
		return Change{}, err
	}
	if now != nil && *now {
		c.room.tempo.cut(c.now)
		return c.room.revision.tempoChanged(c.room.tempo.plan), nil
	}
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
	return one(func(c command) (Change, error) {
		changed, err := set(&c.room.settings, c.request)
		if err != nil {
			return Change{}, err
		}
		return c.room.revision.roomChanged(changed), nil
	})
}

// setQuiet makes everyone but the teachers quiet, or lets them play again.
func (c command) setQuiet() ([]Change, error) {
	changes, err := setting((*Settings).setQuiet)(c)
	if err != nil || !c.room.settings.Quiet {
		return changes, err
	}
	for _, m := range c.room.roster.seats {
		if m != nil && m.Role != RoleTeacher {
			changes[0].Notes = c.room.voices.silence(changes[0].Notes, m.Seat, c.now)
		}
	}
	return changes, nil
}

func (c command) lockRoom() (Change, error) {
	locked, err := c.boolean("locked")
	if err != nil {
		return Change{}, err
	}
	c.room.roster.locked = locked
	return c.room.revision.roomChanged(RoomChanged{Locked: &locked}), nil
}
