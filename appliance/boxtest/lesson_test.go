package boxtest

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/appliance/wire"
)

// want fails unless a request to the box's own API has that status.
func (b *box) want(status int, method, path string, body, v any) {
	b.t.Helper()
	if got := b.call(method, path, body, v); got != status {
		b.t.Errorf("%s %s: %d, want %d", method, path, got, status)
	}
}

// TestALessonFromTheClaimOn follows a teacher and a student from a new box on.
func TestALessonFromTheClaimOn(t *testing.T) {
	t.Parallel()
	b := runBox(t, appliance.Config{})
	const password = "eight or more"
	code, err := os.ReadFile(filepath.Join(b.dir, people.ClaimFile))
	if err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusUnauthorized, "POST", "/box/v1/rooms", object{}, nil)
	b.want(http.StatusNoContent, "POST", "/box/v1/claim", object{"code": string(code), "password": password}, nil)
	b.want(http.StatusNoContent, "POST", "/box/v1/logout", object{}, nil)
	b.want(http.StatusUnauthorized, "POST", "/box/v1/rooms", object{}, nil)
	b.want(http.StatusNoContent, "POST", "/box/v1/login", object{"password": password}, nil)

	var made room.Summary
	b.want(http.StatusCreated, "POST", "/box/v1/rooms", object{"name": "Grade 5", "code": "music 2024"}, &made)
	if made.Code != "MUSIC-2024" || made.Name != "Grade 5" {
		t.Errorf("made %+v", made)
	}
	var teacher web.SeatReply
	b.want(http.StatusOK, "POST", "/box/v1/rooms/MUSIC-2024/enter", object{"as": room.RoleTeacher}, &teacher)
	student := b.sit("music2024", "") // as a child types it

	ms, zoe := b.dial(teacher.Token).join("MUSIC-2024"), b.dial(student.Token).join("MUSIC-2024")
	if zoe.id != student.Member.StudentID || int(zoe.seat) != student.Member.Seat || ms.id != teacher.Member.StudentID {
		t.Errorf("room_state has %s in seat %d, HTTP %+v", zoe.id, zoe.seat, student.Member)
	}
	ms.must("start", object{})
	zoe.expect("tempo_changed")
	zoe.must("play_note", object{"midi": 60})
	if on := ms.nextNote("student_note"); on.ID != zoe.id {
		t.Errorf("got %+v", on)
	}
	var list []room.Summary
	b.want(http.StatusOK, "GET", "/box/v1/rooms", nil, &list)
	if len(list) != 1 || list[0].Online != 1 {
		t.Errorf("the list of rooms is %+v", list)
	}
	b.want(http.StatusNoContent, "DELETE", "/box/v1/rooms/MUSIC-2024", nil, nil)
	for _, c := range []*client{ms, zoe} {
		c.expect("room_closed")
		c.expelled("This room is closed")
	}
	b.want(http.StatusNotFound, "POST", "/box/v1/join", object{"code": "MUSIC-2024"}, nil)
	if r := zoe.askToJoin("MUSIC-2024"); r.Status != "error" {
		t.Errorf("joining a closed room: %+v", r)
	}
}

func TestOnlyTheTeacherControls(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	before := zoe.resync().Revision
	ours := []string{ // events of the box
		wire.EventStudentNote, wire.EventStudentNoteOff, wire.EventBeat, wire.EventTempoChanged, wire.EventRoomState,
		wire.EventStudentMuted, wire.EventRoomClosed, wire.EventNotes,
	}
	for _, event := range append(room.Controls(), ours...) {
		payload := object{"student_id": teacher.id, "bpm": 90, "muted": true, "locked": true, "instrument": "organ"}
		if r := zoe.ask(event, payload); r.Status != "error" || r.Response.Reason != "unauthorized" {
			t.Errorf("a student sends %s: %+v, want unauthorized", event, r)
		}
	}
	if after := teacher.resync().Revision; after != before {
		t.Errorf("the room went from revision %d to %d", before, after)
	}
	zoe.must("chat", object{"text": "hello"})
	if got := teacher.expect("chat").fields()["text"]; got != "hello" {
		t.Errorf("an event without a meaning came with %v", got)
	}
}

