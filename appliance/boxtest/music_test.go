package boxtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/web"
)

// enterMusic enters a music name on a seat.
func (b *box) enterMusic(seat web.SeatReply, music any, v any) int {
	b.t.Helper()
	req := b.newRequest("POST", "/box/v1/me/music", object{"music": music})
	req.Header.Set("Authorization", "Bearer "+seat.Token)
	return b.do(req, v)
}

// words are the texts of what a child reads of their own.
type words struct{ Words []reflection }

func (w words) String() string {
	var all []string
	for _, row := range w.Words {
		all = append(all, row.Text)
	}
	return strings.Join(all, ", ")
}

// write writes a reflection on a seat, as the page does.
func (b *box) write(seat web.SeatReply, session, text string, shared bool) {
	b.t.Helper()
	body := fmt.Sprintf(`{"text":%q,"shared":%t,"student_id":%q,"session_id":%q}`, text, shared, seat.Member.StudentID, session)
	status := b.request(seat.Token, "POST", "/rest/v1/reflections", body, "Content-Type", "application/json", "Prefer", "resolution=ignore-duplicates,return=minimal")
	if status != http.StatusCreated {
		b.t.Fatalf("writing %q: %d", text, status)
	}
}

// session is the id of the session that a room is in, as its members are told.
func (b *box) session(code string) string {
	b.t.Helper()
	c := b.dial(b.token(teacherClaims))
	defer c.close()
	if r := c.askToJoin(code); r.Status != "ok" {
		b.t.Fatalf("joining %s: %+v", code, r)
	}
	return c.expect("room_state").fields()["session_id"].(string)
}

// TestAMusicNameOfAWholeBox gives two children music names. Ana writes before and
// after she enters hers, and finds her words on another device after a restart.
func TestAMusicNameOfAWholeBox(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	if seat := b.sit("MUSIC-2024", ""); seat.MusicNames {
		t.Error("a room without a list asks for music names")
	}
	class := b.classOf("MUSIC-2024", "Ana López", "Ben Díaz")
	ana, ben := class.Children[0], class.Children[1]
	session := b.session("MUSIC-2024")
	seat, other := b.sit("MUSIC-2024", ""), b.sit("MUSIC-2024", "")
	if !seat.MusicNames {
		t.Error("a room with a list does not ask for music names")
	}
	b.write(seat, session, "before", false)
	b.write(other, session, "of ben", false)
	var read words
	if status := b.enterMusic(seat, ana.Music, &read); status != http.StatusOK || read.String() != "before" {
		t.Errorf("ana enters: %d, %v", status, read)
	}
	b.write(seat, session, "after", true)
	for _, row := range b.reflections(b.token(auth.Member("0198c0de-0000-7000-8000-00000000000c", "MUSIC-2024", "teacher")), "") {
		if row.StudentID != ana.ID {
			t.Errorf("a shared row is of %s, not of ana", row.StudentID)
		}
	}
	if rows := b.reflections(seat.Token, ""); len(rows) != 0 {
		t.Errorf("the token of a seat reads the child's words: %+v", rows)
	}
	if status := b.enterMusic(other, ben.Music, &read); status != http.StatusOK || read.String() != "of ben" {
		t.Errorf("ben enters: %d, %v", status, read)
	}
	var people struct{ People []web.PersonReply }
	b.staffWant(http.StatusOK, "GET", "/box/v1/rooms/MUSIC-2024/people", nil, &people)
	if len(people.People) != 2 || people.People[0] != (web.PersonReply{StudentID: seat.Member.StudentID, ChildID: ana.ID, Name: "Ana López"}) {
		t.Errorf("who sits where: %+v", people.People)
	}
	var exported []reflection
	b.staffWant(http.StatusOK, "GET", "/box/v1/reflections.json?student="+seat.Member.StudentID, nil, &exported)
	if len(exported) != 1 || exported[0].Text != "after" {
		t.Errorf("ana's words, taken along by their seat: %+v", exported)
	}
	b.stop()

	b = openBox(t, appliance.Config{DataDir: data})
	fresh := b.sit("MUSIC-2024", "")
	if status := b.enterMusic(fresh, ana.Music, &read); status != http.StatusOK || read.String() != "before, after" {
		t.Errorf("on another device: %d, %v", status, read)
	}
	b.staffWant(http.StatusNoContent, "POST", "/box/v1/students/"+fresh.Member.StudentID+"/forget", nil, nil)
	b.staffWant(http.StatusOK, "GET", "/box/v1/classes/"+class.ID, nil, &class)
	if listed(class) != "Ben Díaz" {
		t.Errorf("after ana was forgotten: %+v", class)
	}
	third := b.sit("MUSIC-2024", "")
	if status := b.enterMusic(third, ana.Music, nil); status != http.StatusNotFound {
		t.Errorf("a forgotten music name: %d", status)
	}
	if left := b.reflections(b.token(serviceClaims), ""); len(left) != 0 {
		t.Errorf("left are %+v", left)
	}
	b.staffWant(http.StatusNoContent, "POST", "/box/v1/students/"+ben.ID+"/forget", nil, nil)
	if b.staffWant(http.StatusOK, "GET", "/box/v1/classes/"+class.ID, nil, &class); len(class.Children) != 0 {
		t.Errorf("after ben was forgotten by the list: %+v", class)
	}
}

