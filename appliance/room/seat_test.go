package room

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSeatsAreSeventyTwoDifferentPairs(t *testing.T) {
	seen := map[[2]int]bool{}
	for seat := range uint8(Seats) {
		pair := [2]int{Hue(seat), Shape(seat)}
		if seen[pair] {
			t.Errorf("seat %d repeats hue %d and shape %d", seat, pair[0], pair[1])
		}
		seen[pair] = true
		next := (seat + 1) % Seats
		if Hue(seat) == Hue(next) || Shape(seat) == Shape(next) {
			t.Errorf("seats %d and %d share hue or shape", seat, next)
		}
	}
	if len(seen) != 72 {
		t.Errorf("%d pairs, want 72", len(seen))
	}
}

func TestStudentsFillFromTheFrontStaffFromTheBack(t *testing.T) {
	r := testRoom(t)
	var got []uint8
	for _, role := range []string{RoleStudent, RoleTeacher, RoleStudent, RoleStage} {
		got = append(got, join(t, r, Applicant{Role: role}).Seat)
	}
	if diff := cmp.Diff([]uint8{0, 71, 1, 70}, got); diff != "" {
		t.Errorf("seats (-want +got):\n%s", diff)
	}
}
