package room

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

func ptr[T any](v T) *T { return &v }

// lessonOfThree is a plan whose steps set, keep and end things.
func lessonOfThree() Plan {
	step := func(s Step) Step {
		s.Do, s.Minutes = PlainWords("Do it"), 2
		return s
	}
	return Plan{ID: "0d0b5ea7-0000-8000-8000-000000000001", Title: PlainWords("Three"), Language: "es", Steps: []Step{
		step(Step{
			Activity: ActivityPlay, Mode: ptr(ModeSnap), Tempo: ptr(84.0), Meter: ptr(3), Scale: &Scale{Root: 2, Kind: "major"},
			Parts: []Part{{Role: Words{"en": "Bass", "es": "Bajo"}, Beats: []int{0}, Instrument: "bass"}, {Beats: []int{1, 2}}},
		}),
		step(Step{Activity: ActivityPlay, Tempo: ptr(120.0)}),
		step(Step{Activity: ActivityReflect, Prompts: []string{"self_easy", "Why?"}, Parts: []Part{}, Mode: ptr(ModeLive)}),
	}}
}

// taught is a room with two students that follows a plan.
func taught(t *testing.T, now clock.Millis) (r *Room, students [2]string) {
	t.Helper()
	r, err := New(Config{Code: "MUSIC-2024", Name: "Music"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range students {
		seat, _, err := r.Join(now, Applicant{})
		if err != nil {
			t.Fatal(err)
		}
		students[i] = seat.ID
		r.Connect(now, seat.ID)
	}
	if _, err := r.BeginLesson(now, true, lessonOfThree()); err != nil {
		t.Fatal(err)
	}
	return r, students
}

func (r *Room) stepTo(t *testing.T, now clock.Millis, step int) []Change {
	t.Helper()
	changes, err := r.Control(now, "", true, GoToStep, fmt.Appendf(nil, `{"step":%d}`, step))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func member(t *testing.T, r *Room, id string) Member {
	t.Helper()
	m, ok := r.Member(id)
	if !ok {
		t.Fatalf("no member %s", id)
	}
	return m
}

func TestALessonDrivesTheRoom(t *testing.T) {
	r, students := taught(t, 1000)
	s := r.State(1000, "")
	if s.Mode != ModeSnap || s.Scale != (Scale{2, "major"}) || s.Timelines.Last().BPM != 84 || s.Timelines.Last().Meter != 3 {
		t.Errorf("step 1: %+v %+v", s.Settings, s.Timelines.Last())
	}
	if s.Teaching == nil || s.Teaching.Step != 0 || s.Teaching.Steps != 3 || s.Teaching.Since != 1000 || s.Teaching.Minutes != 2 {
		t.Errorf("teaching: %+v", s.Teaching)
	}
	first, second := member(t, r, students[0]), member(t, r, students[1])
	if first.Role != "Bajo" || first.Instrument != "bass" || !slices.Equal(first.Beats, []int{0}) {
		t.Errorf("first part: %+v", first)
	}
	if second.Role != RoleStudent || second.Instrument != DefaultInstrument || !slices.Equal(second.Beats, []int{1, 2}) {
		t.Errorf("second part: %+v", second)
	}
	late, _, err := r.Join(2000, Applicant{})
	if err != nil {
		t.Fatal(err)
	}
	if m := member(t, r, late.ID); m.Role != "Bajo" {
		t.Errorf("a latecomer: %+v", m)
	}

	changes := r.stepTo(t, 3000, 1)
	var events []string
	for _, c := range changes {
		events = append(events, c.Event)
	}
	if !slices.Equal(events, []string{wire.EventTempoChanged, wire.EventReflection}) {
		t.Errorf("a step that changes the tempo alone sends %v", events)
	}

	r.stepTo(t, 4000, 2)
	s = r.State(4000, "")
	if s.Mode != ModeLive || s.Reflection == nil || s.Reflection.Prompt != "self_easy" || len(s.Teaching.Prompts) != 2 {
		t.Errorf("step 3: %+v %+v", s.Settings, s.Lesson)
	}
	for _, id := range students {
		if m := member(t, r, id); m.Role != RoleStudent || len(m.Beats) > 0 {
			t.Errorf("after the parts: %+v", m)
		}
	}

	r.stepTo(t, 5000, 0)
	s = r.State(5000, "")
	if s.Mode != ModeSnap || s.Timelines.Last().BPM != 84 || s.Reflection != nil || member(t, r, students[0]).Role != "Bajo" {
		t.Errorf("back at step 1: %+v", s)
	}
}

// TestAStepKeepsTheBeat changes the tempo by a step as every command does: at a
// bar line, at least 400 ms ahead, while the music plays on.
func TestAStepKeepsTheBeat(t *testing.T) {
	r, _ := taught(t, 1000)
	if _, err := r.Control(1000, "", true, "start", nil); err != nil {
		t.Fatal(err)
	}
	now := clock.Millis(20_123)
	before := r.TimelineAt(now)
	r.stepTo(t, now, 1)
	plan := r.State(now, "").Timelines
	next := plan.Last()
	if next.BPM != 120 || next.Time0 < now+400 || !next.Running {
		t.Fatalf("the plan is %+v", plan)
	}
	if _, inBar := before.Bar(before.BeatAt(next.Time0)); inBar != 0 {
		t.Errorf("the tempo changes at beat %d of the bar", inBar)
	}
	if got := r.TimelineAt(next.Time0 - 1).BeatAt(next.Time0); got < next.Beat0-1e-6 || got > next.Beat0+1e-6 {
		t.Errorf("beat %g goes on as %g", got, next.Beat0)
	}
}

func TestALessonSurvivesARestart(t *testing.T) {
	for _, tt := range []struct {
		sameBoot bool
		want     bool
	}{{true, true}, {false, false}} {
		r, _ := taught(t, 1000)
		r.stepTo(t, 3000, 1)
		raw, err := json.Marshal(r.Snapshot())
		if err != nil {
			t.Fatal(err)
		}
		var s Snapshot
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		again, err := Restore(s, 9000, tt.sameBoot)
		if err != nil {
			t.Fatal(err)
		}
		got := again.State(9000, "").Teaching
		if (got != nil) != tt.want {
			t.Fatalf("same boot %v: %+v", tt.sameBoot, got)
		}
		if got == nil {
			continue
		}
		if was := r.State(9000, "").Teaching; got.Run != was.Run || got.Step != 1 || got.Since != 3000 {
			t.Errorf("got %+v, want %+v", got, was)
		}
		again.stepTo(t, 9000, 2)
	}
}

func TestADamagedPlanStaysClosed(t *testing.T) {
	r, _ := taught(t, 1000)
	for name, spoil := range map[string]func(*teaching){
		"no steps":       func(p *teaching) { p.Steps = nil },
		"a far step":     func(p *teaching) { p.Step = 3 },
		"a nonsense":     func(p *teaching) { p.Steps = []Step{{}} },
		"a step before":  func(p *teaching) { p.Step = -1 },
		"too many steps": func(p *teaching) { p.Steps = slices.Repeat(p.Steps, MaxSteps) },
	} {
		s := r.Snapshot()
		spoil(s.Teaching)
		if _, err := Restore(s, 1000, true); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

func TestTheEndOfALesson(t *testing.T) {
	r, students := taught(t, 1000)
	if _, err := r.Control(1000, "", true, "start", nil); err != nil {
		t.Fatal(err)
	}
	session := r.State(2000, "").Session
	if _, err := r.Control(2000, "", true, EndLesson, nil); err != nil {
		t.Fatal(err)
	}
	s := r.State(2000, "")
	if s.Session == session || s.Teaching != nil || s.Reflection != nil {
		t.Errorf("after the end: %+v", s.Lesson)
	}
	if !s.Timelines.Last().Running {
		t.Error("the music stopped")
	}
	if m := member(t, r, students[0]); m.Role != RoleStudent || len(m.Beats) > 0 {
		t.Errorf("a part is left: %+v", m)
	}
	if _, err := r.Control(2000, "", true, GoToStep, []byte(`{"step":0}`)); err == nil {
		t.Error("a lesson that is over goes on")
	}
}

func TestLessonCommandsAreTheTeachers(t *testing.T) {
	r, students := taught(t, 1000)
	bad := lessonOfThree()
	bad.Steps[1].Tempo = ptr(1000.0)
	for _, tt := range []struct {
		name   string
		do     func() ([]Change, error)
		reason string
	}{
		{"a student begins", func() ([]Change, error) { return r.BeginLesson(1, false, lessonOfThree()) }, "unauthorized"},
		{"a student goes on", func() ([]Change, error) { return r.Control(1, students[0], false, GoToStep, []byte(`{"step":1}`)) }, "unauthorized"},
		{"a student ends", func() ([]Change, error) { return r.Control(1, students[0], false, EndLesson, nil) }, "unauthorized"},
		{"too far", func() ([]Change, error) { return r.Control(1, "", true, GoToStep, []byte(`{"step":3}`)) }, "bad_payload"},
		{"half a step", func() ([]Change, error) { return r.Control(1, "", true, GoToStep, []byte(`{"step":0.5}`)) }, "bad_payload"},
		{"a plan from the network", func() ([]Change, error) { return r.Control(1, "", true, BeginLesson, []byte(`{"steps":[]}`)) }, "no_such_plan"},
		{"nonsense", func() ([]Change, error) { return r.BeginLesson(1, true, bad) }, "bad_payload"},
		{"nothing", func() ([]Change, error) { return r.BeginLesson(1, true, Plan{}) }, "bad_payload"},
	} {
		revision := r.State(1, "").Revision
		_, err := tt.do()
		if refused, ok := errors.AsType[*ControlError](err); !ok || refused.Reason != tt.reason {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.reason)
		}
		if r.State(1, "").Revision != revision {
			t.Errorf("%s: something has changed", tt.name)
		}
	}
}
