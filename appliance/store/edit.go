package store

import (
	"context"
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
)

// Check sees the rows that a write would return, before anything is stored. Its
// error stops the write and becomes the error of the write. A nil Check checks
// nothing.
type Check func(rows []table.Row) error

// Edited is the result of a write.
type Edited struct {
	Rows     []table.Row // as they are now, or as they were before a delete
	Inserted int         // how many of Rows are new
}

// Insert adds rows with those values and the table's defaults.
func (r *Rows) Insert(ctx context.Context, values []table.Row, check Check) (Edited, error) {
	return r.add(ctx, values, check, func(*edit, found, table.Row) error { return errTaken })
}

// Merge adds rows. If a row with the same key exists, it changes the given values
// of that row.
func (r *Rows) Merge(ctx context.Context, values []table.Row, check Check) (Edited, error) {
	return r.add(ctx, values, check, func(e *edit, old found, values table.Row) error { return e.alter(old, values) })
}

// Fill adds rows, except those whose key exists. It returns only the added ones.
func (r *Rows) Fill(ctx context.Context, values []table.Row, check Check) (Edited, error) {
	return r.add(ctx, values, check, func(*edit, found, table.Row) error { return nil })
}

// Update changes values of the rows that a filter keeps.
func (r *Rows) Update(ctx context.Context, filter table.Filter, values table.Row, check Check) (Edited, error) {
	if err := r.table.Alterable(values); err != nil {
		return Edited{}, err // even if the filter keeps no row
	}
	return r.edit(ctx, check, func(e *edit) error {
		return r.each(ctx, e.tx, table.Select|table.Update, filter, func(f found) error { return e.alter(f, values) })
	})
}

// Delete removes the rows that a filter keeps.
func (r *Rows) Delete(ctx context.Context, filter table.Filter, check Check) (Edited, error) {
	return r.edit(ctx, check, func(e *edit) error {
		return r.each(ctx, e.tx, table.Select|table.Delete, filter, e.remove)
	})
}

// conflict decides about a new row whose key is taken by old. A zero old means
// that another row of the same write has the key.
type conflict func(e *edit, old found, values table.Row) error

// errTaken becomes the error for a duplicate key.
var errTaken = &table.Error{Code: table.CodeDuplicate}

// add makes new rows and stores those whose keys are free.
func (r *Rows) add(ctx context.Context, values []table.Row, check Check, taken conflict) (Edited, error) {
	rows, at := make([]table.Row, len(values)), time.Now()
	for i, v := range values {
		row, err := r.rights.Make(r.table, v, at)
		if err != nil {
			return Edited{}, err
		}
		rows[i] = row
	}
	return r.edit(ctx, check, func(e *edit) error {
		for i, row := range rows {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := e.add(row, values[i], taken); err != nil {
				return err
			}
		}
		return nil
	})
}

// edit makes changes of rows in one transaction.
func (r *Rows) edit(ctx context.Context, check Check, change func(*edit) error) (Edited, error) {
	done, err := r.store.do(ctx, func(tx *bbolt.Tx) (effect, error) {
		e, err := r.begin(tx)
		if err != nil {
			return effect{}, err
		}
		if err := change(e); err != nil {
			return effect{}, err
		}
		if check != nil {
			err = check(e.effect.rows)
		}
		return e.effect, err
	})
	return Edited{Rows: done.rows, Inserted: done.inserted}, err
}

// begin begins a write in a transaction.
func (r *Rows) begin(tx *bbolt.Tx) (*edit, error) {
	b, err := r.bucket(tx)
	if err != nil {
		return nil, err
	}
	return &edit{Rows: r, tx: tx, bucket: b, at: time.Now(), touched: make(map[string]bool)}, nil
}

// edit is a write to a table in progress.
type edit struct {
	*Rows
	tx      *bbolt.Tx
	bucket  *bbolt.Bucket
	at      time.Time
	effect  effect
	touched map[string]bool // keys that this write has stored or deleted
	size    int             // of the rows that it has stored, as JSON
}

// add stores a new row, or asks taken if its key is not free.
func (e *edit) add(row, values table.Row, taken conflict) error {
	if !e.rights.May(table.Insert, row) {
		return e.table.Forbidden()
	}
	key := e.table.KeyOf(row)
	raw := e.bucket.Get([]byte(key))
	if raw == nil && !e.touched[key] {
		e.effect.inserted++
		return e.put(key, table.Change{Op: table.OpInsert, New: row})
	}
	old := found{key: key}
	if !e.touched[key] {
		var err error
		if old.row, err = e.parse(e.tx, key, raw); err != nil {
			return err
		}
	}
	if err := taken(e, old, values); err != errTaken {
		return err
	}
	return e.table.Duplicate(row)
}

// alter changes a row, and moves it if its key changes.
func (e *edit) alter(old found, values table.Row) error {
	if old.row == nil {
		return &table.Error{
			Code: table.CodeCardinality, Message: "ON CONFLICT DO UPDATE command cannot affect row a second time",
			Hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
		}
	}
	row, err := e.table.Alter(old.row, values, e.at)
	if err != nil {
		return err
	}
	if !e.rights.May(table.Select|table.Update, old.row) || !e.rights.May(table.Update, row) {
		return e.table.Forbidden()
	}
	key := e.table.KeyOf(row)
	if key != old.key {
		if e.touched[key] || e.bucket.Get([]byte(key)) != nil {
			return e.table.Duplicate(row)
		}
		e.effect.ops = append(e.effect.ops, Op{Bucket: bucketOf(e.table), Key: old.key})
		e.version(old.key, true)
	}
	return e.put(key, table.Change{Op: table.OpUpdate, New: row, Old: old.row})
}

// put stores the new row of a change under a key.
func (e *edit) put(key string, c table.Change) error {
	raw, err := json.Marshal(c.New)
	switch {
	case err != nil:
		return err
	case len(raw) > MaxRow:
		return table.TooMuch("a row is longer than %d MiB", MaxRow>>20)
	case e.size+len(raw) > MaxSorted:
		return table.TooMuch("one request writes at most %d MiB", MaxSorted>>20)
	case key == "" || len(key) > MaxKey:
		return table.TooMuch("the key of a row has from 1 to %d bytes", MaxKey)
	}
	e.size += len(raw)
	e.effect.ops = append(e.effect.ops, Op{Bucket: bucketOf(e.table), Key: key, Value: raw, Owner: e.table.OwnerOf(c.New)})
	return e.record(key, c.New, c)
}

// remove deletes a row.
func (e *edit) remove(f found) error {
	e.effect.ops = append(e.effect.ops, Op{Bucket: bucketOf(e.table), Key: f.key})
	return e.record(f.key, f.row, table.Change{Op: table.OpDelete, Old: f.row})
}

// record adds a change to this write, and the row to its result.
func (e *edit) record(key string, row table.Row, c table.Change) error {
	if len(e.effect.rows) == MaxRows {
		return table.TooMuch("one request writes at most %d rows", MaxRows)
	}
	c.Table, c.Request = e.table, e.request
	e.touched[key] = true
	e.version(key, c.New == nil)
	e.effect.rows = append(e.effect.rows, row)
	e.effect.changes = append(e.effect.changes, c)
	return nil
}

// version notes for the outbox that a row was written or deleted.
func (e *edit) version(key string, deleted bool) {
	v := version{table: e.table.FullName(), key: key}
	v.Deleted = deleted
	e.effect.versions = append(e.effect.versions, v)
}
