package boxtest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/midi/miditest"
)

// page is the page of a student in a test.
type page struct {
	*client
	b     *box
	token string
}

func (b *box) page(code string) *page {
	b.t.Helper()
	token := b.sit(code, "").Token
	return &page{client: b.dial(token).join(code), b: b, token: token}
}

// wish asks the box for something about the student's keyboards.
func (p *page) wish(body object) (mine web.MyKeyboardsReply) {
	p.t.Helper()
	if status := p.b.bearer(p.token, "POST", "/box/v1/me/keyboards", body, &mine); status != http.StatusOK {
		p.t.Fatalf("%v is answered %d", body, status)
	}
	return mine
}

// searches goes on with the student's search until it is as it should be.
func (p *page) searches(until func(web.MyKeyboardsReply) bool) web.MyKeyboardsReply {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		mine := p.wish(object{"search": true})
		if until(mine) {
			return mine
		}
		select {
		case <-tick.C:
		case <-late:
			p.t.Fatalf("the search is at %+v", mine)
		}
	}
}

// is fits a search in a state.
func is(state room.SearchState) func(web.MyKeyboardsReply) bool {
	return func(mine web.MyKeyboardsReply) bool { return mine.Search.State == state }
}

// plugIn plugs some keyboards in, and waits until each has a seat in the only room.
// Their devices are midiC0D0 and so on.
func (b *box) plugIn(m *miditest.Machine, n int) []*miditest.Keyboard {
	b.t.Helper()
	plugged := make([]*miditest.Keyboard, n)
	for i := range plugged {
		plugged[i] = m.Plug(fmt.Sprintf("midiC%dD0", i))
	}
	b.keyboards("all in the room", func(all []room.Keyboard) bool {
		seated := 0
		for _, k := range all {
			if k.Room != "" {
				seated++
			}
		}
		return seated == n
	})
	return plugged
}

func TestAStudentFindsTheirKeyboard(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.page("MUSIC-2024"), b.teacher("MUSIC-2024")
	k := b.plugIn(m, 1)[0]
	if mine := zoe.wish(object{}); mine.Plugged != 1 || len(mine.Keyboards) != 0 || mine.Search.State != room.SearchNone {
		t.Errorf("before they search the student sees %+v", mine)
	}
	zoe.searches(is(room.SearchPress))
	k.Send(press(60)...)
	found := zoe.searches(is(room.SearchFound))
	if len(found.Keyboards) != 1 || found.Keyboards[0].ID != found.Search.Found || !found.Keyboards[0].Claimed {
		t.Errorf("the student finds %+v", found)
	}
	k.Send(lift(60)...)
	k.Send(press(62)...)
	for on := teacher.nextNote("student_note"); on.Note != 62; on = teacher.nextNote("student_note") {
		if on.ID == zoe.id {
			t.Errorf("the key that finds a keyboard plays as the student: %+v", on)
		}
	}
	if seen := b.keyboardAs(room.StudentSeat, zoe.id); !seen.Claimed {
		t.Errorf("the teacher sees %+v", seen)
	}
	zoe.wish(object{"search": false})
	if left := zoe.wish(object{"give_back": found.Search.Found}); len(left.Keyboards) != 0 {
		t.Errorf("after they gave it back the student has %+v", left)
	}
	b.keyboardAs(room.OwnSeat, "")
}

// What the teacher gave a student, only the teacher takes away.
func TestAStudentKeepsWhatTheTeacherGave(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, ben := b.page("MUSIC-2024"), b.page("MUSIC-2024")
	b.plugIn(m, 1)
	id := b.keyboardIn("MUSIC-2024").ID
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	for name, p := range map[string]*page{"the student": zoe, "another": ben} {
		if status := b.bearer(p.token, "POST", "/box/v1/me/keyboards", object{"give_back": id}, nil); status != http.StatusNotFound {
			t.Errorf("%s gives it back: %d", name, status)
		}
	}
	b.keyboardAs(room.StudentSeat, zoe.id)
}

