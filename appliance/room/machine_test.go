package room

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"downbeat.local/appliance/names"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// class is a room that random steps change, and what must be true of it.
type class struct {
	room     *Room
	now      clock.Millis
	revision int
	resume   map[string]string // id by secret
	conns    map[string]int
	sounding map[[2]uint8]uint16 // number of the last start, by seat and note, from the events alone
	beat     float64             // the last one announced
	timeline int                 // its revision
	ears     map[string]*ear     // by the id of the member
}

// TestAnythingMayHappen takes random steps and checks after each that the room
// is consistent.
func TestAnythingMayHappen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := New(Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: rapid.IntRange(1, 6).Draw(t, "capacity")})
		if err != nil {
			t.Fatal(err)
		}
		c := &class{
			room: r, now: 1000,
			resume: map[string]string{}, conns: map[string]int{}, sounding: map[[2]uint8]uint16{}, ears: map[string]*ear{},
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": c.join, "come back": c.comeBack, "connect": c.connect, "disconnect": c.disconnect,
			"attach": c.attach, "detach": c.detach, "free": c.free, "leave": c.leave, "rename": c.rename, "promote": c.promote, "demote": c.demote,
			"play": c.play, "control": c.control, "teach": c.teach, "advance": c.advance, "restart": c.restart, "": c.check,
		})
	})
}

// teach begins a lesson, goes to one of its steps, or ends it.
func (c *class) teach(t *rapid.T) {
	var changes []Change
	var err error
	step := rapid.IntRange(-2, 3).Draw(t, "step")
	switch step {
	case -2:
		changes, err = c.room.Control(c.now, "", true, EndLesson, nil)
	case -1:
		changes, err = c.room.BeginLesson(c.now, true, lessonOfThree())
	default:
		changes, err = c.room.Control(c.now, "", true, GoToStep, fmt.Appendf(nil, `{"step":%d}`, step))
	}
	if err != nil && step < 0 {
		t.Fatal(err)
	}
	c.take(t, changes)
}

// take checks changes as clients get them.
func (c *class) take(t *rapid.T, changes []Change) {
	for _, change := range changes {
		c.listen(t, change.Notes)
		if change.To != "" {
			continue // without a revision, for one member
		}
		if revision := revisionOf(t, change); revision != c.revision+1 {
			t.Fatalf("%s has revision %d after %d", change.Event, revision, c.revision)
		}
		c.revision++
		if gone, ok := change.Payload.(MemberRemoved); ok {
			delete(c.conns, gone.StudentID)
		}
	}
	c.moveEars()
}

func (c *class) listen(t *rapid.T, events []wire.NoteEvent) {
	for _, e := range events {
		c.hear(t, e)
		key := [2]uint8{e.Seat, e.Note}
		if e.Velocity > 0 {
			c.sounding[key] = e.Seq
			continue
		}
		delete(c.sounding, key)
	}
}

