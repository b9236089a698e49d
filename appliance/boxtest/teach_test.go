package boxtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/lesson"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// TestTheLibraryOfLessons reads the plans that the box brings as any Supabase
// program does. Nobody writes them.
func TestTheLibraryOfLessons(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	brought, err := lesson.Library()
	if err != nil {
		t.Fatal(err)
	}
	for who, token := range map[string]string{"anon": b.token(anonClaims), "a teacher": b.token(teacherClaims), "a program": b.token(serviceClaims)} {
		var rows []struct {
			ID, Title string
			Body      struct{ Steps []room.Step }
		}
		if status := b.rest(token, "GET", "lesson_library?order=id", "", &rows); status != http.StatusOK || len(rows) != len(brought) {
			t.Fatalf("%s: %d, %d plans", who, status, len(rows))
		}
		for i, row := range rows {
			if row.ID != brought[i].ID || row.Title != brought[i].Title || len(row.Body.Steps) == 0 {
				t.Errorf("%s: plan %d is %+v", who, i, row)
			}
		}
		var problem struct{ Code string }
		if b.rest(token, "POST", "lesson_library", fmt.Sprintf(`{"id":%q,"title":"Mine","body":{}}`, unknownPlan), &problem); problem.Code != "42501" {
			t.Errorf("%s writes: %+v", who, problem)
		}
		for _, method := range []string{"PATCH", "DELETE"} {
			b.rest(token, method, "lesson_library?id=eq."+brought[0].ID, `{"title":"Mine"}`, nil)
		}
		if b.rest(token, "GET", "lesson_library?title=eq."+strings.ReplaceAll(brought[0].Title, " ", "%20"), "", &rows); len(rows) != 1 {
			t.Errorf("%s has changed a plan", who)
		}
		if status := b.rest(token, "GET", "lesson_plans", "", &rows); status != http.StatusOK || len(rows) != 0 {
			t.Errorf("%s: the teachers' plans are %+v", who, rows)
		}
	}
}

// unknownPlan is the id of no plan.
const unknownPlan = "0d0b5ea7-0000-8000-8000-0000000000ff"

