package room

import (
	"errors"
	"strings"
	"testing"

	"downbeat.local/appliance/names"
)

func TestAMemberIsOnlineWhileAnyDeviceIs(t *testing.T) {
	r := testRoom(t)
	s, _, err := r.Join(0, Applicant{})
	if err != nil || s.Online {
		t.Fatalf("joined %+v, %v", s, err)
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
		{func() []Change { return r.Connect(6, "unknown") }, false, false},
	} {
		if changes := step.do(); (len(changes) == 1) != step.changed {
			t.Errorf("step %d made %+v", i, changes)
		}
		if m, _ := r.Member(s.ID); m.Online != step.online {
			t.Errorf("after step %d online is %v", i, m.Online)
		}
	}
}

func TestLeavingGivesUpTheSeat(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	if _, err := r.Play(1500, s.Seat, 60, 90, 0, 0); err != nil {
		t.Fatal(err)
	}
	changes, err := r.Leave(2000, s.ID)
	if err != nil || len(changes) != 1 || len(changes[0].Notes) != 1 || changes[0].Payload.(MemberRemoved).StudentID != s.ID {
		t.Errorf("leaving while a note sounds: %+v, %v", changes, err)
	}
	if _, err := r.Leave(3000, s.ID); !errors.Is(err, ErrNoMember) {
		t.Errorf("leaving again: %v", err)
	}
	if again := join(t, r, Applicant{Resume: s.Resume}); again.ID == s.ID || again.Resume == s.Resume {
		t.Errorf("the secret gives %+v, want a new member", again)
	}
}

func TestRenameAndShuffle(t *testing.T) {
	r := testRoom(t)
	s, other := join(t, r, Applicant{}), join(t, r, Applicant{Name: "Alex"})
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
		t.Errorf("spelling their own name differently: %v", err)
	}
	r.Disconnect(0, other.ID)
	if _, err := r.Rename(s.ID, "Alex"); err != nil {
		t.Errorf("taking the name of a member who is offline: %v", err)
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
	if _, err := r.Rename("unknown", "Zoë"); !errors.Is(err, ErrNoMember) {
		t.Errorf("renaming an unknown member: %v", err)
	}
	if _, err := r.Shuffle("unknown"); !errors.Is(err, ErrNoMember) {
		t.Errorf("shuffling an unknown member: %v", err)
	}
}

func TestTeachersMayBeCalledMr(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Role: RoleTeacher})
	if s.Name != "Teacher" {
		t.Errorf("called %q", s.Name)
	}
	if _, err := r.Rename(s.ID, "Mr Brown"); err != nil {
		t.Error(err)
	}
}

func TestAPromotionLastsAsLongAsTheConnection(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	must(t, r, 0, "assign_role", `{"student_id":%q,"role":"bass"}`, s.ID)
	role := func() string { m, _ := r.Member(s.ID); return m.Role }
	if c := r.Promote(0, s.ID); len(c) != 1 || c[0].Payload.(RoleAssigned).Role != RoleTeacher || role() != RoleTeacher {
		t.Errorf("with a teacher's token: %+v", c)
	}
	if c := r.Promote(0, s.ID); c != nil {
		t.Errorf("again: %+v", c)
	}
	if got := r.Snapshot().Members[0].Role; got != "bass" {
		t.Errorf("the store keeps %q", got)
	}
	if r.Demote(0, s.ID); role() != "bass" {
		t.Errorf("without: %q", role())
	}
	r.Promote(0, s.ID)
	if r.Disconnect(0, s.ID); role() != "bass" {
		t.Errorf("gone: %q", role())
	}
	r.Connect(0, s.ID)
	r.Promote(0, s.ID)
	must(t, r, 0, "set_quiet", `{"quiet":true}`)
	if _, err := r.Play(0, s.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("a teacher, while all are quiet: %v", err)
	}
	if c := r.Demote(0, s.ID); len(c) != 1 || len(c[0].Notes) != 1 {
		t.Errorf("a teacher no more, while all are quiet: %+v, want the note ended", c)
	}
	stage := join(t, r, Applicant{Role: RoleStage})
	if c := r.Demote(0, stage.ID); c != nil {
		t.Errorf("the stage: %+v", c)
	}
}

func TestGuestsAreTeachersWhileTheirTokenSaysSo(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Role: RoleTeacher, Guest: true})
	for _, tt := range []struct {
		teacher bool
		want    string
	}{{false, RoleStudent}, {true, RoleTeacher}, {false, RoleStudent}} {
		if tt.teacher {
			r.Promote(0, s.ID)
		} else {
			r.Demote(0, s.ID)
		}
		if m, _ := r.Member(s.ID); m.Role != tt.want || m.Seat != s.Seat {
			t.Errorf("teacher %v: %+v, want a %s in seat %d", tt.teacher, m, tt.want, s.Seat)
		}
	}
}
