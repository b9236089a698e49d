package table

// The steps of both axes of a check-in: the inner tempo from slow to fast, and the
// inner key from stormy to sunny.
const (
	MinInner = 1
	MaxInner = 3
)

// CheckIns are how students say they feel, on a card with two axes. A member inserts
// rows while the child on their seat may be asked ([Caller.Consent]); then the row is
// the child's. A member who has lost their seat may still insert. Nobody reads a
// row: not the teacher and not the school's programs, because a name on an answer
// would also say who may be asked. The box itself shows a child their own rows, and
// a teacher sums.
//
// The box stamps check_in_id: the check-in that runs in the room when the row
// arrives, and null when none does or the row is of another session. Rows may still come and go after its end; the sum
// that a teacher reads is counted once and kept, so it never changes.
var CheckIns = checkIns()

func checkIns() *Table {
	return &Table{
		Schema: "public", Name: "check_ins", Key: "id", Owner: "student_id",
		Columns: []Column{
			{Name: "id", Type: UUID, Required: true, Default: newID},
			{Name: "session_id", Type: UUID},
			{Name: "check_in_id", Type: UUID, Stamp: runningCheckIn},
			{Name: "student_id", Type: UUID, Required: true, Stamp: orAuthor},
			{Name: "inner_tempo", Type: Int2, Required: true},
			{Name: "inner_key", Type: Int2, Required: true},
			{Name: "created_at", Type: Timestamptz, Required: true, Default: now, Stamp: serviceOnly},
			{Name: "updated_at", Type: Timestamptz, Required: true, Default: now, Renew: true, Stamp: serviceOnly},
			{Name: "room", Type: Text, Hidden: true, Stamp: authorsRoom},
		},
		Private: func(Row) bool { return true },
		Words:   []string{"student_id", "inner_tempo", "inner_key"},
		Checks: []Constraint{
			{"check_ins_inner_tempo", func(r Row) bool { return between(r["inner_tempo"], MinInner, MaxInner) }},
			{"check_ins_inner_key", func(r Row) bool { return between(r["inner_key"], MinInner, MaxInner) }},
		},
		Policy: Policy{
			{Who: Members, May: Insert, Own: "student_id", Child: true, Consent: true},
			{Who: Leavers, May: Insert, Own: "student_id", Child: true, Consent: true},
		},
	}
}

// runningCheckIn is the check-in that a row answers, whatever its author sent.
func runningCheckIn(by Caller, _ any) any {
	if by.CheckIn == "" {
		return nil
	}
	return by.CheckIn
}
