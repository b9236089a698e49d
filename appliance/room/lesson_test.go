package room

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"downbeat.local/sync/clock"
)

// ask makes the teacher ask the class, and returns the question.
func ask(t *testing.T, r *Room, now clock.Millis, payload string) Question {
	t.Helper()
	changes, err := r.Control(now, "", true, "ask_reflection", []byte(payload))
	if err != nil || len(changes) != 1 {
		t.Fatalf("%s: %v, %v", payload, changes, err)
	}
	return *changes[0].Payload.(ReflectionChanged).Reflection
}

func TestQuestionsAreAboutTheBarsJustPlayed(t *testing.T) {
	const bar = 4 * 600 // ms, at 100 beats a minute
	r := testRoom(t)
	bars := func(q Question) string { return fmt.Sprint(q.FromBar, "-", q.ToBar) }
	control := func(now clock.Millis, event, payload string) {
		t.Helper()
		if _, err := r.Control(now, "", true, event, []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		what, payload, want string
		now                 clock.Millis
		do                  func(now clock.Millis)
	}{
		{"before the music", `{"prompt":"Why?"}`, "0-0", 0, func(now clock.Millis) { control(now, "set_count_in", `{"bars":0}`); control(now, "start", ``) }},
		{"in the first bar", `{"prompt":"Why?"}`, "0-0", 500, func(clock.Millis) {}},
		{"after three bars", `{"prompt":"Why?"}`, "0-3", 3*bar + 500, func(clock.Millis) {}},
		{"after twenty bars", `{"prompt":"Why?"}`, "13-20", 20*bar + 500, func(now clock.Millis) { control(now, "stop", ``) }},
		{"after the stop", `{"prompt":"Why?"}`, "13-20", 40*bar + 500, func(clock.Millis) {}},
		{"as the teacher says", `{"prompt":"Why?","from_bar":2,"to_bar":5}`, "2-5", 40*bar + 600, func(clock.Millis) {}},
	} {
		r.Advance(tt.now)
		if got := bars(ask(t, r, tt.now, tt.payload)); got != tt.want {
			t.Errorf("%s: got bars %s, want %s", tt.what, got, tt.want)
		}
		tt.do(tt.now)
	}
}

func TestAnswersAreCountedOnce(t *testing.T) {
	r := testRoom(t)
	ana, bea := join(t, r, Applicant{}), join(t, r, Applicant{})
	join(t, r, Applicant{Role: RoleTeacher})
	join(t, r, Applicant{MIDI: "Keys"})
	missing := func() string {
		var names []string
		for _, m := range r.Missing() {
			names = append(names, m.ID)
		}
		return strings.Join(names, " ")
	}
	if changes := r.Kept(ana.ID); changes != nil || missing() != "" {
		t.Errorf("without a question: %v, missing %q", changes, missing())
	}
	first := ask(t, r, 0, `{"prompt":"Why?"}`)
	if want := ana.ID + " " + bea.ID; missing() != want {
		t.Errorf("missing %q, want %q", missing(), want)
	}
	for i, want := range []int{1, 0} {
		if changes := r.Kept(ana.ID); len(changes) != want {
			t.Errorf("answer %d: %d changes, want %d", i, len(changes), want)
		}
	}
	if changes := r.Kept("nobody"); changes != nil {
		t.Errorf("of nobody: %v", changes)
	}
	again := restored(t, r, 0)
	for _, room := range []*Room{r, again} {
		got := room.State(0, "").Lesson
		if got.Reflection.Kept != 1 || got.Reflection.ID != first.ID || got.Session != r.State(0, "").Session {
			t.Errorf("state: %+v", got)
		}
	}
	if second := ask(t, r, 0, `{"prompt":"And now?"}`); second.Kept != 0 || second.ID == first.ID {
		t.Errorf("another question: %+v", second)
	}
	changes, err := r.Control(0, "", true, "end_reflection", nil)
	raw, _ := json.Marshal(changes[0].Payload)
	if err != nil || !strings.Contains(string(raw), `"reflection":null`) {
		t.Errorf("the end: %s, %v", raw, err)
	}
}

func TestAnEmptyRoomBeginsAnotherSession(t *testing.T) {
	r := testRoom(t)
	ana := join(t, r, Applicant{})
	join(t, r, Applicant{Role: RoleTeacher}) // who stays
	session := func() string { return r.State(0, "").Session }
	first := session()
	visit := func(from, to clock.Millis) { r.Connect(from, ana.ID); r.Disconnect(to, ana.ID) }
	r.Disconnect(10, ana.ID)
	ask(t, r, 0, `{"prompt":"Why?"}`)
	visit(clock.Millis(10).Add(sessionGap)-1, 20_000_000)
	if session() != first || r.State(0, "").Reflection == nil {
		t.Error("a short break began another session")
	}
	visit(clock.Millis(20_000_000).Add(sessionGap), 60_000_000)
	if session() == first || r.State(0, "").Reflection != nil {
		t.Error("a long break began no other session")
	}
}

// TestACheckInOfTheClass asks the class twice, counts who is ready once each, and
// restores the room meanwhile.
func TestACheckInOfTheClass(t *testing.T) {
	r := testRoom(t)
	ana, teacher := join(t, r, Applicant{}), join(t, r, Applicant{Role: RoleTeacher})
	again := func() {
		t.Helper()
		restored, err := Restore(saved(t, r), 1000, true)
		if err != nil {
			t.Fatal(err)
		}
		r = restored
	}
	control := func(event string, isTeacher bool) error {
		_, err := r.Control(0, ana.ID, isTeacher, event, nil)
		return err
	}
	for _, event := range []string{"ask_check_in", "end_check_in"} {
		if control(event, false) == nil {
			t.Errorf("a student sends %s", event)
		}
	}
	ask(t, r, 0, `{"prompt":"Why?"}`)
	if err := control("ask_check_in", true); err != nil {
		t.Fatal(err)
	}
	shown := r.State(0, "").Lesson
	if shown.CheckIn == nil || shown.CheckIn.Ready != 0 || shown.Reflection != nil || len(r.Missing()) != 0 {
		t.Fatalf("the class is asked %+v", shown)
	}
	first := shown.CheckIn.ID
	for name, tt := range map[string]struct {
		id, checkIn string
	}{"another check-in": {ana.ID, teacher.ID}, "none": {ana.ID, ""}, "a stranger": {first, first}, "a teacher": {teacher.ID, first}} {
		if changes := r.Ready(tt.id, tt.checkIn); changes != nil {
			t.Errorf("%s counts: %v", name, changes)
		}
	}
	if changes := r.Ready(ana.ID, first); len(changes) != 1 || changes[0].Payload.(ReflectionChanged).CheckIn.Ready != 1 {
		t.Errorf("ana is ready: %+v", changes)
	}
	again()
	if r.Ready(ana.ID, first) != nil || r.State(0, "").CheckIn.Ready != 1 {
		t.Errorf("a restored room counts twice: %+v", r.State(0, "").CheckIn)
	}
	if err := control("ask_check_in", true); err != nil {
		t.Fatal(err)
	}
	running, over := r.CheckIns()
	if running == first || running == "" || !slices.Equal(over, []string{first}) {
		t.Errorf("asked again: %s runs, %s is over", running, over)
	}
	ask(t, r, 0, `{"prompt":"Why?"}`)
	again()
	if left, over := r.CheckIns(); left != "" || !slices.Equal(over, []string{first, running}) || r.State(0, "").CheckIn != nil {
		t.Errorf("a question beside a check-in: %s runs, %s are over", left, over)
	}
	for _, event := range []string{"ask_check_in", "end_check_in", "end_check_in"} {
		if err := control(event, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, over := r.CheckIns(); len(over) != maxOver || over[0] != running {
		t.Errorf("after a third: %s are over", over)
	}
}
