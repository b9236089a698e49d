package web

// nameHealth is how the box is found by name, for monitors.
type nameHealth struct {
	State     string `json:"state"` // on or off
	Name      string `json:"name,omitempty"`
	Contested bool   `json:"contested"`
	Problem   string `json:"problem,omitempty"`
	Message   string `json:"message,omitempty"` // Problem as a sentence
}

// nameHealth returns nil if the box does not look for a name.
func (s *Site) nameHealth() *nameHealth {
	if s.cfg.Found == nil {
		return nil
	}
	f := s.cfg.Found()
	return &nameHealth{f.State, f.Name, f.Contested, f.Problem, f.Sentence}
}
