package table

import (
	"regexp"
	"runtime"
	"sync"
	"weak"
)

// Payment pays for what a filter holds while it lives. A nil Payment charges
// nobody and shares nothing, for the filters of the box itself.
type Payment struct {
	// Charge is called before bytes are held. If it returns an error, the filter is
	// not made. Nil charges nobody.
	Charge func(bytes int) error
	// Patterns shares compiled patterns. Nil shares none.
	Patterns *Patterns
}

// UnpaidError is an error of [Payment.Charge].
type UnpaidError struct{ Err error }

// Error returns the error of Charge.
func (e *UnpaidError) Error() string { return e.Err.Error() }

// Unwrap returns the error of Charge.
func (e *UnpaidError) Unwrap() error { return e.Err }

// charge charges for some bytes. The error is *UnpaidError.
func (p *Payment) charge(bytes int) error {
	if p == nil || p.Charge == nil {
		return nil
	}
	if err := p.Charge(bytes); err != nil {
		return &UnpaidError{err}
	}
	return nil
}

// compile compiles an expression, or finds it among those that are shared.
func (p *Payment) compile(expression string) (*regexp.Regexp, error) {
	if p == nil || p.Patterns == nil {
		return regexp.Compile(expression)
	}
	return p.Patterns.compile(expression)
}

// Patterns are compiled patterns by their text, so that clients with the same
// filter share one. It holds none of them: a pattern goes with its last filter.
// It is safe for concurrent use.
type Patterns struct {
	mu     sync.Mutex // guards byText
	byText map[string]weak.Pointer[regexp.Regexp]
}

// NewPatterns returns an empty set.
func NewPatterns() *Patterns {
	return &Patterns{byText: make(map[string]weak.Pointer[regexp.Regexp])}
}

func (p *Patterns) compile(expression string) (*regexp.Regexp, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if shared := p.byText[expression].Value(); shared != nil {
		return shared, nil
	}
	made, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	p.byText[expression] = weak.Make(made)
	runtime.AddCleanup(made, p.forget, expression)
	return made, nil
}

// forget forgets a pattern that no filter holds any more.
func (p *Patterns) forget(expression string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byText[expression].Value() == nil {
		delete(p.byText, expression)
	}
}
