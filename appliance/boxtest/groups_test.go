package boxtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// hand is what a client sees of the teacher's hand in room_state.
type hand struct {
	Revision int
	Alone    *room.Target
	AllCall  bool `json:"all_call"`
	Members  []struct {
		ID    string `json:"student_id"`
		Group *int
	}
	You struct {
		ListenIn *room.Target `json:"listen_in"`
	}
}

func (c *client) hand() (h hand) {
	c.t.Helper()
	c.must("resync", object{})
	c.expect("room_state").into(&h)
	return h
}

// hears reports whether a note that another plays reaches the client. The box sends
// the note before the answer to what the client asks afterwards.
func (c *client) hears(player *client, key int) bool {
	c.t.Helper()
	c.waiting = nil
	player.must("play_note", object{"midi": key})
	player.must("stop_note", object{"midi": key})
	c.must("alive", object{})
	return c.heard(key) > 0
}

// heard counts the beginnings and ends of a key that have reached the client.
func (c *client) heard(key int) (n int) {
	for _, m := range c.waiting {
		switch m.event {
		case wire.EventStudentNote, wire.EventStudentNoteOff:
			if m.fields()["midi"] == float64(key) {
				n++
			}
		case wire.EventNotes:
			for _, e := range m.frame.Events {
				if int(e.Note) == key {
					n++
				}
			}
		}
	}
	return n
}

// TestListenIn: a teacher hears a group or a student only while they listen in, and
// nobody else is told.
func TestListenIn(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher, other := b.enter("MUSIC-2024", room.RoleTeacher), b.dial(b.token(serviceClaims)).join("MUSIC-2024")
	one, two := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	teacher.must("assign_group", object{"student_id": []string{one.id, two.id}, "group": []int{1, 2}})
	expect := func(when string, hearsOne, hearsTwo bool) {
		t.Helper()
		if got := teacher.hears(one, 60); got != hearsOne {
			t.Errorf("%s: the teacher hears group 1: %v", when, got)
		}
		if got := teacher.hears(two, 62); got != hearsTwo {
			t.Errorf("%s: the teacher hears group 2: %v", when, got)
		}
	}
	expect("two groups", false, false)
	if !one.hears(teacher, 64) || !two.hears(teacher, 65) || one.hears(two, 66) {
		t.Error("a group does not hear the teacher, or hears another")
	}
	revision := two.hand().Revision
	teacher.must("listen_in", object{"group": 1})
	teacher.expect("listening_changed")
	expect("in group 1", true, false)
	teacher.must("listen_in", object{"student_id": two.id})
	expect("to a student", false, true)
	if got := teacher.hand().You.ListenIn; got == nil || got.StudentID != two.id {
		t.Errorf("the teacher's state says %+v", got)
	}
	for name, c := range map[string]*client{"a student": two, "another teacher": other} {
		if got := c.hand(); got.You.ListenIn != nil || got.Revision != revision {
			t.Errorf("%s sees %+v at revision %d, want %d", name, got.You.ListenIn, got.Revision, revision)
		}
		for _, m := range c.waiting {
			if m.event == "listening_changed" {
				t.Errorf("%s is told: %v", name, m)
			}
		}
	}
	teacher.must("listen_in", object{})
	expect("no more", false, false)
	teacher.must("set_hearing", object{"hearing": "all"})
	expect("all groups hear each other", true, true)
	if !one.hears(two, 67) {
		t.Error("a group does not hear another when all hear each other")
	}
	if r := one.ask("listen_in", object{"student_id": two.id}); r.Response.Reason != "unauthorized" {
		t.Errorf("a student listens in: %+v", r)
	}
}

// TestNotesEndForThoseWhoLeaveAGroup: a member who hears a note and changes groups
// gets its end, and those who stay get it when it ends.
func TestNotesEndForThoseWhoLeaveAGroup(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher, player := b.teacher("MUSIC-2024"), b.student("MUSIC-2024")
	stays, program, page := b.student("MUSIC-2024"), b.student("MUSIC-2024"), b.dial(b.sit("MUSIC-2024", "").Token, "frames", "1").join("MUSIC-2024")
	all := []string{player.id, stays.id, program.id, page.id}
	teacher.must("assign_group", object{"student_id": all, "group": 1})
	player.must("play_note", object{"midi": 60})
	for _, c := range []*client{stays, program} {
		c.expect("student_note")
	}
	page.await("the note", func(m message) bool { return len(m.frame.Events) == 1 })
	teacher.must("assign_group", object{"student_id": []string{program.id, page.id}, "group": 2})
	program.expect("student_note_off")
	page.await("a summary without the note", func(m message) bool { return m.frame.Summary && len(m.frame.Held) == 0 })
	stays.must("alive", object{})
	if n := stays.heard(60); n != 0 {
		t.Errorf("the note ends for a member who stays: %v", stays.waiting)
	}
	program.waiting = nil
	player.must("stop_note", object{"midi": 60})
	stays.expect("student_note_off")
	program.must("alive", object{})
	if n := program.heard(60); n != 0 {
		t.Errorf("the end reaches another group too: %v", program.waiting)
	}
	player.must("play_note", object{"midi": 61})
	stays.expect("student_note")
	teacher.must("assign_group", object{"student_id": player.id, "group": 2}) // the player changes
	stays.expect("student_note_off")
	page.must("alive", object{})
	if n := page.heard(61); n != 0 {
		t.Errorf("a note of another group ends on a page: %v", page.waiting)
	}
}

// TestTheHandSurvives: groups, who plays alone, the all-call, whom the teacher listens
// in to and what can be taken back are the same after a restart of the box.
func TestTheHandSurvives(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	teacher, student := b.enter("MUSIC-2024", room.RoleTeacher), b.dial(seat.Token)
	student.key = "zoe"
	student.join("MUSIC-2024")
	gone := b.sit("MUSIC-2024", "")
	teacher.must("assign_group", object{"student_id": student.id, "group": 3})
	teacher.must("assign_group", object{"student_id": student.id, "group": 8})
	late := b.student("MUSIC-2024")
	var shown metas
	if late.expect("presence_state").into(&shown); shown.only(t, student.key)["group"] != float64(8) {
		t.Errorf("presence shows %v", shown)
	}
	teacher.must("remove_student", object{"student_id": gone.Member.StudentID})
	teacher.must("play_alone", object{"group": 8})
	teacher.must("all_call", object{"on": true})
	teacher.must("listen_in", object{"group": 8})
	before := teacher.hand()
	b.stop()
	again := runBox(t, appliance.Config{DataDir: b.dir})
	teacher = again.enter("MUSIC-2024", room.RoleTeacher)
	after := teacher.hand()
	before.Revision, after.Revision = 0, 0
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	teacher.must("undo", object{})
	if back := again.sit("MUSIC-2024", gone.Resume); back.Member.StudentID != gone.Member.StudentID {
		t.Errorf("the removed student came back as %+v", back.Member)
	}
	teacher.must("undo", object{})
	if got := teacher.hand(); *got.Members[0].Group != 3 {
		t.Errorf("after two undos the group is %d, want 3", *got.Members[0].Group)
	}
	newcomer := again.student("MUSIC-2024")
	if r := newcomer.ask("play_note", object{"midi": 60}); r.Response.Reason != "alone" {
		t.Errorf("a newcomer plays while a group plays alone: %+v", r)
	}
}
