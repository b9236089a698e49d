package room

import (
	"errors"
	"fmt"
	"testing"
)

// again gives the student of a device a new seat after they gave up theirs.
func again(t *testing.T, r *Room, s Seat, device string) Seat {
	t.Helper()
	if _, err := r.Leave(1000, s.ID); err != nil {
		t.Fatal(err)
	}
	next, _, err := r.Join(later, Applicant{Device: device})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// later is after the hour in which every new member begins muted.
const later = 10_000_000

func TestAMutedDeviceStaysMutedUnderAnotherName(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Device: "a", Name: "Zoë"})
	must(t, r, 1000, "mute_student", `{"student_id":%q,"muted":true}`, s.ID)
	tab := join(t, r, Applicant{Device: "a"})
	if !tab.Muted || r.Was(tab.ID) != "Zoë" {
		t.Errorf("a second tab is %+v, who was %q", tab.Member, r.Was(tab.ID))
	}
	if _, err := r.Leave(1000, s.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Leave(1000, tab.ID); err != nil {
		t.Fatal(err)
	}
	next, _, err := r.Join(later, Applicant{Device: "a"})
	if err != nil || !next.Muted || r.Was(next.ID) == "" {
		t.Errorf("much later: %+v, who was %q, %v", next.Member, r.Was(next.ID), err)
	}
	must(t, r, later, "mute_student", `{"student_id":%q,"muted":false}`, next.ID)
	if free := again(t, r, next, "a"); free.Muted || r.Was(free.ID) != "" {
		t.Errorf("unmuted, and then somebody else: %+v, who was %q", free.Member, r.Was(free.ID))
	}
}

func TestAMutedDeviceMutesNoOther(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Device: "a"})
	must(t, r, 1000, "mute_student", `{"student_id":%q,"muted":true}`, s.ID)
	suspect := join(t, r, Applicant{Device: "b"}) // whoever comes then begins muted
	if !suspect.Muted || r.Was(suspect.ID) != "" {
		t.Errorf("a newcomer is %+v, who was %q", suspect.Member, r.Was(suspect.ID))
	}
	for _, id := range []string{s.ID, suspect.ID} {
		if _, err := r.Leave(1000, id); err != nil {
			t.Fatal(err)
		}
	}
	for _, device := range []string{"b", "", "a"} {
		want := device == "a"
		if m, _, err := r.Join(later, Applicant{Device: device}); err != nil || m.Muted != want {
			t.Errorf("device %q: muted is %v, want %v, %v", device, m.Muted, want, err)
		}
	}
}

func TestARemovedDeviceStaysOut(t *testing.T) {
	r := testRoom(t)
	friend := join(t, r, Applicant{Device: "b"})
	s := join(t, r, Applicant{Device: "a"})
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, s.ID)
	for name, a := range map[string]Applicant{
		"new":                    {Device: "a"},
		"with another name":      {Device: "a", Name: "Zoë"},
		"with a friend's secret": {Device: "a", Resume: friend.Resume},
	} {
		if _, _, err := r.Join(later, a); !errors.Is(err, ErrRemoved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := r.Join(later, Applicant{Device: "a", Role: RoleTeacher}); err != nil {
		t.Errorf("the teacher, on that device: %v", err)
	}
	must(t, r, later, "readmit", `{}`)
	for name, a := range map[string]Applicant{"the device": {Device: "a"}, "the secret": {Resume: s.Resume}} {
		if _, _, err := r.Join(later, a); err != nil {
			t.Errorf("%s, after they may come back: %v", name, err)
		}
	}
}

func TestReadmitUnmutesNobody(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Device: "a"})
	must(t, r, 1000, "mute_student", `{"student_id":%q,"muted":true}`, s.ID)
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, s.ID)
	must(t, r, 1000, "readmit", `{}`)
	if m, _, err := r.Join(later, Applicant{Device: "a"}); err != nil || !m.Muted {
		t.Errorf("a muted student who was removed comes back as %+v, %v", m.Member, err)
	}
}

func TestSanctionsSurviveARestart(t *testing.T) {
	r := testRoom(t)
	out := join(t, r, Applicant{Device: "out"})
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, out.ID)
	muted := join(t, r, Applicant{Device: "muted"})
	must(t, r, 1000, "mute_student", `{"student_id":%q,"muted":true}`, muted.ID)
	again(t, r, muted, "muted")
	r, err := Restore(r.Snapshot(), later, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Join(later, Applicant{Device: "out"}); !errors.Is(err, ErrRemoved) {
		t.Errorf("removed before the restart: %v", err)
	}
	if m, _, err := r.Join(later, Applicant{Device: "muted"}); err != nil || !m.Muted || r.Was(m.ID) == "" {
		t.Errorf("muted before the restart: %+v, who was %q, %v", m.Member, r.Was(m.ID), err)
	}
}

func TestSanctionsAreBounded(t *testing.T) {
	r := testRoom(t)
	for i := range maxRemoved + 10 {
		s := join(t, r, Applicant{Device: fmt.Sprint(i)})
		must(t, r, 1000, "remove_student", `{"student_id":%q}`, s.ID)
	}
	if n := len(r.roster.sanctions); n != maxRemoved {
		t.Errorf("%d devices are remembered, want %d", n, maxRemoved)
	}
	if _, _, err := r.Join(later, Applicant{Device: fmt.Sprint(maxRemoved)}); !errors.Is(err, ErrRemoved) {
		t.Errorf("one of the newest: %v", err)
	}
}
