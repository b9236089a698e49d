package boxtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/web"
)

type reflection struct {
	ID, Text, Code string
	StudentID      string `json:"student_id"`
}

// reflections reads the reflections that the bearer of a token sees.
func (b *box) reflections(token, query string) (rows []reflection) {
	b.t.Helper()
	if status := b.rest(token, "GET", "reflections?order=created_at"+query, "", &rows); status != http.StatusOK {
		b.t.Fatalf("read reflections: %d", status)
	}
	return rows
}

// TestReflectionsOfAWholeBox writes a shared and a private reflection, and looks
// who reads and hears of them, before and after a restart.
func TestReflectionsOfAWholeBox(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	b.open("DRUM-1111")
	seat := b.sit("MUSIC-2024", "")
	ana, bea := seat.Token, b.sit("MUSIC-2024", "").Token
	teacher, neighbour := b.token(auth.Member(uuid.NewString(), "MUSIC-2024", "teacher")), b.token(auth.Member(uuid.NewString(), "DRUM-1111", "teacher"))
	readers := map[string]struct {
		token string
		rows  int // that they may read
	}{
		"the author": {ana, 2}, "a classmate": {bea, 0}, "anon": {b.token(anonClaims), 0},
		"the room's teacher": {teacher, 1}, "another room's teacher": {neighbour, 0},
		"a teacher of all rooms": {b.token(teacherClaims), 1}, "a service": {b.token(serviceClaims), 1},
	}
	listeners := map[string]*client{}
	for who, r := range readers {
		listeners[who] = b.dial(r.token)
		bindings := []object{
			{"event": "INSERT", "schema": "public", "table": "reflections"},
			{"event": "INSERT", "schema": "public", "table": "lesson_plans"},
		}
		if r := listeners[who].subscribe("reflections", object{"postgres_changes": bindings}); r.Status != "ok" {
			t.Fatalf("%s joins: %+v", who, r)
		}
		listeners[who].expect("system")
	}

	topics := b.dial(b.token(teacherClaims))
	for _, name := range []string{"table:reflections", "table:lesson_plans"} {
		topics.subscribe(name, object{"private": true})
	}

	var made []reflection
	body := `[{"text":"<i>quiet</i>","shared":false},{"text":"Aloud ' --","shared":true}]`
	if status := b.rest(ana, "POST", "reflections", body, &made); status != http.StatusCreated || len(made) != 2 || made[0].StudentID != seat.Member.StudentID {
		t.Fatalf("got %d, %+v", status, made)
	}
	again := fmt.Sprintf(`{"id":%q,"text":"Other words","shared":true}`, made[1].ID)
	for name, tt := range map[string]struct{ token, method, query, body, code string }{
		"as another":      {bea, "POST", "", fmt.Sprintf(`{"student_id":%q,"text":"x"}`, seat.Member.StudentID), "42501"},
		"as nobody":       {b.token(anonClaims), "POST", "", `{"text":"x"}`, "42501"},
		"nothing":         {ana, "POST", "", `{"text":""}`, "23514"},
		"again":           {ana, "POST", "", again, "23505"},
		"the room":        {ana, "POST", "", `{"text":"x","room":"DRUM-1111"}`, "PGRST204"},
		"order by room":   {ana, "GET", "?order=room", "", "42703"},
		"filter by room":  {ana, "GET", "?room=eq.MUSIC-2024", "", "42703"},
		"a huge text":     {ana, "POST", "", `{"text":"` + strings.Repeat("a", 5000) + `"}`, "23514"},
		"a made-up table": {ana, "GET", "s", "", "PGRST205"},
	} {
		var problem reflection
		if b.rest(tt.token, tt.method, "reflections"+tt.query, tt.body, &problem); problem.Code != tt.code {
			t.Errorf("%s: got %+v, want %s", name, problem, tt.code)
		}
	}
	for who, r := range readers {
		if r.token == ana {
			continue
		}
		for _, change := range []struct{ method, body string }{{"PATCH", `{"text":"changed"}`}, {"DELETE", ""}} {
			var rows []reflection
			if b.rest(r.token, change.method, "reflections?id=eq."+made[0].ID, change.body, &rows); len(rows) != 0 {
				t.Errorf("%s: %s: %+v", who, change.method, rows)
			}
		}
	}

	// A last row that everybody hears of shows who has heard of nothing before it.
	if status := b.plans(b.token(serviceClaims), "POST", "", `{"title":"End"}`, nil); status != http.StatusCreated {
		t.Fatal(status)
	}
	for who, r := range readers {
		for _, row := range made[len(made)-r.rows:] {
			record := listeners[who].expect("postgres_changes").fields()["data"].(object)["record"].(object)
			if record["text"] != row.Text || record["room"] != nil {
				t.Errorf("%s hears %v, want %+v", who, record, row)
			}
		}
		if last := listeners[who].expect("postgres_changes").fields()["data"].(object)["record"].(object); last["title"] != "End" {
			t.Errorf("%s also hears %v", who, last)
		}
	}

	// A topic knows no rows: only a table that every teacher may read is broadcast.
	if told := topics.expect("INSERT").fields(); told["table"] != "lesson_plans" {
		t.Errorf("every teacher is told %v", told)
	}

	b.stop()
	b = openBox(t, appliance.Config{DataDir: data})
	for who, r := range readers {
		for query, want := range map[string]int{
			"": r.rows, "&id=eq." + made[0].ID: max(0, r.rows-1), "&text=like.*quiet*": max(0, r.rows-1), "&shared=is.false": max(0, r.rows-1),
		} {
			if got := b.reflections(r.token, query); len(got) != want {
				t.Errorf("%s reads %s: %+v, want %d rows", who, query, got, want)
			}
		}
	}
	if got := b.reflections(ana, ""); got[0].Text != "<i>quiet</i>" {
		t.Errorf("got %q", got[0].Text)
	}
}

