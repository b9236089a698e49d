package room

import (
	"errors"
	"strings"
	"testing"

	"downbeat.local/appliance/names"
)

func TestOnlineWhileAnyDeviceIs(t *testing.T) {
	r := testRoom(t)
	s, _, err := r.Sit(0, Applicant{})
	if err != nil || s.Online {
		t.Fatalf("sat down %+v, %v", s, err)
	}
	for i, step := range []struct {
		do      func() []Change
		changed bool
		online  bool
	}{
		{func() []Change { return r.Connect(1, s.ID) }, true, true},
		{func() []Change { return r.Connect(2, s.ID) }, false, true},
		{func() []Change { return r.Disconnect(3, s.ID) }, false, true},
		{func() []Change { return r.Disconnect(4, s.ID) }, true, false},
		{func() []Change { return r.Disconnect(5, s.ID) }, false, false},
		{func() []Change { return r.Connect(6, "nobody") }, false, false},
	} {
		if changes := step.do(); (len(changes) == 1) != step.changed {
			t.Errorf("step %d told %+v", i, changes)
		}
		if m, _ := r.Member(s.ID); m.Online != step.online {
			t.Errorf("after step %d online is %v", i, m.Online)
		}
	}
}

func TestWhoResignsIsGoneWhereverHeIs(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	if _, err := r.Play(1500, s.Seat, 60, 90, 0, 0); err != nil {
		t.Fatal(err)
	}
	changes, err := r.Resign(2000, s.ID)
	if err != nil || len(changes) != 1 || len(changes[0].Notes) != 1 || changes[0].Payload.(MemberRemoved).StudentID != s.ID {
		t.Errorf("resigning while a note sounds: %+v, %v", changes, err)
	}
	if _, err := r.Resign(3000, s.ID); !errors.Is(err, ErrNoMember) {
		t.Errorf("resigning again: %v", err)
	}
	if again := sit(t, r, Applicant{Resume: s.Resume}); again.ID == s.ID || again.Resume == s.Resume {
		t.Errorf("the secret gives %+v, want somebody new", again)
	}
}

func TestRenameAndShuffle(t *testing.T) {
	r := testRoom(t)
	s, other := sit(t, r, Applicant{}), sit(t, r, Applicant{Name: "Alex"})
	if !strings.HasPrefix(s.Name, colours[Hue(s.Seat)]+" ") || s.Animal < 0 {
		t.Errorf("generated %q, animal %d", s.Name, s.Animal)
	}
	changes, err := r.Rename(s.ID, "  Zoë ")
	if err != nil || len(changes) != 1 || changes[0].Payload.(MemberChanged).Member.Name != "Zoë" {
		t.Errorf("renaming: %+v, %v", changes, err)
	}
	for _, name := range []string{"Alex", "ALEX", "A1ex", "Аlех", "", "Mr Z"} {
		if _, err := r.Rename(s.ID, name); !errors.Is(err, names.ErrName) {
			t.Errorf("renaming to %q beside Alex: %v", name, err)
		}
	}
	if _, err := r.Rename(other.ID, "alex"); err != nil {
		t.Errorf("writing one's own name otherwise: %v", err)
	}
	r.Disconnect(0, other.ID)
	if _, err := r.Rename(s.ID, "Alex"); err != nil {
		t.Errorf("taking the name of who is gone: %v", err)
	}
	before := "Alex"
	for range 20 {
		if _, err := r.Shuffle(s.ID); err != nil {
			t.Fatal(err)
		}
		after, _ := r.Member(s.ID)
		if after.Name == before || !strings.HasPrefix(after.Name, colours[Hue(s.Seat)]+" ") {
			t.Errorf("shuffled %q to %q", before, after.Name)
		}
		before = after.Name
	}
	if _, err := r.Rename("nobody", "Zoë"); !errors.Is(err, ErrNoMember) {
		t.Errorf("renaming nobody: %v", err)
	}
	if _, err := r.Shuffle("nobody"); !errors.Is(err, ErrNoMember) {
		t.Errorf("shuffling nobody: %v", err)
	}
}

func TestATeacherMayBeMr(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{Role: RoleTeacher})
	if s.Name != "Teacher" {
		t.Errorf("called %q", s.Name)
	}
	if _, err := r.Rename(s.ID, "Mr Brown"); err != nil {
		t.Error(err)
	}
}

func TestRecastLastsAsLongAsTheConnection(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	must(t, r, 0, "assign_role", `{"student_id":%q,"role":"bass"}`, s.ID)
	role := func() string { m, _ := r.Member(s.ID); return m.Role }
	if c := r.Recast(0, s.ID, true); len(c) != 1 || c[0].Payload.(RoleAssigned).Role != RoleTeacher || role() != RoleTeacher {
		t.Errorf("with a teacher's token: %+v", c)
	}
	if c := r.Recast(0, s.ID, true); c != nil {
		t.Errorf("again: %+v", c)
	}
	if got := r.Snapshot().Members[0].Role; got != "bass" {
		t.Errorf("the store keeps %q", got)
	}
	if r.Recast(0, s.ID, false); role() != "bass" {
		t.Errorf("without: %q", role())
	}
	r.Recast(0, s.ID, true)
	if r.Disconnect(0, s.ID); role() != "bass" {
		t.Errorf("gone: %q", role())
	}
	r.Connect(0, s.ID)
	r.Recast(0, s.ID, true)
	must(t, r, 0, "set_quiet", `{"quiet":true}`)
	if _, err := r.Play(0, s.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("a teacher, while all are quiet: %v", err)
	}
	if c := r.Recast(0, s.ID, false); len(c) != 1 || len(c[0].Notes) != 1 {
		t.Errorf("a teacher no more, while all are quiet: %+v, want the note ended", c)
	}
	stage := sit(t, r, Applicant{Role: RoleStage})
	if c := r.Recast(0, stage.ID, false); c != nil {
		t.Errorf("the stage: %+v", c)
	}
}

func TestGuestsTeachWhileTheirTokenSaysSo(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{Role: RoleTeacher, Guest: true})
	for _, tt := range []struct {
		teacher bool
		want    string
	}{{false, RoleStudent}, {true, RoleTeacher}, {false, RoleStudent}} {
		r.Recast(0, s.ID, tt.teacher)
		if m, _ := r.Member(s.ID); m.Role != tt.want || m.Seat != s.Seat {
			t.Errorf("teacher %v: %+v, want a %s in seat %d", tt.teacher, m, tt.want, s.Seat)
		}
	}
}
