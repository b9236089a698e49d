package room

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// withoutRevision is a state as people see it.
func withoutRevision(s State) State {
	s.Revision = 0
	return s
}

// TestUndoTakesBackWhatWasDone gives random commands that can be taken back, and then
// takes back each. The room is as it was before each of them, also after a restart.
func TestUndoTakesBackWhatWasDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := New(Config{Code: "MUSIC-2024", Name: "Music"})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for range 4 {
			s, _, err := r.Join(1000, Applicant{})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, s.ID)
		}
		var before []State
		for range rapid.IntRange(1, 12).Draw(t, "commands") {
			was := withoutRevision(r.State(1000, ""))
			here := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := r.Member(id); return !ok })
			if len(here) == 0 {
				break
			}
			some := fmt.Sprintf("%q", rapid.Permutation(here).Draw(t, "who")[:rapid.IntRange(1, len(here)).Draw(t, "many")])
			event := rapid.SampledFrom([]string{"mute_student", "assign_beat", "assign_role", "assign_group", "remove_student"}).Draw(t, "event")
			payload := fmt.Sprintf(`{"student_id":%s,"muted":%v,"beat":[%d],"role":%q,"group":%s}`, list(some), rapid.Bool().Draw(t, "muted"),
				rapid.IntRange(0, 3).Draw(t, "beat"), rapid.SampledFrom([]string{"bass", "lead"}).Draw(t, "role"), rapid.SampledFrom([]string{"null", "1", "8"}).Draw(t, "group"))
			if event == "remove_student" {
				payload = fmt.Sprintf(`{"student_id":%q}`, here[0])
			}
			if _, err := r.Control(1000, "", true, event, []byte(payload)); err != nil {
				t.Fatalf("%s %s: %v", event, payload, err)
			}
			if !cmp.Equal(was, withoutRevision(r.State(1000, ""))) {
				before = append(before, was)
			}
		}
		if rapid.Bool().Draw(t, "restart") {
			if r, err = Restore(saved(t, r), 1000, true); err != nil {
				t.Fatal(err)
			}
		}
		for i := len(before) - 1; i >= 0; i-- {
			if _, err := r.Control(1000, "", true, "undo", nil); err != nil {
				t.Fatalf("undo %d: %v", i, err)
			}
			if diff := cmp.Diff(before[i], withoutRevision(r.State(1000, ""))); diff != "" {
				t.Fatalf("undo %d (-want +got):\n%s", i, diff)
			}
		}
		if _, err := r.Control(1000, "", true, "undo", nil); !errors.Is(err, errNothingToUndo) {
			t.Fatalf("one undo more: %v", err)
		}
	})
}

// list writes a list of quoted texts as JSON.
func list(quoted string) string {
	b := []byte(quoted)
	for i, c := range b {
		if c == ' ' {
			b[i] = ','
		}
	}
	return string(b)
}

// TestRemovedComeBack: after an undo the student's own secret gives the seat again,
// with their rights, and newcomers are suspected no longer.
func TestRemovedComeBack(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Name: "Zoë"})
	must(t, r, 1000, "assign_role", `{"student_id":%q,"role":"bass"}`, s.ID)
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, s.ID)
	if _, _, err := r.Join(1000, Applicant{Resume: s.Resume}); !errors.Is(err, ErrRemoved) || !r.Expelled(s.ID) {
		t.Fatalf("removed, and comes back: %v", err)
	}
	other := join(t, r, Applicant{}) // in the free seat
	must(t, r, 1000, "undo", `{}`)
	again, _, err := r.Join(1000, Applicant{Resume: s.Resume})
	if err != nil || again.ID != s.ID || again.Seat == other.Seat || again.Role != "bass" || again.Name != "Zoë" || again.Muted || r.Expelled(s.ID) {
		t.Errorf("came back as %+v, %v", again, err)
	}
	if newcomer := join(t, r, Applicant{}); newcomer.Muted != other.Muted {
		t.Errorf("a newcomer is muted: %v, and the one before was: %v", newcomer.Muted, other.Muted)
	}
}

