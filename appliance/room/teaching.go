package room

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"downbeat.local/sync/clock"
)

// The commands that follow a lesson plan.
const (
	BeginLesson = "begin_lesson" // {plan_id, short?, language?}; the box finds the plan
	GoToStep    = "go_to_step"   // {step}, from 0
	EndLesson   = "end_lesson"   // {}; another session begins
)

// MaxSteps is how many steps a lesson has at most.
const MaxSteps = 24

// Plan is a lesson plan that a room follows.
type Plan struct {
	ID       string `json:"plan_id"`
	Title    Words  `json:"title"`
	Short    bool   `json:"short"` // the three-minute version
	Steps    []Step `json:"steps"`
	Language string `json:"language"` // of the parts' names, as the teacher reads
}

// teaching is a plan at work, and where it is. Room.mu guards it.
type teaching struct {
	Plan
	Run   string       `json:"run"` // an id of its own: a plan may be taught again
	Step  int          `json:"step"`
	Since clock.Millis `json:"since"` // when the step began
	Dealt int          `json:"dealt"` // the step whose parts the students have; noParts without any
}

// Teaching is the plan that a room follows, as its members see it.
type Teaching struct {
	Run      string       `json:"run"`
	PlanID   string       `json:"plan_id"`
	Title    Words        `json:"title"`
	Short    bool         `json:"short"`
	Step     int          `json:"step"` // from 0
	Steps    int          `json:"steps"`
	Activity string       `json:"activity"`
	Do       Words        `json:"do"`
	Prompts  []string     `json:"prompts"`
	Minutes  float64      `json:"minutes"`
	Since    clock.Millis `json:"since"` // when the step began
}

// shown is what members see of a plan; nil without one.
func (t *teaching) shown() *Teaching {
	if t == nil {
		return nil
	}
	s := t.Steps[t.Step]
	return &Teaching{
		Run: t.Run, PlanID: t.ID, Title: t.Title, Short: t.Short, Step: t.Step, Steps: len(t.Steps),
		Activity: s.Activity, Do: s.Do, Prompts: append([]string{}, s.Prompts...), Minutes: s.Minutes, Since: t.Since,
	}
}

// check says what is wrong with a plan.
func (p Plan) check() error {
	if len(p.Steps) == 0 || len(p.Steps) > MaxSteps {
		return badPayload(fmt.Sprintf("A lesson has from 1 to %d steps.", MaxSteps))
	}
	for i, s := range p.Steps {
		if field := s.Wrong(); field != "" {
			return badPayload(fmt.Sprintf("In step %d the field %s makes no sense.", i+1, field))
		}
	}
	return nil
}

// errNoPlan refuses a lesson whose plan the caller did not find.
var errNoPlan = &ControlError{"no_such_plan", "There is no such lesson plan."}

// BeginLesson makes the room follow a plan from its first step. Only teachers may.
// The error is a *ControlError, and then nothing has changed.
func (r *Room) BeginLesson(now clock.Millis, teacher bool, p Plan) ([]Change, error) {
	if !teacher {
		return nil, errUnauthorized
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lesson.plan = &teaching{Plan: p, Run: uuid.Must(uuid.NewV7()).String(), Dealt: noParts}
	return command{room: r, now: now}.follow(0), nil
}

// Lesson returns the plan that the room follows; false if it follows none.
func (r *Room) Lesson() (Plan, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lesson.plan == nil {
		return Plan{}, false
	}
	return r.lesson.plan.Plan, true // nothing changes its steps
}

// Session is the lesson of a room.
type Session struct {
	ID      string
	Visited bool   // a student is here, or was
	PlanID  string // of the plan that it follows; empty without one
	Plan    string // its title
}

// Session returns the session of the room as it is now.
func (r *Room) Session() Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Session{ID: r.lesson.session, Visited: r.lesson.visited}
	if t := r.lesson.plan; t != nil {
		s.PlanID, s.Plan = t.ID, t.Title.In(t.Language)
	}
	return s
}

// goToStep goes to a step of the plan.
func (c command) goToStep() ([]Change, error) {
	t := c.room.lesson.plan
	if t == nil {
		return nil, &ControlError{"no_lesson", "No lesson is running in this room."}
	}
	step, err := c.whole("step", 0, len(t.Steps)-1)
	if err != nil {
		return nil, err
	}
	return c.follow(step), nil
}

// endLesson ends the session, and with it the plan and the question. Answers
// that are on their way are kept all the same. The music goes on.
func (c command) endLesson() ([]Change, error) {
	l := &c.room.lesson
	var changes []Change
	if t := l.plan; t != nil && t.Dealt != noParts {
		changes = c.deal([]Part{}, t.Language)
	}
	empty := l.empty
	*l = newLesson()
	l.empty, l.visited = empty, c.room.roster.present()
	return append(changes, c.room.revision.lessonChanged(l)), nil
}

