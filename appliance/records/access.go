package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// Access is one entry of the access log: somebody read rows of students.
type Access struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`   // "teacher" or "service", and the id in their token
	How  string    `json:"how"`  // "read", "live" or "export"
	Rows []string  `json:"rows"` // their ids
}

// shownAccess is how many entries a page shows.
const shownAccess = 500

// Read notes that a caller has read rows, unless they are the caller's own.
func (r *Records) Read(by table.Caller, how string, t *table.Table, rows []table.Row) {
	if t != r.cfg.Table || !by.Teacher {
		return
	}
	others := slices.DeleteFunc(slices.Clone(rows), func(row table.Row) bool { return t.OwnerOf(row) == by.Subject })
	if len(others) > 0 {
		r.note(Access{By: nameOf(by), How: how, Rows: r.keys(others)})
	}
}

func nameOf(by table.Caller) string {
	name := "teacher"
	if by.Role == "service_role" {
		name = "service"
	}
	if by.Subject != "" {
		name += " " + table.Shorten(by.Subject)
	}
	return name
}

// note queues an entry. What the same reader reads in the same way meanwhile joins
// it.
func (r *Records) note(a Access) {
	if len(a.Rows) == 0 {
		return
	}
	a.At = time.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.waiting {
		w := &r.waiting[i]
		if w.By == a.By && w.How == a.How && len(w.Rows)+len(a.Rows) <= store.MaxRows {
			w.Rows = append(w.Rows, a.Rows...)
			return
		}
	}
	if len(r.waiting) >= maxWaiting {
		r.cfg.Log.Warn("the disk does not keep up with the access log, leaving an entry out")
		return
	}
	r.waiting = append(r.waiting, a)
}

// flush writes the entries that wait. Those that the disk refuses wait again.
func (r *Records) flush(ctx context.Context) {
	r.mu.Lock()
	waiting := r.waiting
	r.waiting = nil
	r.mu.Unlock()
	if len(waiting) == 0 {
		return
	}
	ops := make([]store.Op, len(waiting))
	for i, a := range waiting {
		op, err := store.JSON(store.Accesses, uuid.Must(uuid.NewV7()).String(), a)
		if err != nil {
			panic(err) // a bug: these are plain structs
		}
		ops[i] = op
	}
	if err := r.cfg.Store.Write(ctx, ops...); err != nil {
		r.cfg.Log.Warn("cannot write the access log, trying again", "err", err)
		r.mu.Lock()
		r.waiting = append(waiting, r.waiting...)
		r.mu.Unlock()
	}
}

// Log returns the latest entries of the access log, newest first.
func (r *Records) Log(ctx context.Context) ([]Access, error) {
	r.flush(ctx)
	rows, err := r.cfg.Store.List(store.Accesses)
	if err != nil {
		return nil, err
	}
	all := decode[Access](rows[max(0, len(rows)-shownAccess):])
	slices.Reverse(all)
	return all, nil
}

// sweepAccess deletes old entries.
func (r *Records) sweepAccess(ctx context.Context) error {
	rows, err := r.cfg.Store.List(store.Accesses)
	if err != nil {
		return err
	}
	before := time.Now().Add(-keepAccess)
	var ops []store.Op
	for _, row := range rows {
		var a Access
		if json.Unmarshal(row.Value, &a) == nil && a.At.Before(before) && len(ops) < store.MaxRows {
			ops = append(ops, store.Op{Bucket: store.Accesses, Key: row.Key})
		}
	}
	if len(ops) == 0 {
		return nil
	}
	if err := r.cfg.Store.Write(ctx, ops...); err != nil {
		return fmt.Errorf("sweep the access log: %w", err)
	}
	return nil
}
