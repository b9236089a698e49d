package web

import (
	"net/http"

	"github.com/google/uuid"

	"downbeat.local/appliance/table"
)

// Sync is how the sync with the school's database stands.
type Sync struct {
	// State is connecting, working, waiting (the next attempt comes by itself)
	// or paused (a person has to act).
	State   string  `json:"state"`
	Pending int     `json:"pending"`  // rows that wait
	OldestS float64 `json:"oldest_s"` // how long the first of them has waited
	Aside   int     `json:"set_aside"`
	// Stuck says that rows wait and nothing has moved for a minute.
	Stuck   bool     `json:"stuck"`
	Problem string   `json:"problem,omitempty"` // a sentence
	Reason  string   `json:"reason,omitempty"`  // the same in a word, as upstream.Reason
	Warning string   `json:"warning,omitempty"` // a sentence
	Reasons []string `json:"reasons,omitempty"` // why rows were set aside
}

// sync is the reply's part about the school's database; nil without one.
func (s *Site) sync() *Sync {
	if s.cfg.Sync == nil {
		return nil
	}
	return s.cfg.Sync()
}

// whereabouts says where the rows of a table are: "school" if they have reached its
// database, and "box" otherwise, also for rows that are not known. Only their author
// knows the id.
func (s *Site) whereabouts(t *table.Table) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		reply := struct {
			At string `json:"at"`
		}{"box"}
		id, err := uuid.Parse(r.PathValue("id"))
		if err != nil {
			return errNoPage
		}
		if s.cfg.AtSchool != nil {
			there, err := s.cfg.AtSchool(t, id.String())
			if err != nil {
				return err
			}
			if there {
				reply.At = "school"
			}
		}
		writeJSON(w, http.StatusOK, reply)
		return nil
	}
}