// TestALessonOfAWholeBox teaches a plan: every member follows, and a restart, a
// second teacher and a latecomer see the same step.
func TestALessonOfAWholeBox(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	teacher, ana := b.teacher("MUSIC-2024"), b.sit("MUSIC-2024", "")
	student := b.dial(ana.Token).join("MUSIC-2024")
	brought, err := lesson.Library()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := lesson.Parse(brought[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	begin := object{"plan_id": brought[0].ID, "language": "es"}
	for _, event := range []string{"begin_lesson", "go_to_step", "end_lesson"} {
		if r := student.ask(event, begin); r.Response.Reason != "unauthorized" {
			t.Errorf("a student sends %s: %+v", event, r)
		}
	}

	teacher.must("begin_lesson", begin)
	got := student.asked().Teaching
	if got == nil || got.PlanID != brought[0].ID || got.Step != 0 || got.Steps != len(plan.Steps) || got.Do["es"] != plan.Steps[0].Do["es"] {
		t.Fatalf("the student is at %+v", got)
	}
	s := student.resync()
	if s.Mode != *plan.Steps[0].Mode || s.Scale != *plan.Steps[0].Scale || s.Timelines.Last().BPM != *plan.Steps[0].Tempo || !s.Timelines.Last().Running {
		t.Errorf("the room is %+v", s)
	}
	teacher.must("go_to_step", object{"step": 3})
	if got := student.asked().Teaching; got == nil || got.Step != 3 {
		t.Fatalf("the student is at %+v", got)
	}
	var reply web.LessonReply
	if status := b.staffCall("GET", "/box/v1/rooms/MUSIC-2024/lesson", nil, &reply); status != http.StatusOK || reply.Lesson == nil || len(reply.Lesson.Steps) != len(plan.Steps) {
		t.Errorf("the running lesson: %d, %+v", status, reply)
	}
	if status := b.call("GET", "/box/v1/rooms/MUSIC-2024/lesson", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("a student reads the notes: %d", status)
	}
	b.stop()

	b = openBox(t, appliance.Config{DataDir: data})
	second := b.teacher("MUSIC-2024")
	for who, c := range map[string]*client{"a teacher": second, "the student": b.dial(ana.Token).join("MUSIC-2024")} {
		s := c.resync()
		if s.Teaching == nil || s.Teaching.Run != got.Run || s.Teaching.Step != 3 {
			t.Errorf("after a restart %s is at %+v", who, s.Teaching)
		}
		for _, m := range s.Members {
			if m.ID == ana.Member.StudentID && (m.Role != "Bombo" || len(m.Beats) != 2) {
				t.Errorf("after a restart %s sees %+v", who, m)
			}
		}
	}
	session := second.resync().Session
	second.must("end_lesson", object{})
	if s := second.resync(); s.Teaching != nil || s.Session == session {
		t.Errorf("after the end: %+v", s.Lesson)
	}
}

// TestAPlanFromAnotherProgram says in one sentence what is wrong with a plan, and
// changes nothing.
func TestAPlanFromAnotherProgram(t *testing.T) {
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	steps := strings.Repeat(`{"activity":"play","do":"Play","minutes":1},`, 5000)
	for name, tt := range map[string]struct{ body, reason, message string }{
		"another form": {`["Clap"]`, "bad_plan", "This is not a lesson plan of Downbeat."},
		"no body":      {`null`, "bad_plan", "This is not a lesson plan of Downbeat."},
		"many steps":   {`{"downbeat_lesson":1,"steps":[` + steps + `{}]}`, "bad_plan", "This lesson plan is too long: 32 thousand letters are the most."},
		"a wild tempo": {`{"downbeat_lesson":1,"steps":[{"activity":"play","do":"<b>","minutes":1,"tempo":1e300}]}`, "bad_plan", "In step 1 the field tempo makes no sense."},
		"a newer one":  {`{"downbeat_lesson":2}`, "bad_plan", "This lesson plan is for a newer Downbeat."},
		"its title":    {`{"downbeat_lesson":1,"steps":[{"activity":"play","do":"Play","minutes":1}]}`, "", ""},
	} {
		var made []plan
		if status := b.plans(b.token(serviceClaims), "POST", "", fmt.Sprintf(`{"title":%q,"body":%s}`, name, tt.body), &made); status != http.StatusCreated {
			t.Fatalf("%s: %d", name, status)
		}
		r := teacher.ask("begin_lesson", object{"plan_id": made[0].ID})
		if r.Response.Reason != tt.reason || r.Response.Message != tt.message {
			t.Errorf("%s: %+v", name, r)
		}
		if begun := teacher.resync().Teaching; (begun != nil) != (tt.reason == "") {
			t.Errorf("%s: the lesson is %+v", name, begun)
		}
		if tt.reason == "" {
			teacher.must("end_lesson", object{})
		}
	}
	for name, payload := range map[string]object{"no id": {}, "an id that is none": {"plan_id": "x' or 1=1"}, "an unknown id": {"plan_id": unknownPlan}} {
		if r := teacher.ask("begin_lesson", payload); r.Response.Reason != "no_such_plan" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := teacher.ask("begin_lesson", object{"plan_id": 7}); r.Response.Reason != "bad_payload" {
		t.Errorf("a number: %+v", r)
	}
}

// TestSessions reads what a box keeps of a room's lessons, through a restart, the
// end of a lesson and the end of the room.
func TestSessions(t *testing.T) {
	type session struct {
		ID, Room, Plan string
		Started        string `json:"started_at"`
		Ended          string `json:"ended_at"`
	}
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	sessions := func(token string) (rows []session) {
		t.Helper()
		if status := b.rest(token, "GET", "sessions?order=started_at", "", &rows); status != http.StatusOK {
			t.Fatalf("%d", status)
		}
		return rows
	}
	b.open("MUSIC-2024")
	if rows := sessions(b.token(serviceClaims)); len(rows) != 0 {
		t.Errorf("before the first student: %+v", rows)
	}
	ana := b.sit("MUSIC-2024", "")
	student := b.dial(ana.Token).join("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	brought, err := lesson.Library()
	if err != nil {
		t.Fatal(err)
	}
	teacher.must("begin_lesson", object{"plan_id": brought[1].ID, "language": "en"})
	first := student.resync().Session
	for who, token := range map[string]string{"a teacher": b.token(teacherClaims), "a program": b.token(serviceClaims)} {
		rows := sessions(token)
		if len(rows) != 1 || rows[0].ID != first || rows[0].Room != "MUSIC-2024" || rows[0].Plan != brought[1].Title || rows[0].Ended != "" {
			t.Errorf("%s reads %+v, want %s", who, rows, first)
		}
	}
	for who, token := range map[string]string{"anon": b.token(anonClaims), "a student": ana.Token} {
		if rows := sessions(token); len(rows) != 0 {
			t.Errorf("%s reads %+v", who, rows)
		}
	}
	began := sessions(b.token(serviceClaims))[0].Started
	b.stop()

	b = openBox(t, appliance.Config{DataDir: data})
	student = b.dial(ana.Token).join("MUSIC-2024")
	teacher = b.teacher("MUSIC-2024")
	teacher.must("end_lesson", object{})
	second := teacher.resync().Session
	rows := sessions(b.token(serviceClaims))
	if len(rows) != 2 || rows[0].ID != first || rows[0].Ended == "" || rows[0].Started != began || rows[1].ID != second || rows[1].Ended != "" {
		t.Fatalf("after the end: %+v, want %s and %s", rows, first, second)
	}
	student.close()
	if status := b.staffCall("DELETE", "/box/v1/rooms/MUSIC-2024", nil, nil); status >= 300 {
		t.Fatalf("closing the room: %d", status)
	}
	if rows := sessions(b.token(serviceClaims)); len(rows) != 2 || rows[1].Ended == "" {
		t.Errorf("after the end of the room: %+v", rows)
	}
}