// TestWordsOutlastTheSeat sends reflections with the tokens of students who have
// lost their seat: one who left, one in a closed room, one whom the teacher removed.
func TestWordsOutlastTheSeat(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	b.open("DRUM-1111")
	ask := func(token, method, path, body string, prefer ...string) int {
		return b.request(token, method, path, body, "Content-Type", "application/json", "Prefer", strings.Join(prefer, ","))
	}
	send := func(token, text string) int {
		return ask(token, "POST", "/rest/v1/reflections", fmt.Sprintf(`{"text":%q,"shared":true}`, text), "resolution=ignore-duplicates", "return=minimal")
	}
	left, closed, removed := b.sit("MUSIC-2024", ""), b.sit("DRUM-1111", ""), b.sit("MUSIC-2024", "")
	leave := b.newRequest("DELETE", "/box/v1/me", nil)
	leave.Header.Set("Authorization", "Bearer "+left.Token)
	if status := b.do(leave, nil); status != http.StatusNoContent {
		t.Fatalf("leaving: %d", status)
	}
	b.teacher("MUSIC-2024").must("remove_student", object{"student_id": removed.Member.StudentID})
	if status := b.staffCall("DELETE", "/box/v1/rooms/DRUM-1111", object{}, nil); status != http.StatusNoContent {
		t.Fatalf("closing: %d", status)
	}
	for who, token := range map[string]string{"left": left.Token, "closed": closed.Token} {
		if status := send(token, who); status != http.StatusCreated {
			t.Errorf("%s: words are answered %d, want 201", who, status)
		}
		if rows := b.reflections(b.token(serviceClaims), "&text=eq."+who); len(rows) != 1 {
			t.Errorf("%s: a service reads %+v", who, rows)
		}
		for _, tt := range []struct {
			method, path, body, prefer string
			want                       int
		}{
			{"GET", "/rest/v1/reflections", "", "", http.StatusUnauthorized},
			{"PATCH", "/rest/v1/reflections?text=eq." + who, `{"text":"x"}`, "", http.StatusUnauthorized},
			{"DELETE", "/rest/v1/reflections?text=eq." + who, "", "", http.StatusUnauthorized},
			{"GET", "/rest/v1/lesson_plans", "", "", http.StatusUnauthorized},
			{"POST", "/rest/v1/lesson_plans", `{"title":"x"}`, "", http.StatusUnauthorized},
			{"POST", "/realtime/v1/api/broadcast/music_room:MUSIC-2024:chat/events/hello?private=true", `{}`, "", http.StatusUnauthorized},
			{"POST", "/rest/v1/reflections", fmt.Sprintf(`{"student_id":%q,"text":"x"}`, uuid.NewString()), "", http.StatusForbidden},
			{"POST", "/rest/v1/reflections", `{"text":"x"}`, "return=representation", http.StatusForbidden},
		} {
			if got := ask(token, tt.method, tt.path, tt.body, tt.prefer); got != tt.want {
				t.Errorf("%s: %s %s with %s is answered %d, want %d", who, tt.method, tt.path, tt.body, got, tt.want)
			}
		}
	}
	if status := send(removed.Token, "removed"); status != http.StatusUnauthorized {
		t.Errorf("removed: words are answered %d, want 401", status)
	}
	for who, seat := range map[string]web.SeatReply{"seated": b.sit("MUSIC-2024", ""), "left": left} {
		b.staffWant(http.StatusNoContent, "POST", "/box/v1/students/"+seat.Member.StudentID+"/forget", nil, nil)
		if status := send(seat.Token, "forgotten"); status != http.StatusUnauthorized {
			t.Errorf("forgotten, %s: words are answered %d, want 401", who, status)
		}
	}
	if rows := b.reflections(b.token(auth.Member(uuid.NewString(), "DRUM-1111", "teacher")), ""); len(rows) != 1 || rows[0].Text != "closed" {
		t.Errorf("the teacher of the closed room reads %+v", rows)
	}
}
