package room

import (
	"errors"
	"slices"
	"testing"
	"time"

	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

func TestAKeyboardPlaysAStudent(t *testing.T) {
	r := testRoom(t)
	zoe, _, err := r.Join(0, Applicant{}) // their page is not there yet
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Play(1000, zoe.Seat, 60, 90, 0, 0); !errors.Is(err, ErrNoSeat) {
		t.Errorf("before it has a keyboard the seat plays: %v", err)
	}
	for range 2 { // two of one name
		changes, err := r.Attach(zoe.ID, "KeyStep 32")
		if err != nil || len(changes) != 1 {
			t.Fatalf("attaching: %+v, %v", changes, err)
		}
	}
	if m, _ := r.Member(zoe.ID); m.Online || !slices.Equal(m.Keyboards, []string{"KeyStep 32", "KeyStep 32"}) {
		t.Errorf("the student is %+v", m)
	}
	if _, err := r.Play(1000, zoe.Seat, 60, 90, 0, 0); err != nil {
		t.Error(err)
	}
	r.Connect(1100, zoe.ID)
	if changes := r.Disconnect(1200, zoe.ID); len(changes) != 1 || len(changes[0].Notes) != 0 {
		t.Errorf("closing their page: %+v", changes)
	}
	if changes := r.Detach(1300, zoe.ID, "KeyStep 32"); len(changes) != 1 || len(changes[0].Notes) != 0 {
		t.Errorf("detaching the first: %+v", changes)
	}
	if changes := r.Detach(1400, zoe.ID, "KeyStep 32"); len(changes) != 1 || len(changes[0].Notes) != 1 {
		t.Errorf("detaching the second: %+v", changes)
	}
	for _, id := range []string{zoe.ID, "unknown"} {
		if changes := r.Detach(1500, id, "KeyStep 32"); len(changes) != 0 {
			t.Errorf("detaching what %s does not have: %+v", id, changes)
		}
	}
}

func TestKeyboardsPlayStudentsOnly(t *testing.T) {
	r := testRoom(t)
	zoe := join(t, r, Applicant{})
	others := map[string]string{
		"a teacher":  join(t, r, Applicant{Role: RoleTeacher}).ID,
		"a stage":    join(t, r, Applicant{Role: RoleStage}).ID,
		"a keyboard": join(t, r, Applicant{MIDI: "KeyStep 32"}).ID,
		"nobody":     "unknown",
	}
	for name, id := range others {
		if _, err := r.Attach(id, "Piano"); !errors.Is(err, ErrNoStudent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := []Student{{Room: "MUSIC-2024", StudentID: zoe.ID, Name: zoe.Name, Seat: zoe.Seat}}
	if diff := cmp.Diff(want, r.Students()); diff != "" {
		t.Errorf("the students (-want +got):\n%s", diff)
	}
}

// Keyboards are attached anew after a restart.
func TestASnapshotHasNoKeyboards(t *testing.T) {
	r := testRoom(t)
	zoe := join(t, r, Applicant{})
	if _, err := r.Attach(zoe.ID, "KeyStep 32"); err != nil {
		t.Fatal(err)
	}
	again, err := Restore(saved(t, r), 2000, true)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := again.Member(zoe.ID); len(m.Keyboards) != 0 {
		t.Errorf("after a restart the student is %+v", m)
	}
}

// A student who has been away for as long as their seat is kept is absent.
func TestAbsent(t *testing.T) {
	r := testRoom(t)
	zoe := join(t, r, Applicant{})
	r.Disconnect(2000, zoe.ID)
	left := clock.Millis(2000)
	for name, c := range map[string]struct {
		id   string
		at   clock.Millis
		want bool
	}{
		"just gone":          {zoe.ID, left, false},
		"for a break":        {zoe.ID, left.Add(awayGrace - time.Millisecond), false},
		"since the last day": {zoe.ID, left.Add(awayGrace), true},
		"unknown":            {"unknown", left, true},
	} {
		if got := r.Absent(c.at, c.id); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	r.Connect(left.Add(time.Hour), zoe.ID)
	if r.Absent(left.Add(2*time.Hour), zoe.ID) {
		t.Error("who is back is absent")
	}
}

func TestScaleFor(t *testing.T) {
	r := testRoom(t)
	zoe := join(t, r, Applicant{})
	must(t, r, 1000, "set_scale", `{"root":7,"kind":"minor"}`)
	if scale, drums := r.ScaleFor(zoe.ID); drums || scale != (Scale{Root: 7, Kind: "minor"}) {
		t.Errorf("a piano: %+v, %v", scale, drums)
	}
	must(t, r, 1000, AssignInstrument, `{"student_id":%q,"instrument":"drums"}`, zoe.ID)
	if _, drums := r.ScaleFor(zoe.ID); !drums {
		t.Error("drums are in a scale")
	}
}
