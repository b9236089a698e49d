package web

import (
	"net/http"
	"time"
)

// Kept is one kind of what the box keeps.
type Kept struct {
	// What is the name of the bucket, or of the table with its schema.
	What string `json:"what"`
	// Rows is how many there are now. Check-ins are not counted: their number would say
	// who may be asked.
	Rows *int `json:"rows"`
	// Hours is how long a row stays. 0 is until somebody deletes it.
	Hours int `json:"hours"`
	// Fields are the columns of a table, with those that no caller sees.
	Fields []string `json:"fields"`
	// OwnKey says that each row is sealed with the key of the child whose it is, which
	// forgetting the child destroys.
	OwnKey bool `json:"own_key"`
	// School says that the rows go to the school's database.
	School bool `json:"school"`
}

// KeptReply is what the box keeps, and who has read the words of students.
type KeptReply struct {
	Kept    []Kept   `json:"kept"`
	Readers []Reader `json:"readers"` // the latest first
}

// Reader is somebody who has read reflections.
type Reader struct {
	By   string    `json:"by"` // as in the access log
	How  string    `json:"how"`
	Rows int       `json:"rows"` // how many in all; one that was read twice counts twice
	Last time.Time `json:"last"`
}

// listKept tells the teacher what the box keeps, from what is there and how it is set.
func (s *Site) listKept(w http.ResponseWriter, r *http.Request) error {
	kept, err := s.cfg.Kept()
	if err != nil {
		return err
	}
	log, err := s.cfg.Records.Log(r.Context())
	if err != nil {
		return err
	}
	reply := KeptReply{Kept: kept, Readers: []Reader{}}
	at := map[[2]string]int{}
	for _, a := range log { // newest first
		i, known := at[[2]string{a.By, a.How}]
		if !known {
			i = len(reply.Readers)
			at[[2]string{a.By, a.How}] = i
			reply.Readers = append(reply.Readers, Reader{By: a.By, How: a.How, Last: a.At})
		}
		reply.Readers[i].Rows += len(a.Rows)
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}