func TestEveryMemberGetsTheChangeOfAControl(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	for _, tt := range []struct {
		event   string
		payload object
		told    string
		field   string
		want    any
	}{
		{"set_tempo", object{"bpm": 90, "meter": 3}, "tempo_changed", "bpm", 90.0},
		{"set_tempo", object{"bpm": 90, "meter": 5}, "tempo_changed", "meter", 5.0},
		{"start", object{}, "tempo_changed", "running", true},
		{"stop", object{}, "tempo_changed", "running", false},
		{"mute_student", object{"student_id": zoe.id, "muted": true}, "student_muted", "muted", true},
		{"assign_beat", object{"student_id": zoe.id, "beat": 2}, "beat_assigned", "beat", 2.0},
		{"assign_role", object{"student_id": zoe.id, "role": "bass"}, "role_assigned", "role", "bass"},
		{"assign_instrument", object{"student_id": zoe.id, "instrument": "organ"}, "instrument_assigned", "instrument", "organ"},
		{"lock_room", object{"locked": true}, "room_changed", "locked", true},
		{"set_quiet", object{"quiet": true}, "room_changed", "quiet", true},
	} {
		teacher.must(tt.event, tt.payload)
		for _, c := range []*client{zoe, teacher} {
			if got := c.expect(tt.told).fields()[tt.field]; got != tt.want {
				t.Errorf("after %s %v, %s says %s is %v, want %v", tt.event, tt.payload, tt.told, tt.field, got, tt.want)
			}
		}
	}
	for event, payload := range map[string]object{
		"set_tempo":    {"bpm": 1e6},
		"mute_student": {"student_id": "nobody", "muted": true},
		"assign_beat":  {"student_id": zoe.id, "beat": -1},
	} {
		if r := teacher.ask(event, payload); r.Status != "error" || r.Response.Message == "" {
			t.Errorf("%s %v: %+v, want an error with a sentence", event, payload, r)
		}
	}
}

func TestALockedRoom(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	early, teacher := b.sit("MUSIC-2024", ""), b.teacher("MUSIC-2024")
	teacher.must("lock_room", object{"locked": true})
	var problem struct{ Message string }
	b.want(http.StatusLocked, "POST", "/box/v1/join", web.JoinRequest{Code: "MUSIC-2024"}, &problem)
	if problem.Message == "" {
		t.Errorf("refused with %+v, want a sentence", problem)
	}
	if back := b.sit("MUSIC-2024", early.Resume); back.Member.StudentID != early.Member.StudentID {
		t.Errorf("the student came back as %+v", back.Member)
	}
	teacher.must("lock_room", object{"locked": false})
	b.student("MUSIC-2024")
}

func TestARemovedStudentIsOut(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	zoe, tab, teacher := b.dial(seat.Token).join("MUSIC-2024"), b.dial(seat.Token).join("MUSIC-2024"), b.teacher("MUSIC-2024")
	zoe.must("play_note", object{"midi": 60})
	teacher.expect("student_note")
	teacher.must("remove_student", object{"student_id": zoe.id})
	if off := teacher.nextNote("student_note_off"); off.ID != zoe.id || off.Note != 60 {
		t.Errorf("what sounded ended as %+v", off)
	}
	if gone := teacher.expect("member_removed").fields()["student_id"]; gone != zoe.id {
		t.Errorf("%v is gone, want %s", gone, zoe.id)
	}
	for _, c := range []*client{zoe, tab} {
		c.expelled("You were removed from this room")
		if r := c.askToJoin("MUSIC-2024"); r.Status != "error" {
			t.Errorf("a removed student joins: %+v", r)
		}
	}
	b.want(http.StatusForbidden, "POST", "/box/v1/join", web.JoinRequest{Code: "MUSIC-2024", Resume: seat.Resume}, nil)
}
