package musicroom

import (
	"context"
	"encoding/json"
	"errors"

	"downbeat.local/appliance/lesson"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
)

// ErrNoPlan says that there is no lesson plan with an id.
var ErrNoPlan = errors.New("no such lesson plan")

// begunLesson is the payload of begin_lesson.
type begunLesson struct {
	PlanID   string `json:"plan_id"`
	Short    bool   `json:"short"`
	Language string `json:"language"`
}

// lessonOf finds the plan that a teacher wants to begin. The error is a *Refusal.
func (r *Room) lessonOf(payload []byte) (room.Plan, error) {
	var wish begunLesson
	if json.Unmarshal(payload, &wish) != nil {
		return room.Plan{}, &realtime.Refusal{Reason: "bad_payload", Message: "A lesson begins with a plan_id."}
	}
	plan, err := r.plans(wish.PlanID)
	if problem, bad := errors.AsType[*lesson.Problem](err); bad {
		return room.Plan{}, &realtime.Refusal{Reason: "bad_plan", Message: problem.Error()}
	}
	if errors.Is(err, ErrNoPlan) {
		return room.Plan{}, &realtime.Refusal{Reason: "no_such_plan", Message: "There is no such lesson plan."}
	}
	return plan.Running(wish.PlanID, wish.Short, wish.Language), err
}

// Lesson returns the plan that a room follows; false if it follows none. The error
// is room.ErrNoRoom.
func (rs *Rooms) Lesson(_ context.Context, code string) (room.Plan, bool, error) {
	r := rs.find(code)
	if r == nil {
		return room.Plan{}, false, room.ErrNoRoom
	}
	plan, follows := r.rules.Lesson()
	return plan, follows, nil
}
