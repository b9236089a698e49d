package upstream

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// State is what an Upstream does.
type State string

// The states.
const (
	Connecting State = "connecting" // the first attempt is under way
	Working    State = "working"    // connected
	Waiting    State = "waiting"    // something failed that passes: the next attempt comes by itself
	Paused     State = "paused"     // somebody has to act
)

// Patience is how long rows may wait without progress before a person should
// look.
const Patience = time.Minute

// Status is how the sync stands.
type Status struct {
	State   State
	Problem string // a sentence; "" without a problem
	Reason  Reason // the same in a word
	Warning string // a sentence; "" without a warning
	Pending int
	Lag     time.Duration // how long the first of the pending rows has waited
	Aside   int           // rows that the upstream does not take
	Reasons []string      // why it does not
	// Stuck says that rows wait and nothing has moved for Patience.
	Stuck bool
}

// status is what a session tells of itself.
type status struct {
	mu      sync.Mutex // guards what follows
	state   State
	problem string
	reason  Reason
	held    string    // why tables wait
	stalled bool      // changes from the upstream stand still
	moved   time.Time // when something was last sent, or nothing waited
}

func (s *status) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.moved = Connecting, time.Now()
}

// sentenceStalled warns of a session that somebody has left open.
const sentenceStalled = "somebody has kept a transaction open in the school's database for minutes: what is written there comes late"

// stall notes whether changes from the upstream stand still.
func (s *status) stall(still bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = still
}

// hold notes why tables wait.
func (s *status) hold(held map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = strings.Join(slices.Sorted(maps.Values(held)), "; ")
}

// working notes that everything that can be sent was sent, and reports whether
// that is news.
func (s *status) working() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved = time.Now()
	state := Working
	if s.held != "" {
		state = Paused
	}
	news := s.state != state || s.problem != s.held
	s.state, s.problem, s.reason = state, s.held, ""
	if s.held != "" {
		s.reason = Outdated
	}
	return news
}

// failed notes a problem, and reports whether it is news.
func (s *status) failed(p *problem) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := Waiting
	if p.kind == refused {
		state = Paused
	}
	news := s.problem != p.sentence
	s.state, s.problem, s.reason = state, p.sentence, p.reason
	return news
}

// progress notes that rows have moved.
func (s *status) progress() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved = time.Now()
}

// Status reads how the sync stands, from the rows of tables that are counted.
func (u *Upstream) Status() (Status, error) {
	waiting, err := u.out.Status(func(name string) bool {
		return slices.ContainsFunc(u.tables, func(t prepared) bool { return t.Uncounted && t.name == name })
	})
	if err != nil {
		return Status{}, err
	}
	u.status.mu.Lock()
	defer u.status.mu.Unlock()
	st := Status{
		State: u.status.state, Problem: u.status.problem, Reason: u.status.reason,
		Pending: waiting.Pending, Aside: waiting.Aside,
	}
	if u.status.stalled {
		st.Warning = sentenceStalled
	}
	for _, r := range waiting.Refused {
		if !slices.Contains(st.Reasons, r.Reason) {
			st.Reasons = append(st.Reasons, r.Reason)
		}
	}
	if waiting.Pending > 0 {
		st.Lag = max(0, u.out.Clock().Moment().Sub(waiting.Oldest))
		st.Stuck = time.Since(u.status.moved) > Patience
	}
	return st, nil
}
