package room

import (
	"errors"
	"fmt"
	"testing"

	"downbeat.local/appliance/names"
)

func TestResumeGivesTheSeatBackEvenWhenLocked(t *testing.T) {
	r := testRoom(t)
	first := join(t, r, Applicant{})
	must(t, r, 1000, "lock_room", `{"locked":true}`)
	if _, _, err := r.Join(1000, Applicant{}); !errors.Is(err, ErrLocked) {
		t.Errorf("a new student in a locked room: %v", err)
	}
	if _, _, err := r.Join(1000, Applicant{Resume: "no such secret"}); !errors.Is(err, ErrLocked) {
		t.Errorf("a wrong secret in a locked room: %v", err)
	}
	back, changes, err := r.Join(1000, Applicant{Resume: first.Resume})
	if err != nil || back.ID != first.ID || back.Seat != first.Seat || back.Resume != first.Resume || len(changes) != 0 {
		t.Errorf("coming back: %+v, %v, %v", back, changes, err)
	}
	if s, _, err := r.Join(1000, Applicant{Role: RoleTeacher}); err != nil || s.Seat != 71 {
		t.Errorf("the teacher in a locked room: %+v, %v", s, err)
	}
}

func TestComingBackUnderAnotherName(t *testing.T) {
	r := testRoom(t)
	first := join(t, r, Applicant{Name: "Zoë"})
	back, changes, err := r.Join(1000, Applicant{Name: "Zoë B", Resume: first.Resume})
	if err != nil || back.Name != "Zoë B" || len(changes) != 1 {
		t.Errorf("got %+v, %v, %v; want the new name", back, changes, err)
	}
	if _, _, err := r.Join(1000, Applicant{Name: "Mr Z", Resume: first.Resume}); !errors.Is(err, names.ErrName) {
		t.Errorf("coming back as Mr Z: %v", err)
	}
}

func TestRemovedStudentsStayOut(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, s.ID)
	if _, _, err := r.Join(1000, Applicant{Resume: s.Resume}); !errors.Is(err, ErrRemoved) {
		t.Errorf("coming back after being removed: %v", err)
	}
	if _, ok := r.Member(s.ID); ok {
		t.Error("a removed student is a member")
	}
	if changes := r.Connect(1000, s.ID); changes != nil {
		t.Errorf("a removed student connects: %+v", changes)
	}
	if id := r.StudentAt(s.Seat); id != s.ID {
		t.Errorf("the notes that ended in seat %d are of %q, want %q", s.Seat, id, s.ID)
	}
	for range maxRemoved {
		s := join(t, r, Applicant{})
		must(t, r, 1000, "remove_student", `{"student_id":%q}`, s.ID)
	}
	if n := len(r.roster.removed); n != maxRemoved {
		t.Errorf("%d removed students are remembered, want %d", n, maxRemoved)
	}
}

// No secret may ever make its holder a teacher.
func TestStaffHaveNoSecrets(t *testing.T) {
	r := testRoom(t)
	for _, role := range []string{RoleTeacher, RoleStage} {
		first := join(t, r, Applicant{Role: role})
		again := join(t, r, Applicant{Role: role, Resume: "anything"})
		if again.ID != first.ID || first.Resume != "" || again.Resume != "" {
			t.Errorf("%s: %+v and then %+v, want one seat and no secret", role, first, again)
		}
	}
	student := join(t, r, Applicant{})
	r.Promote(0, student.ID)
	if back := join(t, r, Applicant{Resume: student.Resume}); back.ID != student.ID || back.Role != RoleStudent {
		t.Errorf("the secret of a student with a teacher's token gives %+v", back)
	}
}

func TestAGuestGetsASeatOfTheirOwn(t *testing.T) {
	r := testRoom(t)
	owner := join(t, r, Applicant{Role: RoleTeacher})
	guest := join(t, r, Applicant{Role: RoleTeacher, Guest: true})
	if guest.ID == owner.ID || guest.Resume != "" {
		t.Errorf("a guest got %+v beside %+v", guest, owner)
	}
	if again := join(t, r, Applicant{Role: RoleTeacher}); again.ID != owner.ID {
		t.Errorf("the teacher came back to seat %d, want %d", again.Seat, owner.Seat)
	}
	if changes := r.Free(2000, guest.ID); changes != nil {
		t.Errorf("the seat of a guest who is online was freed: %+v", changes)
	}
	r.Disconnect(2000, guest.ID)
	if changes := r.Free(2000, guest.ID); len(changes) != 1 || changes[0].Payload.(MemberRemoved).StudentID != guest.ID {
		t.Errorf("freeing the seat of a guest: %+v", changes)
	}
}

func TestAFullRoomFreesTheSeatThatWasLeftFirst(t *testing.T) {
	r, err := New(Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: 2})
	if err != nil {
		t.Fatal(err)
	}
	a, b := join(t, r, Applicant{}), join(t, r, Applicant{})
	if _, _, err := r.Join(100_000, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("a third: %v", err)
	}
	if _, _, err := r.Join(100_000, Applicant{Role: RoleTeacher}); err != nil {
		t.Errorf("the teacher, into a full room: %v", err)
	}
	r.Disconnect(3000, b.ID)
	r.Disconnect(4000, a.ID)
	if _, _, err := r.Join(902_999, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("a third, within a quarter of an hour: %v", err)
	}
	c, changes, err := r.Join(903_000, Applicant{})
	if err != nil || c.Seat != b.Seat {
		t.Fatalf("got seat %d, %v; want %d, which was left first", c.Seat, err, b.Seat)
	}
	if len(changes) != 2 || changes[0].Payload.(MemberRemoved).StudentID != b.ID {
		t.Errorf("changes %+v, want %s removed and %s new", changes, b.ID, c.ID)
	}
	if back, _, err := r.Join(990_000, Applicant{Resume: b.Resume}); err != nil || back.ID == b.ID || back.Seat != c.Seat {
		t.Errorf("a student who lost their seat comes back as %+v, %v; want a new member in seat %d, which was never used", back, err, c.Seat)
	}
}

