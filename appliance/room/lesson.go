package room

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"downbeat.local/sync/clock"
)

// sessionGap is how long nobody has to be in a room until the next student begins
// another session. It is longer than a restart of the Wi-Fi and shorter than the
// break between two classes that use one room.
const sessionGap = 20 * time.Minute

// barsAsked is how many of the bars just played a question is about, unless the
// teacher says it.
const barsAsked = 8

// MaxPrompt is the longest question, in characters.
const MaxPrompt = 500

// maxBar bounds the bars of a question: a day at 300 beats a minute in 1/4.
const maxBar = 1 << 20

// lesson is the session of a room and the question that its students answer.
// Room.mu guards it.
type lesson struct {
	session  string
	empty    clock.Millis // when the last student left; 0 while one is here
	question *Question
	kept     map[string]bool // ids of the members whose answers are kept
	plan     *teaching       // nil without one
	visited  bool            // a student was here in this session
	checkIn  *CheckIn        // nil while none runs
	ready    map[string]bool // ids of the members who are ready with it
	over     []string        // ids of the last check-ins that ended, at most maxOver, oldest first
}

// maxOver is how many check-ins that have ended a room knows: one before the music
// and one after.
const maxOver = 2

func newLesson() lesson {
	return lesson{session: uuid.Must(uuid.NewV7()).String()}
}

// Lesson is what members see of the session: a part of room_state.
type Lesson struct {
	Session    string    `json:"session_id"`
	Reflection *Question `json:"reflection"` // what students may answer now; null is nothing
	// Teaching is the lesson plan that the room follows; without one it is missing.
	Teaching *Teaching `json:"teaching,omitempty"`
	// CheckIn is the check-in that runs; without one it is missing.
	CheckIn *CheckIn `json:"check_in,omitempty"`
}

// CheckIn asks the class to begin with a card: how they feel, or which music they
// would like. The room does not know who gets which.
type CheckIn struct {
	ID    string `json:"id"`
	Ready int    `json:"ready"` // how many members have answered or skipped
}

// Question is what the teacher asks the class to reflect on.
type Question struct {
	ID     string `json:"id"`
	Prompt string `json:"prompt"` // a name of the web app's list, or the teacher's own words
	// The bars that it is about, counted from the last start.
	FromBar int `json:"from_bar"`
	ToBar   int `json:"to_bar"`
	Kept    int `json:"kept"` // how many members' answers the box has kept
}

// shown is the lesson as members see it. The copy outlives Room.mu.
func (l *lesson) shown() Lesson {
	s := Lesson{Session: l.session, Teaching: l.plan.shown()}
	if l.question != nil {
		q := *l.question
		q.Kept = len(l.kept)
		s.Reflection = &q
	}
	if l.checkIn != nil {
		s.CheckIn = &CheckIn{ID: l.checkIn.ID, Ready: len(l.ready)}
	}
	return s
}

// enter notes that a student is here. It begins another session if the room was
// empty for long, and reports whether it did.
func (l *lesson) enter(now clock.Millis) bool {
	since := l.empty
	l.empty = 0
	again := since > 0 && now >= since.Add(sessionGap)
	if again {
		*l = newLesson()
	}
	l.visited = true
	return again
}

// leave notes that a student has left. others reports whether any is still here.
func (l *lesson) leave(now clock.Millis, others bool) {
	if !others && l.empty == 0 {
		l.empty = now
	}
}

// askReflection asks the class a question.
func (c command) askReflection() (Change, error) {
	prompt, err := c.text("prompt")
	if err != nil {
		return Change{}, err
	}
	if n := utf8.RuneCountInString(prompt); n == 0 || n > MaxPrompt {
		return Change{}, badPayload(fmt.Sprintf("prompt must have from 1 to %d letters.", MaxPrompt))
	}
	from, to := barsPlayed(c.room.tempo.plan.At(c.now), c.now)
	for name, bar := range map[string]*int{"from_bar": &from, "to_bar": &to} {
		asked, err := optional(c.request, name, func() (int, error) { return c.whole(name, 0, maxBar) })
		if err != nil {
			return Change{}, err
		}
		if asked != nil {
			*bar = *asked
		}
	}
	if from > to {
		return Change{}, badPayload("from_bar must not be after to_bar.")
	}
	c.room.lesson.ask(prompt, from, to)
	return c.room.revision.lessonChanged(&c.room.lesson), nil
}