func (c *class) id(t *rapid.T) string {
	ids := []string{"unknown"}
	for _, m := range c.room.roster.members() {
		ids = append(ids, m.ID)
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}

func (c *class) join(t *rapid.T) {
	a := Applicant{
		Role:  rapid.SampledFrom([]string{RoleStudent, RoleStudent, RoleStudent, RoleTeacher, RoleStage}).Draw(t, "role"),
		Guest: rapid.Bool().Draw(t, "guest"),
		Name:  rapid.SampledFrom([]string{"", "", "Zoë", "Al", "Mr X"}).Draw(t, "name"),
	}
	s, changes, err := c.room.Join(c.now, a)
	if err != nil && !errors.Is(err, ErrFull) && !errors.Is(err, ErrLocked) && !errors.Is(err, names.ErrName) {
		t.Fatalf("%+v: %v", a, err)
	}
	if err != nil && len(changes) > 0 {
		t.Fatalf("%+v: refused, but %+v", a, changes)
	}
	c.take(t, changes)
	if s.Resume != "" {
		c.resume[s.Resume] = s.ID
	}
}

func (c *class) comeBack(t *rapid.T) {
	var secrets []string
	for secret := range c.resume {
		secrets = append(secrets, secret)
	}
	if len(secrets) == 0 {
		t.Skip("there are no secrets yet")
	}
	slices.Sort(secrets)
	secret := rapid.SampledFrom(secrets).Draw(t, "secret")
	_, known := c.room.Member(c.resume[secret])
	s, changes, err := c.room.Join(c.now, Applicant{Resume: secret})
	if known && (err != nil || s.ID != c.resume[secret]) {
		t.Fatalf("the secret of %s gives %+v, %v", c.resume[secret], s, err)
	}
	c.take(t, changes)
	if !known && err == nil {
		c.resume[s.Resume] = s.ID
	}
}

func (c *class) connect(t *rapid.T) {
	id := c.id(t)
	c.take(t, c.room.Connect(c.now, id))
	if _, ok := c.room.Member(id); ok {
		c.conns[id]++
	}
}

func (c *class) disconnect(t *rapid.T) {
	id := c.id(t)
	c.take(t, c.room.Disconnect(c.now, id))
	c.conns[id] = max(0, c.conns[id]-1)
}

func (c *class) attach(t *rapid.T) {
	id := c.id(t)
	changes, err := c.room.Attach(id, "KeyStep 32")
	if m, _ := c.room.Member(id); (err == nil) != (len(changes) == 1) || err == nil && !slices.Contains(m.Keyboards, "KeyStep 32") {
		t.Fatalf("attached a keyboard to %+v: %+v, %v", m, changes, err)
	}
	c.take(t, changes)
}

func (c *class) detach(t *rapid.T) { c.take(t, c.room.Detach(c.now, c.id(t), "KeyStep 32")) }

func (c *class) free(t *rapid.T) { c.take(t, c.room.Free(c.now, c.id(t))) }

func (c *class) leave(t *rapid.T) {
	id := c.id(t)
	changes, err := c.room.Leave(c.now, id)
	if _, ok := c.room.Member(id); ok || err != nil != (len(changes) == 0) {
		t.Fatalf("%s left: %+v, %v, and is a member: %v", id, changes, err, ok)
	}
	c.take(t, changes)
}

func (c *class) promote(t *rapid.T) {
	c.take(t, c.room.Promote(0, c.id(t)))
}

func (c *class) demote(t *rapid.T) {
	c.take(t, c.room.Demote(c.now, c.id(t)))
}

func (c *class) rename(t *rapid.T) {
	id := c.id(t)
	changes, err := c.room.Rename(id, rapid.SampledFrom([]string{"Bo", "Zoë", "Teacher"}).Draw(t, "name"))
	if err != nil {
		changes, _ = c.room.Shuffle(id)
	}
	c.take(t, changes)
}

func (c *class) play(t *rapid.T) {
	seat := rapid.SampledFrom([]uint8{0, 1, 2, 3, 4, 5, 70, 71, 255}).Draw(t, "seat")
	note, velocity := rapid.Uint8Range(60, 63).Draw(t, "note"), rapid.Uint8Range(0, 2).Draw(t, "velocity")
	duration := time.Duration(rapid.IntRange(-1, 900).Draw(t, "ms")) * time.Millisecond
	at := c.now + clock.Millis(rapid.IntRange(-500, 500).Draw(t, "off"))
	e, err := c.room.Play(c.now, seat, note, velocity, at, duration)
	if err != nil {
		return
	}
	if off := clock.Millis(e.At) - c.now; e.Seat != seat || e.Note != note || e.Velocity != velocity || off < -250 || off > 50 && velocity > 0 {
		t.Fatalf("played %+v at %v", e, c.now)
	}
	c.listen(t, []wire.NoteEvent{e})
}

func (c *class) control(t *rapid.T) {
	event := rapid.SampledFrom(Controls()).Draw(t, "event")
	yes := rapid.Bool().Draw(t, "yes")
	target := fmt.Sprintf(`"student_id":%q,`, c.id(t))
	group := rapid.SampledFrom([]string{"null", "1", "2"}).Draw(t, "group")
	if rapid.Bool().Draw(t, "for a group") && (event == "play_alone" || event == "listen_in") {
		target = ""
	}
	payload := fmt.Appendf(nil, `{%s"group":%s,"on":%v,"hearing":%q,"muted":%v,"quiet":%v,"locked":%v,"bpm":%d,"meter":%d,"beat":[%d,%d],`+
		`"role":%q,"instrument":"organ","mode":"snap","listening":"stage","root":2,"kind":"blues","bars":%d}`,
		target, group, yes, rapid.SampledFrom(hearings).Draw(t, "hearing"), yes, yes, yes, rapid.IntRange(20, 300).Draw(t, "bpm"), rapid.IntRange(1, 5).Draw(t, "meter"),
		rapid.IntRange(0, 4).Draw(t, "beat"), rapid.IntRange(0, 4).Draw(t, "beat"),
		rapid.SampledFrom([]string{"bass", "student", "teacher"}).Draw(t, "label"), rapid.IntRange(0, 2).Draw(t, "bars"))
	changes, err := c.room.Control(c.now, c.id(t), true, event, payload)
	if _, ok := errors.AsType[*ControlError](err); err != nil && (!ok || len(changes) > 0) {
		t.Fatalf("%s: %+v, %v", event, changes, err)
	}
	c.take(t, changes)
}

// advance goes on in time as the room's owner does, sometimes late.
func (c *class) advance(t *rapid.T) {
	c.now += clock.Millis(rapid.SampledFrom([]int{1, 17, 90, 400, 3000, 40_000}).Draw(t, "ms"))
	beats, ended, next := c.room.Advance(c.now)
	c.listen(t, ended)
	if next <= c.now {
		t.Fatalf("wants to be called at %v, and it is %v", next, c.now)
	}
	timeline := c.room.State(c.now, "").Timeline
	for _, change := range beats {
		b := change.Payload.(Beat)
		if late := c.now - b.At; late < -0.01 || late > 100 || b.Beat < 0 || b.BeatInBar < 0 || b.BeatInBar >= timeline.Meter {
			t.Fatalf("announced %+v at %v of %+v", b, c.now, timeline)
		}
		if timeline.Revision == c.timeline && b.Beat <= c.beat {
			t.Fatalf("beat %v after %v", b.Beat, c.beat)
		}
		c.beat, c.timeline = b.Beat, timeline.Revision
	}
}

// restart puts the room away and takes it out again.
func (c *class) restart(t *rapid.T) {
	before := c.room.State(c.now, "")
	guests := 0
	for _, m := range c.room.roster.seats {
		if m != nil && m.guest {
			guests++
		}
	}
	again, err := Restore(saved(t, c.room), c.now, true)
	if err != nil {
		t.Fatal(err)
	}
	if guests > 0 {
		return // they are gone, so the states differ
	}
	for i := range before.Members {
		before.Members[i].Online, before.Members[i].Keyboards = false, nil
		if m := c.room.roster.seats[before.Members[i].Seat]; m.before != "" {
			before.Members[i].Role = m.before
		}
	}
	if diff := cmp.Diff(before, again.State(c.now, "")); diff != "" {
		t.Fatalf("after a restart (-want +got):\n%s", diff)
	}
	c.room = again
	c.conns = map[string]int{}
	c.sounding, c.ears = map[[2]uint8]uint16{}, map[string]*ear{}
	c.moveEars()
}

// check is what is always true.
func (c *class) check(t *rapid.T) {
	s := c.room.State(c.now, "")
	if s.Revision != c.revision {
		t.Fatalf("the room is at revision %d, the clients at %d", s.Revision, c.revision)
	}
	players := map[uint8]Member{}
	last, students := -1, 0
	for _, m := range s.Members {
		if int(m.Seat) <= last {
			t.Fatalf("seat %d comes after %d", m.Seat, last)
		}
		last = int(m.Seat)
		if m.Seat < staffSeats {
			students++
		}
		if m.Online != (c.conns[m.ID] > 0) {
			t.Fatalf("%s is online: %v, with %d devices", m.ID, m.Online, c.conns[m.ID])
		}
		players[m.Seat] = m
	}
	if students > c.room.roster.capacity {
		t.Fatalf("%d students in a room for %d", students, c.room.roster.capacity)
	}
	c.checkHeld(t, s, players)
	c.checkEars(t)
}

// checkHeld checks the notes that sound: only of members who may play, and the
// same ones that follow from the events.
func (c *class) checkHeld(t *rapid.T, s State, players map[uint8]Member) {
	heard := map[[2]uint8]uint16{}
	for _, h := range c.room.Held(nil) {
		m, ok := players[h.Seat]
		if !ok || !m.Online && len(m.Keyboards) == 0 || m.Muted ||
			m.Role != RoleTeacher && (s.Quiet || !mayAlone(s.Alone, m)) {
			t.Fatalf("%+v sounds, of %+v", h, m)
		}
		heard[[2]uint8{h.Seat, h.Note}] = h.Seq
	}
	if diff := cmp.Diff(heard, c.sounding); diff != "" {
		t.Fatalf("the room says what sounds, the events something else (-room +events):\n%s", diff)
	}
}