// A box that starts before a lesson still holds the seats of the last class.
func TestSeatsAreSoonFreeAfterARestart(t *testing.T) {
	old, err := New(Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: 2})
	if err != nil {
		t.Fatal(err)
	}
	back := join(t, old, Applicant{})
	join(t, old, Applicant{})
	r, err := Restore(old.Snapshot(), 5000, false)
	if err != nil {
		t.Fatal(err)
	}
	r.Connect(6000, back.ID)
	r.Disconnect(7000, back.ID)
	if _, _, err := r.Join(34_999, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("while the others may be coming back: %v", err)
	}
	if _, _, err := r.Join(35_000, Applicant{}); err != nil {
		t.Errorf("after that: %v", err)
	}
	if _, _, err := r.Join(100_000, Applicant{}); err != nil {
		t.Errorf("in the seat that was never used: %v", err)
	}
	if _, ok := r.Member(back.ID); !ok {
		t.Error("the student who came back has lost their seat")
	}
}

func TestASeatThatWasNeverUsedGoesFirst(t *testing.T) {
	r, err := New(Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: 2})
	if err != nil {
		t.Fatal(err)
	}
	ana := join(t, r, Applicant{})
	r.Connect(1000, ana.ID)
	r.Disconnect(1000, ana.ID) // long ago
	taken, _, err := r.Join(90_000, Applicant{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Join(99_000, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("while the student may still connect: %v", err)
	}
	if next, _, err := r.Join(100_001, Applicant{}); err != nil || next.Seat != taken.Seat {
		t.Errorf("got seat %d, %v; want %d", next.Seat, err, taken.Seat)
	}
}

func TestSixtyFourStudents(t *testing.T) {
	r := testRoom(t)
	names := map[string]bool{}
	for range MaxMembers {
		s := join(t, r, Applicant{})
		if names[s.Name] {
			t.Errorf("two are called %s", s.Name)
		}
		names[s.Name] = true
	}
	if _, _, err := r.Join(100_000, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("the 65th: %v", err)
	}
}

func TestOnlyKnownRolesJoin(t *testing.T) {
	if _, _, err := testRoom(t).Join(0, Applicant{Role: "bass"}); err == nil {
		t.Error("a member joined as bass")
	}
}

func TestGuestsLeaveSeatsForTheTeacherAndTheStage(t *testing.T) {
	r := testRoom(t)
	guest := Applicant{Role: RoleTeacher, Guest: true}
	for range Seats - staffSeats - 2 {
		join(t, r, guest)
	}
	for _, role := range []string{RoleTeacher, RoleStage} {
		if _, _, err := r.Join(100_000, guest); !errors.Is(err, ErrFull) || err.Error() != "the room is full: it has 6 teachers with a token already" {
			t.Errorf("one guest too many, before the %s: %v", role, err)
		}
		join(t, r, Applicant{Role: role})
	}
}

// TestADeviceBehindARouterYieldsSeats fills a room from one address: a device with
// many seats, others with one each, and then others come.
func TestADeviceBehindARouterYieldsSeats(t *testing.T) {
	r, err := New(Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: 16})
	if err != nil {
		t.Fatal(err)
	}
	join := func(device string) (Seat, []Change, error) {
		seat, changes, err := r.Join(1000, Applicant{Address: "192.0.2.2", Device: device})
		if err == nil {
			r.Connect(1000, seat.ID)
		}
		return seat, changes, err
	}
	holder := map[string]string{} // by id
	for i := range 16 {
		device := "" // unknown: a program
		if i%4 == 0 {
			device = fmt.Sprint("before ", i)
		}
		seat, _, err := join(device)
		if err != nil {
			t.Fatal(err)
		}
		holder[seat.ID] = device
	}
	for i := range 10 { // of twelve, two stay
		seat, changes, err := join(fmt.Sprint("after ", i))
		if err != nil {
			t.Fatalf("device %d: %v", i, err)
		}
		gone, ok := changes[0].Payload.(MemberRemoved)
		if !ok || holder[gone.StudentID] != "" {
			t.Errorf("device %d: %+v went, of device %q", i, gone, holder[gone.StudentID])
		}
		delete(holder, gone.StudentID)
		holder[seat.ID] = "after"
	}
	for _, device := range []string{"one more", ""} {
		if _, _, err := join(device); !errors.Is(err, ErrFull) {
			t.Errorf("device %q: got %v, want a full room", device, err)
		}
	}
	if all := r.At("192.0.2.2", "after 3", ""); len(all) != 1 {
		t.Errorf("on one device are %+v", all)
	}
	if all := r.At("192.0.2.2", "", ""); len(all) != 2 {
		t.Errorf("on devices that are not known are %d, want 2", len(all))
	}
}