// TestUndoIsBounded: a room keeps its last commands, and forgets whom the school
// forgets.
func TestUndoIsBounded(t *testing.T) {
	r := testRoom(t)
	s, gone := join(t, r, Applicant{}), join(t, r, Applicant{Name: "Zoë"})
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, gone.ID)
	if !r.Expel(gone.ID) || len(r.Snapshot().History) != 1 || r.Snapshot().History[0].Gone != nil {
		t.Errorf("the history of a forgotten student: %+v", r.Snapshot().History)
	}
	for i := range 3 * maxUndo {
		must(t, r, 1000, "mute_student", fmt.Sprintf(`{"student_id":%q,"muted":%v}`, s.ID, i%2 == 0))
	}
	if n := len(r.Snapshot().History); n != maxUndo {
		t.Errorf("%d commands are kept, want %d", n, maxUndo)
	}
	for range maxUndo {
		must(t, r, 1000, "undo", ``)
	}
	if _, err := r.Control(1000, "", true, "undo", nil); !errors.Is(err, errNothingToUndo) {
		t.Errorf("one undo too many: %v", err)
	}
}

// TestPlayAlone: only one student sounds, or one group, and the teacher. A newcomer is
// silent. It ends with the student.
func TestPlayAlone(t *testing.T) {
	r := testRoom(t)
	a, b, teacher := join(t, r, Applicant{}), join(t, r, Applicant{}), join(t, r, Applicant{Role: RoleTeacher})
	plays := func(s Seat) error {
		_, err := r.Play(1000, s.Seat, 60, 90, 0, 0)
		return err
	}
	if err := plays(b); err != nil {
		t.Fatal(err)
	}
	if changes := must(t, r, 1000, "play_alone", `{"student_id":%q}`, a.ID); len(changes) != 1 || len(changes[0].Notes) != 1 {
		t.Errorf("the note of the other does not end: %+v", changes)
	}
	newcomer := join(t, r, Applicant{})
	for name, tt := range map[string]struct {
		who  Seat
		want error
	}{"alone": {a, nil}, "another": {b, ErrAlone}, "a newcomer": {newcomer, ErrAlone}, "the teacher": {teacher, nil}} {
		if err := plays(tt.who); err != tt.want {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	again, err := Restore(saved(t, r), 1200, true)
	if err != nil || again.State(1200, "").Alone == nil {
		t.Errorf("after a restart %+v plays alone, %v", again.State(1200, "").Alone, err)
	}
	changes := must(t, r, 1000, "remove_student", `{"student_id":%q}`, a.ID)
	if len(changes) != 2 || r.State(1000, "").Alone != nil || plays(b) != nil {
		t.Errorf("the one who played alone is gone: %+v", changes)
	}
	must(t, r, 1000, "assign_group", `{"student_id":%q,"group":4}`, b.ID)
	must(t, r, 1000, "play_alone", `{"group":4}`)
	if plays(b) != nil || plays(newcomer) != ErrAlone {
		t.Error("a group plays alone, and its members are silent or others play")
	}
}

// TestListenInIsSecret: nobody but the teacher is told, and the revision stays.
func TestListenInIsSecret(t *testing.T) {
	r := testRoom(t)
	s, teacher := join(t, r, Applicant{}), join(t, r, Applicant{Role: RoleTeacher})
	before := r.State(1000, s.ID)
	changes, err := r.Control(1000, teacher.ID, true, "listen_in", fmt.Appendf(nil, `{"student_id":%q}`, s.ID))
	if err != nil || len(changes) != 1 || changes[0].To != teacher.ID {
		t.Fatalf("%+v, %v", changes, err)
	}
	if diff := cmp.Diff(before, r.State(1000, s.ID)); diff != "" {
		t.Errorf("a student sees it:\n%s", diff)
	}
	again, err := Restore(saved(t, r), 1000, true)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Room{"now": r, "after a restart": again} {
		if got := r.State(1000, teacher.ID).You.ListenIn; got == nil || got.StudentID != s.ID {
			t.Errorf("%s the teacher listens in to %+v", name, got)
		}
	}
	if _, err := r.Control(clock.Millis(1000), "", true, "listen_in", nil); !errors.Is(err, errNoEar) {
		t.Errorf("without a seat: %v", err)
	}
	if _, err := r.Control(1000, s.ID, true, "listen_in", []byte(`{"group":1}`)); !errors.Is(err, errNoEar) {
		t.Errorf("on a student's seat: %v", err)
	}
}
