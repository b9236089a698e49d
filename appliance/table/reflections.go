package table

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of a reflection, in characters. A page of writing fits.
const (
	MaxPrompt     = 500
	MaxReflection = 4000
)

// The steps of the picture scale.
const (
	MinFeeling = 1
	MaxFeeling = 5
)

// Reflections are what students write after playing. Members insert rows of
// their own and read them. A member who has lost their seat may still insert. The
// teacher of the row's room and the school's programs read what its author
// shares. Words do not change once they are kept. What a child of a class list
// writes is the child's, and no token of a seat reads it.
//
// The hidden column room is the one of the author's token, so no author chooses
// which teacher reads them.
var Reflections = reflections()

func reflections() *Table {
	t := &Table{
		Schema: "public", Name: "reflections", Key: "id", Owner: "student_id",
		Columns: []Column{
			{Name: "id", Type: UUID, Required: true, Default: newID},
			{Name: "session_id", Type: UUID},
			{Name: "student_id", Type: UUID, Required: true, Stamp: orAuthor},
			{Name: "prompt", Type: Text},
			{Name: "text", Type: Text},
			{Name: "feeling", Type: Int2},
			{Name: "from_bar", Type: Int4},
			{Name: "to_bar", Type: Int4},
			{Name: "shared", Type: Bool, Required: true, Default: isFalse},
			{Name: "talk", Type: Bool, Required: true, Default: isFalse},
			{Name: "created_at", Type: Timestamptz, Required: true, Default: now, Stamp: serviceOnly},
			{Name: "updated_at", Type: Timestamptz, Required: true, Default: now, Renew: true, Stamp: serviceOnly},
			{Name: "room", Type: Text, Hidden: true, Stamp: authorsRoom},
		},
		Private: func(r Row) bool { return r["shared"] != true },
		Words:   []string{"prompt", "text", "feeling", "from_bar", "to_bar", "talk"},
		Checks: []Constraint{
			{"reflections_answered", answered},
			{"reflections_feeling", func(r Row) bool { return between(r["feeling"], MinFeeling, MaxFeeling) }},
			{"reflections_text_length", func(r Row) bool { return letters(r["text"]) <= MaxReflection }},
			{"reflections_prompt_length", func(r Row) bool { return letters(r["prompt"]) <= MaxPrompt }},
			{"reflections_bars", inOrder},
		},
	}
	shared := t.rows("shared=is.true")
	t.Policy = Policy{
		{Who: Members, May: Select, Own: "student_id"},
		{Who: Members, May: Insert, Own: "student_id", Child: true},
		{Who: Leavers, May: Insert, Own: "student_id", Child: true},
		{Who: Teachers, May: Select, Room: "room", Rows: shared},
		{Who: Services, May: Insert | Delete, Rows: shared},
	}
	return t
}

func isFalse(time.Time) any { return false }

// orAuthor is the author of a row that names none. A row of a seat is of the child
// who sits there, whom the page does not know.
func orAuthor(by Caller, sent any) any {
	own, _ := sent.(string)
	mine := sent == nil || strings.EqualFold(own, by.Subject)
	switch {
	case by.Subject == "" || !mine:
		return sent
	case by.Child != "":
		return by.Child
	}
	return by.Subject
}

// serviceOnly leaves the value to the school's programs, and to everyone else
// the default.
func serviceOnly(by Caller, sent any) any {
	if by.Role == service {
		return sent
	}
	return nil
}

func authorsRoom(by Caller, _ any) any {
	if by.Room == "" {
		return nil
	}
	return by.Room
}

// answered reports whether a reflection has words or a feeling.
func answered(r Row) bool {
	text, _ := r["text"].(string)
	return r["feeling"] != nil || strings.TrimSpace(text) != ""
}

// inOrder reports whether the bars of a reflection are bars, first to last.
func inOrder(r Row) bool {
	from, to := r["from_bar"], r["to_bar"]
	return atLeast(from, 0) && atLeast(to, 0) && (from == nil || to == nil || compareInts(from, to) <= 0)
}

// between reports whether a number is null or in a range. As in SQL, null breaks
// no constraint.
func between(value any, least, most int64) bool {
	n, _ := number(value).Int64()
	return value == nil || n >= least && n <= most
}

func atLeast(value any, least int64) bool {
	n, _ := number(value).Int64()
	return value == nil || n >= least
}

func letters(value any) int {
	text, _ := value.(string)
	return utf8.RuneCountInString(text)
}
