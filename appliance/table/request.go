package table

import (
	"slices"
	"sync"
)

// Request is a request that writes rows. The program that made it is to see its
// changes after the answer: a program that adds the row of the answer to a list,
// and then the row of the change unless the list has it, must not show it twice.
type Request struct {
	names []string // of the program

	mu       sync.Mutex // guards what follows
	answered bool
	then     []func()
}

// NewRequest returns a request of the program that has those names.
func NewRequest(names ...string) *Request { return &Request{names: names} }

// IsOf reports whether the program that made the request has one of some names.
// A nil request is of the box itself.
func (r *Request) IsOf(names []string) bool {
	return r != nil && slices.ContainsFunc(names, func(name string) bool { return slices.Contains(r.names, name) })
}

// Answered says that the answer has left, or never will.
func (r *Request) Answered() {
	r.mu.Lock()
	then := r.then
	r.answered, r.then = true, nil
	r.mu.Unlock()
	for _, f := range then {
		f()
	}
}

// AfterAnswer calls f once the answer has left. f must not block.
func (r *Request) AfterAnswer(f func()) {
	r.mu.Lock()
	if !r.answered {
		r.then = append(r.then, f)
		r.mu.Unlock()
		return
	}
	r.mu.Unlock()
	f()
}