// ask begins a question about some bars. It ends a check-in.
func (l *lesson) ask(prompt string, from, to int) {
	l.endCheckIn()
	l.question = &Question{ID: uuid.Must(uuid.NewV7()).String(), Prompt: prompt, FromBar: from, ToBar: to}
	l.kept = map[string]bool{}
}

// endReflection closes the question. Answers that are on their way are kept all
// the same.
func (c command) endReflection() (Change, error) {
	c.room.lesson.question, c.room.lesson.kept = nil, nil
	return c.room.revision.lessonChanged(&c.room.lesson), nil
}

// barsPlayed returns the bars just played: the last few up to the present one, or
// up to the stop.
func barsPlayed(t clock.Timeline, now clock.Millis) (from, to int) {
	to = t.Bar0 - 1
	if t.Running {
		to, _ = t.Bar(t.BeatAt(now))
	}
	to = max(0, to)
	return max(0, to-barsAsked+1), to
}

// askCheckIn gives every student a card. It ends a question and the check-in before.
func (c command) askCheckIn() (Change, error) {
	l := &c.room.lesson
	l.endCheckIn()
	l.question, l.kept = nil, nil
	l.checkIn, l.ready = &CheckIn{ID: uuid.Must(uuid.NewV7()).String()}, map[string]bool{}
	return c.room.revision.lessonChanged(l), nil
}

// endCheckIn takes the cards back. Answers that are on their way are kept all the
// same, and count in no sum.
func (c command) endCheckIn() (Change, error) {
	c.room.lesson.endCheckIn()
	return c.room.revision.lessonChanged(&c.room.lesson), nil
}

func (l *lesson) endCheckIn() {
	if l.checkIn != nil {
		l.over = append(slices.Clone(l.over), l.checkIn.ID)
		l.over = l.over[max(0, len(l.over)-maxOver):]
	}
	l.checkIn, l.ready = nil, nil
}

// Ready notes that a member has answered or skipped a check-in.
func (r *Room) Ready(id, checkIn string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &r.lesson
	if m := r.roster.byID[id]; m == nil || !m.studies() || l.checkIn == nil || l.checkIn.ID != checkIn || l.ready[id] {
		return nil
	}
	l.ready[id] = true
	return []Change{r.revision.lessonChanged(l)}
}

// CheckIns returns the id of the check-in that runs, empty without one, and those of
// the last two that ended in this session, oldest first.
func (r *Room) CheckIns() (running string, over []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.lesson.checkIn; c != nil {
		running = c.ID
	}
	return running, r.lesson.over // nothing changes it in place
}

// Kept notes that the answer of a member is kept.
func (r *Room) Kept(id string) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &r.lesson
	if r.roster.byID[id] == nil || l.question == nil || l.kept[id] {
		return nil
	}
	l.kept[id] = true
	return []Change{r.revision.lessonChanged(l)}
}

// Missing lists the students who are here with a page and have no answer kept, by seat. It is
// empty without a question.
func (r *Room) Missing() (missing []Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lesson.question == nil {
		return nil
	}
	for _, m := range r.roster.seats {
		if m != nil && m.conns > 0 && m.studies() && !r.lesson.kept[m.ID] {
			missing = append(missing, m.Member)
		}
	}
	return missing
}

// restore continues the session of a snapshot. After a restart of the machine it
// is unknown how long the room was empty, so another one begins.
func (l *lesson) restore(s Snapshot, now clock.Millis, sameBoot bool) error {
	if s.Session == "" || !sameBoot {
		return nil
	}
	if err := uuid.Validate(s.Session); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	l.session, l.empty, l.question = s.Session, now, s.Question
	if l.checkIn, l.over = s.CheckIn, s.CheckInsOver; l.checkIn != nil {
		if err := uuid.Validate(l.checkIn.ID); err != nil {
			return fmt.Errorf("check-in: %w", err)
		}
		l.ready = map[string]bool{}
		for _, id := range s.Ready {
			l.ready[id] = true
		}
	}
	if t := s.Teaching; t != nil {
		if err := t.check(); err != nil {
			return fmt.Errorf("lesson plan: %w", err)
		}
		if t.Step < 0 || t.Step >= len(t.Steps) {
			return fmt.Errorf("lesson plan: step %d of %d", t.Step, len(t.Steps))
		}
		l.plan = t
	}
	if l.question == nil {
		return nil
	}
	l.kept = map[string]bool{}
	for _, id := range s.Kept {
		l.kept[id] = true
	}
	return nil
}
