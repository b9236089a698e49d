package boxtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
)

// TestChangesOfAWholeBox writes a row over /rest/v1. The change arrives over the
// socket as postgres_changes and as a broadcast, and again in a replay.
func TestChangesOfAWholeBox(t *testing.T) {
	b := openBox(t, appliance.Config{})
	anon, teacher := b.dial(b.token(anonClaims)), b.dial(b.token(teacherClaims))
	for _, c := range []*client{anon, teacher} {
		r := c.subscribe("plans", object{"postgres_changes": []object{{"event": "*", "schema": "public", "table": "lesson_plans"}}})
		if r.Status != "ok" {
			t.Fatalf("join: %+v", r)
		}
		if got := c.expect("system").fields()["message"]; got != "Subscribed to PostgreSQL" {
			t.Errorf("got %v", got)
		}
	}
	for _, body := range []string{`{"title":"Draft","published":false}`, `{"title":"Rain"}`} {
		if status := b.plans(b.token(teacherClaims), "POST", "", body, nil); status != http.StatusCreated {
			t.Fatalf("%s: %d", body, status)
		}
	}
	title := func(c *client) any {
		data := c.expect("postgres_changes").fields()["data"].(object)
		return data["record"].(object)["title"]
	}
	if got := title(anon); got != "Rain" {
		t.Errorf("anon gets %v first", got)
	}
	if got := title(teacher); got != "Draft" {
		t.Errorf("the teacher gets %v first", got)
	}

	again := object{"private": true, "broadcast": object{"replay": object{"since": 0}}}
	student := b.dial(b.token(auth.Claims{Role: auth.Authenticated, Subject: "somebody"}))
	if r := student.subscribe("table:lesson_plans", again); r.Status != "error" {
		t.Errorf("a student may read drafts: %+v", r)
	}
	late := b.dial(b.token(teacherClaims))
	if r := late.subscribe("table:lesson_plans", again); r.Status != "ok" {
		t.Fatalf("join: %+v", r)
	}
	for _, want := range []string{"Draft", "Rain"} {
		told := late.expect("INSERT").fields()
		if got := told["record"].(object)["title"]; got != want || told["operation"] != "INSERT" || told["table"] != "lesson_plans" {
			t.Errorf("in the replay: %v, want %s", told, want)
		}
	}
}

// TestStopWithManyChanges stops a box with more changes than it can store in the
// time that it has.
func TestStopWithManyChanges(t *testing.T) {
	b := openBox(t, appliance.Config{})
	token := b.token(serviceClaims)
	thousand := "[" + strings.Repeat(`{"title":"Rain"},`, 999) + `{"title":"Rain"}]`
	for range 4 {
		if status := b.plans(token, "POST", "", thousand, nil); status != http.StatusCreated {
			t.Fatalf("a thousand rows: %d", status)
		}
	}
	begun := time.Now()
	b.stop()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the box took %v to stop", took)
	}
}
