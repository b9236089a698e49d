package boxtest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// asked waits for the next question, or the next count of its answers.
func (c *client) asked() (l room.Lesson) {
	c.t.Helper()
	c.expect("reflection_changed").into(&l)
	return l
}

// TestAQuestionToTheClass asks a class, and counts the answers as the box keeps
// them: shared or private, and each member once.
func TestAQuestionToTheClass(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	teacher, ana, bea := b.teacher("MUSIC-2024"), b.sit("MUSIC-2024", ""), b.sit("MUSIC-2024", "")
	here, there := b.dial(ana.Token).join("MUSIC-2024"), b.dial(bea.Token).join("MUSIC-2024")
	session := here.resync().Session

	if r := here.ask("ask_reflection", object{"prompt": "Why?"}); r.Response.Reason != "unauthorized" {
		t.Errorf("a student asks: %+v", r)
	}
	teacher.must("ask_reflection", object{"prompt": "Which moment felt <easy>?", "from_bar": 4, "to_bar": 7})
	q := here.asked()
	if q.Session != session || q.Reflection.Prompt != "Which moment felt <easy>?" || q.Reflection.FromBar != 4 || q.Reflection.ToBar != 7 {
		t.Fatalf("the class is asked %+v", q)
	}
	missing := func() (n int) {
		var reply web.MissingReply
		if status := b.staffCall("GET", "/box/v1/rooms/MUSIC-2024/missing", nil, &reply); status != http.StatusOK {
			t.Fatalf("missing: %d", status)
		}
		return len(reply.Missing)
	}
	if n := missing(); n != 2 {
		t.Errorf("%d are missing, want 2", n)
	}
	there.asked()

	answer := func(token, more string) {
		t.Helper()
		body := fmt.Sprintf(`{"id":%q,"session_id":%q,"prompt":"Which moment felt <easy>?","from_bar":4,"to_bar":7%s}`, uuid.Must(uuid.NewV7()), session, more)
		if status := b.rest(token, "POST", "reflections", body, nil); status != http.StatusCreated {
			t.Fatalf("an answer: %d", status)
		}
	}
	answer(ana.Token, `,"feeling":4`)
	if kept := there.asked().Reflection.Kept; kept != 1 {
		t.Errorf("%d kept, want 1", kept)
	}
	answer(ana.Token, `,"text":"One more"`)
	answer(bea.Token, `,"text":"The end","shared":true`)
	if kept := there.asked().Reflection.Kept; kept != 2 {
		t.Errorf("%d kept, want 2", kept)
	}
	if n := missing(); n != 0 {
		t.Errorf("%d are missing, want none", n)
	}
	if status := b.call("GET", "/box/v1/rooms/MUSIC-2024/missing", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("a student asks who is missing: %d", status)
	}
	b.stop()

	b = openBox(t, appliance.Config{DataDir: data})
	late := b.dial(ana.Token).join("MUSIC-2024")
	if s := late.resync(); s.Session != session || s.Reflection == nil || s.Reflection.Kept != 2 {
		t.Errorf("after a restart: %+v", s.Lesson)
	}
	b.teacher("MUSIC-2024").must("end_reflection", object{})
	if s := late.asked(); s.Reflection != nil {
		t.Errorf("after the end: %+v", s.Reflection)
	}
}
