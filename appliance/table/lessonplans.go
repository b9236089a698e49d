package table

import (
	"time"

	"github.com/google/uuid"
)

// LessonPlans are what teachers prepare for their classes.
var LessonPlans = lessonPlans()

func lessonPlans() *Table {
	t := &Table{
		Schema: "public", Name: "lesson_plans", Key: "id", Broadcast: true,
		Columns: []Column{
			{Name: "id", Type: UUID, Required: true, Default: newID},
			{Name: "title", Type: Text, Required: true},
			{Name: "body", Type: JSONB},
			{Name: "published", Type: Bool, Required: true, Default: func(time.Time) any { return true }},
			{Name: "created_at", Type: Timestamptz, Required: true, Default: now},
			{Name: "updated_at", Type: Timestamptz, Required: true, Default: now, Renew: true},
		},
	}
	t.Policy = Policy{
		{Who: Everyone, May: Select, Rows: t.rows("published=is.true")},
		{Who: Teachers, May: Select | Write},
	}
	return t
}

// LessonLibrary are the plans that the box brings. Everybody reads them, and only
// the box writes them: a teacher who changes one has a copy in lesson_plans. They
// stay on the box, because every box has them.
var LessonLibrary = lessonLibrary()

func lessonLibrary() *Table {
	return &Table{
		Schema: "public", Name: "lesson_library", Key: "id",
		Columns: []Column{
			{Name: "id", Type: UUID, Required: true},
			{Name: "title", Type: Text, Required: true},
			{Name: "body", Type: JSONB, Required: true},
		},
		Policy: Policy{{Who: Everyone, May: Select}},
	}
}

// rows parses a filter of this package.
func (t *Table) rows(text string) Filter {
	f, err := t.ParseFilter(text, nil)
	if err != nil {
		panic(err)
	}
	return f
}

// newID makes a UUIDv7, so that the store has rows in the order in which they
// were made.
func newID(time.Time) any { return uuid.Must(uuid.NewV7()).String() }

func now(at time.Time) any { return FormatTime(at) }