// A student who searches for the keyboard that the teacher gave them finds it, and it
// stays the teacher's gift.
func TestAStudentSearchesForTheTeachersGift(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe := b.page("MUSIC-2024")
	k := b.plugIn(m, 1)[0]
	id := b.keyboardIn("MUSIC-2024").ID
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	zoe.searches(is(room.SearchPress))
	k.Send(press(60)...)
	if found := zoe.searches(is(room.SearchFound)); found.Search.Found != id {
		t.Errorf("the student finds %+v", found)
	}
	if seen := b.keyboardAs(room.StudentSeat, zoe.id); seen.Claimed {
		t.Errorf("the teacher's gift is a claim now: %+v", seen)
	}
}

// Of two students who search at once each finds one keyboard: the first who asked
// finds the first, and the other is told whose turn it is.
func TestTwoStudentsSearchAtOnce(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, ben := b.page("MUSIC-2024"), b.page("MUSIC-2024")
	keyboards := b.plugIn(m, 2)
	zoe.searches(is(room.SearchPress))
	waits := ben.searches(is(room.SearchWait))
	if waits.Search.Ahead != 1 || waits.Search.Turn != zoe.id {
		t.Errorf("who waits is told %+v", waits.Search)
	}
	keyboards[0].Send(press(60)...)
	first := zoe.searches(is(room.SearchFound)).Search.Found
	ben.searches(is(room.SearchPress))
	keyboards[1].Send(press(60)...)
	if second := ben.searches(is(room.SearchFound)).Search.Found; second == first {
		t.Errorf("both find %s", first)
	}
	if mine := zoe.wish(object{}).Keyboards; len(mine) != 1 || mine[0].ID != first {
		t.Errorf("the first student has %+v", mine)
	}
}

// A keyboard that another student has is not taken, and the student is told whose
// it is.
func TestAnothersKeyboardIsNotTaken(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, ben := b.page("MUSIC-2024"), b.page("MUSIC-2024")
	k := b.plugIn(m, 1)[0]
	id := b.keyboardIn("MUSIC-2024").ID
	b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: ben.id})
	zoe.searches(is(room.SearchPress))
	k.Send(press(60)...)
	refused := zoe.searches(func(mine web.MyKeyboardsReply) bool { return mine.Search.Refused != nil })
	if refused.Search.State != room.SearchPress || refused.Search.Refused.Owner != ben.id {
		t.Errorf("the student is told %+v", refused.Search)
	}
	b.keyboardAs(room.StudentSeat, ben.id)
}

// What the teacher keeps for the stage or sends nowhere is not found either.
func TestTheTeachersKeyboardIsNotTaken(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]room.KeyboardPlace{"stage": {Room: "MUSIC-2024", Stage: true}, "nowhere": {}} {
		t.Run(name, func(t *testing.T) {
			m := miditest.New(t)
			b := openBox(t, configOf(m))
			b.open("MUSIC-2024")
			zoe := b.page("MUSIC-2024")
			k := b.plugIn(m, 1)[0]
			b.mustSend(b.keyboardIn("MUSIC-2024").ID, to)
			zoe.searches(is(room.SearchPress))
			k.Send(press(60)...)
			zoe.searches(func(mine web.MyKeyboardsReply) bool {
				return mine.Search.Refused != nil && mine.Search.Refused.Owner == ""
			})
		})
	}
}

// A student has one keyboard that they found: with the next the last is free again.
func TestAStudentFindsAnotherKeyboard(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe := b.page("MUSIC-2024")
	for _, k := range b.plugIn(m, 2) {
		zoe.searches(is(room.SearchPress))
		k.Send(press(60)...)
		zoe.searches(is(room.SearchFound))
		zoe.wish(object{"search": false})
	}
	b.keyboards("one found", func(all []room.Keyboard) bool {
		return all[0].As == room.OwnSeat && all[1].As == room.StudentSeat && all[1].StudentID == zoe.id
	})
}

func TestSearchingIsTheStudents(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	b.plugIn(m, 1)
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"without a token": {"", http.StatusUnauthorized},
		"the teacher":     {b.token(teacherClaims), http.StatusNotFound},
		"no member":       {b.token(anonClaims), http.StatusNotFound},
	} {
		if got := b.bearer(c.token, "POST", "/box/v1/me/keyboards", object{"search": true}, nil); got != c.want {
			t.Errorf("%s searches: %d, want %d", name, got, c.want)
		}
	}
}
