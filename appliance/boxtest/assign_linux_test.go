package boxtest

import (
	"net/http"
	"slices"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/midi/miditest"
)

// send sends a keyboard to a place.
func (b *box) send(id string, to room.KeyboardPlace) int {
	b.t.Helper()
	return b.staffCall("POST", "/box/v1/keyboards", web.AssignRequest{
		ID: id, Room: &to.Room, StudentID: to.StudentID, Stage: to.Stage,
	}, nil)
}

// mustSend sends a keyboard to a place where it can play.
func (b *box) mustSend(id string, to room.KeyboardPlace) {
	b.t.Helper()
	if status := b.send(id, to); status != http.StatusOK {
		b.t.Fatalf("sending it to %+v: %d", to, status)
	}
}

// keyboardAs waits until the only keyboard plays as a member.
func (b *box) keyboardAs(as room.KeyboardSeat, studentID string) room.Keyboard {
	b.t.Helper()
	return b.keyboards("as "+studentID, func(all []room.Keyboard) bool {
		return len(all) == 1 && all[0].As == as && (studentID == "" || all[0].StudentID == studentID)
	})[0]
}

// A keyboard of a student plays as that student, and their device gets its notes to
// sound them.
func TestAKeyboardPlaysAsAStudent(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	m.Describe("midiC1D0", keyStep)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.frames("MUSIC-2024"), b.teacher("MUSIC-2024")
	k := m.Plug("midiC1D0")
	own := b.keyboardIn("MUSIC-2024")
	if own.As != room.OwnSeat {
		t.Errorf("at first it plays as %+v", own)
	}
	k.Send(press(59)...)
	teacher.nextNote("student_note")
	zoe.event()
	b.mustSend(own.ID, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	if off := teacher.nextNote("student_note_off"); off.Note != 59 || off.ID != own.StudentID {
		t.Errorf("the change ends %+v", off)
	}
	zoe.event()
	b.keyboardAs(room.StudentSeat, zoe.id)
	if member := teacher.member(zoe.id); !slices.Equal(member.Keyboards, []string{"KeyStep 32"}) {
		t.Errorf("the room has %+v", member)
	}
	for _, member := range teacher.resync().Members {
		if member.MIDI != "" {
			t.Errorf("it has left its own seat behind: %+v", member)
		}
	}
	k.Send(lift(59)...)
	k.Send(press(60)...)
	if on := teacher.nextNote("student_note"); on.ID != zoe.id || on.Note != 60 || !on.Keyboard {
		t.Errorf("the room hears %+v", on)
	}
	for on := zoe.event(); on.Note != 60; on = zoe.event() { // the end of 59 may be passed on
	}
	k.Send(lift(60)...)
	if off := zoe.event(); off.Seat != zoe.seat || off.Note != 60 || !off.Keyboard || off.Velocity != 0 {
		t.Errorf("their device gets %+v", off)
	}
}

// The teacher rules a student's keyboard with the student: their mute, their beats.
func TestAStudentsKeyboardIsMutedWithThem(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	k := m.Plug("midiC1D0")
	b.mustSend(b.keyboardIn("MUSIC-2024").ID, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	k.Send(press(60)...)
	teacher.nextNote("student_note")
	teacher.must("mute_student", object{"student_id": zoe.id, "muted": true})
	if off := teacher.nextNote("student_note_off"); off.Note != 60 || off.ID != zoe.id {
		t.Errorf("muting ends %+v", off)
	}
	k.Send(press(62)...) // not heard
	b.keyboards("playing", func(all []room.Keyboard) bool { return all[0].Playing })
	teacher.must("mute_student", object{"student_id": zoe.id, "muted": false})
	k.Send(press(64)...)
	if on := teacher.nextNote("student_note"); on.Note != 64 {
		t.Errorf("after they were muted comes %+v", on)
	}
}

// A keyboard goes on playing while the page of its student is closed.
func TestAStudentsKeyboardPlaysWithoutTheirPage(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	k := m.Plug("midiC1D0")
	b.mustSend(b.keyboardIn("MUSIC-2024").ID, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	k.Send(press(60)...)
	teacher.nextNote("student_note")
	zoe.close()
	for member := teacher.member(zoe.id); member.Online; member = teacher.member(zoe.id) {
	}
	if n := teacher.count("student_note_off"); n != 0 {
		t.Errorf("%d notes of the keyboard end with the page", n)
	}
	k.Send(press(62)...)
	if on := teacher.nextNote("student_note"); on.ID != zoe.id || on.Note != 62 {
		t.Errorf("without the page the room hears %+v", on)
	}
	k.Unplug()
	ended := map[uint8]string{}
	for range 2 {
		off := teacher.nextNote("student_note_off")
		ended[off.Note] = off.ID
	}
	if ended[60] != zoe.id || ended[62] != zoe.id {
		t.Errorf("unplugging ends %v", ended)
	}
}

// A student keeps their keyboard through a restart, and in another socket.
func TestAStudentKeepsTheirKeyboard(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	m.Describe("midiC1D0", keyStep)
	first := openBox(t, configOf(m))
	first.open("MUSIC-2024")
	zoe := first.student("MUSIC-2024")
	k := m.Plug("midiC1D0")
	first.mustSend(first.keyboardIn("MUSIC-2024").ID, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	first.open("CHOIR-1000")
	first.stop()
	k.Unplug()
	moved := keyStep
	moved.Place = "1-2"
	m.Describe("midiC4D0", moved)
	m.Plug("midiC4D0")
	cfg := configOf(m)
	cfg.DataDir = first.dir
	second := openBox(t, cfg)
	second.keyboardAs(room.StudentSeat, zoe.id)
}

// Two students keep their equal keyboards, even with equal serial numbers, when a
// restart numbers them anew.
func TestEqualKeyboardsOfTwoStudents(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	left, right := keyStep, keyStep
	left.Place, right.Place = "1-1.1", "1-1.2"
	m.Describe("midiC1D0", left)
	m.Describe("midiC2D0", right)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	students := []*client{b.student("MUSIC-2024"), b.student("MUSIC-2024")}
	plugged := []*miditest.Keyboard{m.Plug("midiC1D0"), m.Plug("midiC2D0")}
	both := b.keyboards("two in the room", func(all []room.Keyboard) bool {
		return len(all) == 2 && all[0].Room != "" && all[1].Room != ""
	})
	for i, k := range both {
		b.mustSend(k.ID, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: students[i].id})
	}
	b.stop()
	for _, k := range plugged {
		k.Unplug()
	}
	m.Describe("midiC7D0", left)
	m.Describe("midiC5D0", right)
	m.Plug("midiC5D0")
	m.Plug("midiC7D0")
	cfg := configOf(m)
	cfg.DataDir = b.dir
	openBox(t, cfg).keyboards("where they were", func(all []room.Keyboard) bool {
		return len(all) == 2 && all[0].ID == both[0].ID && all[0].StudentID == students[0].id && all[1].StudentID == students[1].id
	})
}

// If its student leaves, a keyboard plays on a seat of its own. If the teacher
// removes the student, it plays nowhere until they send it somewhere.
func TestTheStudentOfAKeyboardGoes(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	seat, teacher := b.sit("MUSIC-2024", ""), b.teacher("MUSIC-2024")
	m.Plug("midiC1D0")
	id := b.keyboardIn("MUSIC-2024").ID
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: seat.Member.StudentID})
	if status := b.bearer(seat.Token, "DELETE", "/box/v1/me", nil, nil); status != http.StatusNoContent {
		t.Fatalf("leaving: %d", status)
	}
	b.keyboardAs(room.OwnSeat, "")
	zoe := b.student("MUSIC-2024")
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	teacher.must("remove_student", object{"student_id": zoe.id})
	b.keyboardIn("")
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024"})
	b.keyboardAs(room.OwnSeat, "")
}

func TestAKeyboardForTheStage(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	m.Plug("midiC1D0")
	own := b.keyboardIn("MUSIC-2024")
	b.mustSend(own.ID, room.KeyboardPlace{Room: "MUSIC-2024", Stage: true})
	if staged := b.keyboardAs(room.StageSeat, own.StudentID); !teacher.member(staged.StudentID).OnStage {
		t.Error("the room does not say that the stage alone sounds it")
	}
	b.stop()
	cfg := configOf(m)
	cfg.DataDir = b.dir
	b = openBox(t, cfg)
	b.keyboardAs(room.StageSeat, own.StudentID)
	b.mustSend(own.ID, room.KeyboardPlace{Room: "MUSIC-2024"})
	b.keyboardAs(room.OwnSeat, own.StudentID)
}

func TestAKeyboardIsSentToNobody(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	b.open("CHOIR-1000")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	m.Plug("midiC1D0")
	b.assignSoon(b.keyboardIn("").ID, "MUSIC-2024")
	k := b.keyboardIn("MUSIC-2024")
	for name, to := range map[string]room.KeyboardPlace{
		"nobody":                 {Room: "MUSIC-2024", StudentID: "nobody"},
		"a student without room": {StudentID: zoe.id},
		"one of another room":    {Room: "CHOIR-1000", StudentID: zoe.id},
		"the teacher":            {Room: "MUSIC-2024", StudentID: teacher.id},
		"itself":                 {Room: "MUSIC-2024", StudentID: k.StudentID},
	} {
		if status := b.send(k.ID, to); status != http.StatusNotFound {
			t.Errorf("to %s: %d", name, status)
		}
	}
	b.keyboardAs(room.OwnSeat, k.StudentID)
	var reply web.KeyboardsReply
	b.staffCall("GET", "/box/v1/keyboards", object{}, &reply)
	if len(reply.Students) != 1 || reply.Students[0].StudentID != zoe.id || reply.Students[0].Room != "MUSIC-2024" {
		t.Errorf("the teacher may choose %+v", reply.Students)
	}
}

// bearer makes a request with a member's token.
func (b *box) bearer(token, method, path string, body, v any) int {
	b.t.Helper()
	req := b.newRequest(method, path, body)
	req.Header.Set("Authorization", "Bearer "+token)
	return b.do(req, v)
}

// A box without MIDI has no keyboards to find.
func TestAStudentWithoutKeyboards(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	for _, body := range []object{{"search": true}, {"search": false}, {}} {
		var mine web.MyKeyboardsReply
		if status := b.bearer(seat.Token, "POST", "/box/v1/me/keyboards", body, &mine); status != http.StatusOK || mine.Search.State != room.SearchNone {
			t.Errorf("%v is answered %d, %+v", body, status, mine)
		}
	}
}
