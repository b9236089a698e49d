package ratelimit

// New names of one member, which every page of the room shows: a few tries, then
// no more than people can read.
const (
	namesPerSecond = 0.5
	NamesBurst     = 5
)

// NewNameBudget limits the new names of each member, by whichever way they come.
func NewNameBudget() *Budget { return NewBudget(namesPerSecond, NamesBurst) }

// Instruments that students choose. Each choice is written to the disk: a few a
// second from one address are enough for a class that tries them all, and a card
// bears them.
const (
	instrumentsPerSecond = 2
	InstrumentsBurst     = 80
)

// NewInstrumentBudget limits the instruments that each address chooses.
func NewInstrumentBudget() *Budget { return NewBudget(instrumentsPerSecond, InstrumentsBurst) }
