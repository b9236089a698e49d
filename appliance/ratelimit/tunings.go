package ratelimit

// Changes of one member's keyboards, which the box remembers: a few presses, then no
// more than a finger does.
const (
	tuningsPerSecond = 2
	tuningsBurst     = 10
)

// NewTuningBudget limits how often each member changes their keyboards.
func NewTuningBudget() *Budget { return NewBudget(tuningsPerSecond, tuningsBurst) }
