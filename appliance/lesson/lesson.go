// Package lesson is the format of lesson plans, and the plans that the box
// brings.
//
// A plan is a JSON object of at most MaxSize bytes: the body of a row of
// lesson_plans, and a text file that teachers pass on. Its field downbeat_lesson
// has the version. [Parse] reads one and says in one sentence what is wrong with
// it. The web app's twin is engine/lesson/plan.ts, and both are tested with
// testdata/plans.json. Fields that a reader does not know are left out, so that a
// later box may add some without another version.
//
// [Library] has the plans that every box brings.
package lesson

import (
	"fmt"

	"downbeat.local/appliance/room"
)

// Version is the version of the format.
const Version = 1

// The bounds of a plan.
const (
	MaxSize         = 32 << 10 // bytes of a file
	MaxTitle        = 80       // letters
	MaxAbout        = 400      // letters
	MaxShortSteps   = 6
	MaxShortMinutes = 3
)

// Plan is a lesson plan.
type Plan struct {
	Version int         `json:"downbeat_lesson"`
	Title   room.Words  `json:"title"`
	About   room.Words  `json:"about,omitempty"` // for the teacher
	Steps   []room.Step `json:"steps"`
	// Short is the three-minute version; empty if there is none.
	Short []room.Step `json:"short,omitempty"`
}

// Problem says what is wrong with a plan.
type Problem struct {
	// Field is the field that makes no sense. These are no fields of a plan: "json"
	// is no JSON object, "size" more than MaxSize bytes, "kind" an object that is no
	// lesson plan, "version" a plan of a later version.
	Field string `json:"field"`
	// Step is the step with the field, from 1; 0 is the plan itself. Short says that
	// it is one of the three-minute version.
	Step  int  `json:"step"`
	Short bool `json:"short"`
}

// sentences explain the problems that are no fields.
var sentences = map[string]string{
	"json":    "This is not a lesson plan: the text is damaged.",
	"size":    fmt.Sprintf("This lesson plan is too long: %d thousand letters are the most.", MaxSize>>10),
	"kind":    "This is not a lesson plan of Downbeat.",
	"version": "This lesson plan is for a newer Downbeat.",
}

// Error is one sentence for a teacher.
func (p *Problem) Error() string {
	sentence, isWhole := sentences[p.Field]
	switch {
	case isWhole:
		return sentence
	case p.Step == 0:
		return fmt.Sprintf("The field %s of the lesson plan makes no sense.", p.Field)
	case p.Short:
		return fmt.Sprintf("In step %d of the short version the field %s makes no sense.", p.Step, p.Field)
	}
	return fmt.Sprintf("In step %d the field %s makes no sense.", p.Step, p.Field)
}

// Running returns the plan as a room follows it. A plan without a short version is
// taught whole.
func (p Plan) Running(id string, short bool, language string) room.Plan {
	r := room.Plan{ID: id, Title: p.Title, Steps: p.Steps, Language: language}
	if short && len(p.Short) > 0 {
		r.Steps, r.Short = p.Short, true
	}
	return r
}