// follow begins a step: the room becomes as the step and those before it say.
// What is so already stays, and nobody hears of it.
func (c command) follow(at int) (changes []Change) {
	l := &c.room.lesson
	t := l.plan
	t.Step, t.Since = at, c.now
	s, dealt := upTo(t.Steps, at)
	if changed, any := c.room.settings.follow(s); any {
		changes = append(changes, c.room.revision.roomChanged(changed))
	}
	if dealt != t.Dealt {
		changes = append(changes, c.deal(s.Parts, t.Language)...)
		t.Dealt = dealt
	}
	if retimed, any := c.retimeFor(s); any {
		changes = append(changes, retimed)
	}
	if asks := s.Activity == ActivityReflect && len(s.Prompts) > 0; asks {
		from, to := barsPlayed(c.room.tempo.plan.At(c.now), c.now)
		l.ask(s.Prompts[0], from, to)
	} else {
		l.question, l.kept = nil, nil
	}
	return append(changes, c.room.revision.lessonChanged(l))
}

// follow takes over what a step sets. It reports whether that changes anything.
func (s *Settings) follow(step Step) (changed RoomChanged, any bool) {
	was := *s
	changed.Mode, changed.Grid, changed.Interval = take(&s.Mode, step.Mode), take(&s.Grid, step.Grid), take(&s.Interval, step.Interval)
	changed.Listening, changed.Scale = take(&s.Listening, step.Listening), take(&s.Scale, step.Scale)
	return changed, *s != was
}

// take sets a value that a step has, and returns it if it is another one.
func take[T comparable](value, wanted *T) *T {
	if wanted == nil || *wanted == *value {
		return nil
	}
	*value = *wanted
	return wanted
}

// retimeFor changes the tempo as a step says, by the rules of every change of it.
// It reports whether the plan of the tempo has changed.
func (c command) retimeFor(s Step) (Change, bool) {
	before := c.room.tempo.plan.Last().Revision
	c.room.tempo.retime(c.now, c.room.settings.CountIn, func(w *clock.Wish) {
		if s.Tempo != nil {
			w.BPM = *s.Tempo
		}
		if s.Meter != nil {
			w.Meter = *s.Meter
		}
		if s.Music != "" {
			w.Running = s.Music == MusicStart
		}
	})
	if c.room.tempo.plan.Last().Revision == before {
		return Change{}, false
	}
	return c.room.revision.tempoChanged(c.room.tempo.plan), true
}

// deal gives the students their parts, by seat. No parts at all give everybody
// every beat.
func (c command) deal(parts []Part, language string) (changes []Change) {
	n := 0
	for _, m := range c.room.roster.seats {
		if m == nil || !m.studies() {
			continue
		}
		part := Part{}
		if len(parts) > 0 {
			part = parts[n%len(parts)]
		}
		changes = append(changes, c.give(m, part, language)...)
		n++
	}
	return changes
}

// give gives one student a part. A member who is a teacher for now keeps that role.
func (c command) give(m *seated, p Part, language string) (changes []Change) {
	if role := p.roleIn(language); m.Role != role {
		m.Role = role
		changes = append(changes, c.room.revision.roleAssigned(m))
	}
	beats := append([]int{}, p.Beats...)
	slices.Sort(beats)
	if beats = slices.Compact(beats); !slices.Equal(m.Beats, beats) {
		m.Beats, m.beats = beats, beatBits(beats)
		changes = append(changes, c.room.revision.beatAssigned(m, beats))
	}
	if p.Instrument != "" && m.Instrument != p.Instrument {
		m.Instrument = p.Instrument
		change := c.room.revision.instrumentAssigned(m)
		change.Notes = c.room.voices.silence(nil, m.Seat, c.now)
		changes = append(changes, change)
	}
	return changes
}

// welcome gives a student who comes in the part that the fewest have.
func (c command) welcome(m *seated) []Change {
	t := c.room.lesson.plan
	if t == nil || !m.studies() {
		return nil
	}
	s, _ := upTo(t.Steps, t.Step)
	if len(s.Parts) == 0 {
		return nil
	}
	fewest, at := -1, 0
	for i, p := range s.Parts {
		role := p.roleIn(t.Language)
		n := 0
		for _, other := range c.room.roster.seats {
			if other != nil && other != m && other.Role == role && slices.Equal(other.Beats, p.Beats) {
				n++
			}
		}
		if fewest < 0 || n < fewest {
			fewest, at = n, i
		}
	}
	return c.give(m, s.Parts[at], t.Language)
}