// TestMusicNamesAreNotGuessed tries one music name after the other, and then a right
// one, and looks for what the box gives away.
func TestMusicNamesAreNotGuessed(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	b.open("DRUM-1111")
	class := b.classOf("MUSIC-2024", "Ana", "Ben")
	ana := class.Children[0].Music
	seat, beside, guesser, elsewhere := b.sit("MUSIC-2024", ""), b.sit("MUSIC-2024", ""), b.sit("MUSIC-2024", ""), b.sit("DRUM-1111", "")
	b.dial(seat.Token).join("MUSIC-2024")
	for name, tt := range map[string]struct {
		seat  web.SeatReply
		music any
		want  int
	}{
		"no pictures": {seat, []int{1, 2}, http.StatusBadRequest}, "one twice": {seat, []int{1, 1, 2}, http.StatusBadRequest},
		"words": {seat, "ana", http.StatusBadRequest}, "nothing": {seat, nil, http.StatusBadRequest},
		"another room": {elsewhere, ana, http.StatusNotFound}, "no token": {web.SeatReply{}, ana, http.StatusUnauthorized},
	} {
		if status := b.enterMusic(tt.seat, tt.music, nil); status != tt.want {
			t.Errorf("%s: %d, want %d", name, status, tt.want)
		}
	}
	if status := b.enterMusic(seat, ana, nil); status != http.StatusOK {
		t.Fatalf("ana enters: %d", status)
	}
	if status := b.enterMusic(beside, ana, nil); status != http.StatusConflict {
		t.Errorf("beside ana: %d", status)
	}
	wrong := classlist.Music{0, 1, 2}
	for wrong == class.Children[0].Music || wrong == class.Children[1].Music {
		wrong[2]++
	}
	statuses := map[int]int{}
	for range 10 {
		statuses[b.enterMusic(guesser, wrong, nil)]++
	}
	if statuses[http.StatusNotFound] < 5 || statuses[http.StatusTooManyRequests] == 0 {
		t.Errorf("ten guesses: %v", statuses)
	}
	if status := b.enterMusic(guesser, class.Children[1].Music, nil); status != http.StatusTooManyRequests {
		t.Errorf("a right name after them: %d", status)
	}
}

// TestNamesOfTheListStayWithTheTeacher has a child enter their music name, and looks
// for the name of the list in all that another member and the stage receive.
func TestNamesOfTheListStayWithTheTeacher(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	class := b.classOf("MUSIC-2024", "Canary López")
	var stage web.SeatReply
	b.staffWant(http.StatusOK, "POST", "/box/v1/rooms/MUSIC-2024/enter", object{"as": "stage"}, &stage)
	seat := b.sit("MUSIC-2024", "")
	watchers := map[string]*client{"a classmate": b.student("MUSIC-2024"), "the stage": b.dial(stage.Token).join("MUSIC-2024")}
	me := b.dial(seat.Token).join("MUSIC-2024")
	if status := b.enterMusic(seat, class.Children[0].Music, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	me.must("play_note", object{"midi": 60})
	for who, c := range watchers {
		fresh := b.dial(map[string]string{"a classmate": b.sit("MUSIC-2024", "").Token, "the stage": stage.Token}[who])
		if r := fresh.askToJoin("MUSIC-2024"); r.Status != "ok" {
			t.Fatalf("%s joins: %+v", who, r)
		}
		told := fmt.Sprint(fresh.expect("room_state"), fresh.expect("presence_state"))
		for !strings.Contains(told, "student_note") {
			told += c.await("anything", func(message) bool { return true }).String()
		}
		if strings.Contains(told, "anary") || strings.Contains(told, class.Children[0].ID) {
			t.Errorf("%s is told %s", who, told)
		}
	}
	for _, path := range []string{"/box/v1/status", "/box/v1/rooms", "/metrics"} {
		raw, err := io.ReadAll(b.staffPage(path))
		if err != nil || strings.Contains(string(raw), "anary") {
			t.Errorf("%s: %s, %v", path, raw, err)
		}
	}
	if status := b.request(seat.Token, "GET", "/box/v1/rooms/MUSIC-2024/people", ""); status != http.StatusUnauthorized {
		t.Errorf("a student asks who sits where: %d", status)
	}
}
