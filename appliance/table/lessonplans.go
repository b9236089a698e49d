package table

import (
	"time"

	"github.com/google/uuid"
)

// LessonPlans are what teachers prepare for their classes.
var LessonPlans = lessonPlans()

func lessonPlans() *Table {
	t := &Table{
		Schema: "public", Name: "lesson_plans", Key: "id",
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
		{Who: Everybody, May: Select, Rows: t.rows("published=is.true")},
		{Who: Teachers, May: Select | Write},
	}
	return t
}

// rows is a filter that stands in this package.
func (t *Table) rows(text string) Filter {
	f, err := t.ParseFilter(text)
	if err != nil {
		panic(err)
	}
	return f
}

// newID is a UUIDv7: rows lie in the store in the order in which they came.
func newID(time.Time) any { return uuid.Must(uuid.NewV7()).String() }

func now(at time.Time) any { return FormatTime(at) }
