package appliance

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"downbeat.local/appliance/lesson"
	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// bringLessons puts the plans of this version of the box into its library. It
// writes only what has changed. A store that cannot be written keeps what it has.
func (a *Appliance) bringLessons() error {
	brought, err := lesson.Library()
	if err != nil {
		return err
	}
	rows := a.store.Rows(table.LessonLibrary, table.Full())
	have, _, err := rows.Select(context.Background(), store.Query{Limit: store.MaxRows})
	if err != nil {
		return err
	}
	var fresh []table.Row
	for _, plan := range brought {
		raw, err := json.Marshal(map[string]any{"id": plan.ID, "title": plan.Title, "body": plan.Body})
		if err != nil {
			return err
		}
		row, err := table.ParseRow(raw)
		if err != nil {
			return fmt.Errorf("lesson plan %s: %w", plan.Title, err)
		}
		if !isThere(have, row) {
			fresh = append(fresh, row)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if _, err := rows.Merge(context.Background(), fresh, nil); err != nil {
		a.log.Error("the lesson plans of this version cannot be written", "err", err)
	}
	return nil
}

func isThere(have []table.Row, row table.Row) bool {
	for _, h := range have {
		if h["id"] == row["id"] {
			return h["title"] == row["title"] && reflect.DeepEqual(h["body"], row["body"])
		}
	}
	return false
}

// lessonPlan finds a plan, the teachers' or one that the box brings. The errors
// are musicroom.ErrNoPlan and *lesson.Problem.
func (a *Appliance) lessonPlan(id string) (lesson.Plan, error) {
	if uuid.Validate(id) != nil {
		return lesson.Plan{}, musicroom.ErrNoPlan
	}
	t := table.LessonPlans
	if lesson.IsBrought(id) {
		t = table.LessonLibrary
	}
	filter, err := t.ParseFilter("id=eq."+id, nil)
	if err != nil {
		return lesson.Plan{}, err
	}
	rows, _, err := a.store.Rows(t, table.Full()).Select(context.Background(), store.Query{Filter: filter, Limit: 1})
	if err != nil {
		return lesson.Plan{}, err
	}
	if len(rows) == 0 {
		return lesson.Plan{}, musicroom.ErrNoPlan
	}
	return planOf(rows[0])
}

// planOf reads the plan of a row. A body without a title has that of the row.
func planOf(row table.Row) (lesson.Plan, error) {
	body, isObject := row["body"].(map[string]any)
	if !isObject {
		return lesson.Plan{}, &lesson.Problem{Field: "kind"}
	}
	named := map[string]any{"title": row["title"]}
	for name, value := range body {
		named[name] = value
	}
	raw, err := json.Marshal(named)
	if err != nil {
		return lesson.Plan{}, err
	}
	return lesson.Parse(raw)
}

// keepSession writes a session of a room to its table.
func (a *Appliance) keepSession(ctx context.Context, s musicroom.Session) error {
	row := table.Row{"id": s.ID, "room": s.Room, "started_at": table.FormatTime(s.Started)}
	if !s.Ended.IsZero() {
		row["ended_at"] = table.FormatTime(s.Ended)
	}
	if s.PlanID != "" {
		row["plan_id"], row["plan"] = s.PlanID, s.Plan
	}
	_, err := a.store.Rows(table.Sessions, table.Full()).Merge(ctx, []table.Row{row}, nil)
	return err
}
