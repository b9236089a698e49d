package store

import (
	"context"
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
)

// Check looks at the rows that a write would return, before anything is kept.
// Its error undoes the write and becomes the write's own. nil checks nothing.
type Check func(rows []table.Row) error

// Edited is what a write did.
type Edited struct {
	Rows     []table.Row // as they are now, or were before they were deleted
	Inserted int         // how many of them are new
}

// Insert adds rows with those values and the defaults of the table.
func (r *Rows) Insert(ctx context.Context, values []table.Row, check Check) (Edited, error) {
	return r.add(ctx, values, check, func(*edit, found, table.Row) error { return errTaken })
}

// Merge adds rows, or where there is one with the same key changes the values
// that are named.
func (r *Rows) Merge(ctx context.Context, values []table.Row, check Check) (Edited, error) {
	return r.add(ctx, values, check, func(e *edit, old found, values table.Row) error { return e.alter(old, values) })
}

// Fill adds rows where there is none with the same key. Those that it leaves
// out are not returned.
func (r *Rows) Fill(ctx context.Context, values []table.Row, check Check) (Edited, error) {
	return r.add(ctx, values, check, func(*edit, found, table.Row) error { return nil })
}

// Update changes values of the rows that a filter keeps.
func (r *Rows) Update(ctx context.Context, filter table.Filter, values table.Row, check Check) (Edited, error) {
	if _, err := r.table.Alter(table.Row{}, values, time.Time{}); err != nil {
		return Edited{}, err // also where no row is kept
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

// conflict decides about a new row whose key is taken: by old, or with a zero
// old by another row of the same write.
type conflict func(e *edit, old found, values table.Row) error

// errTaken is told as a duplicate key.
var errTaken = &table.Error{Code: table.CodeDuplicate}

// add makes new rows and puts them where their keys are free.
func (r *Rows) add(ctx context.Context, values []table.Row, check Check, taken conflict) (Edited, error) {
	rows, at := make([]table.Row, len(values)), time.Now()
	for i, v := range values {
		row, err := r.table.Make(v, at)
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

// edit carries out changes of rows in one transaction.
func (r *Rows) edit(ctx context.Context, check Check, change func(*edit) error) (Edited, error) {
	done, err := r.store.do(ctx, func(tx *bbolt.Tx) (effect, error) {
		b, err := r.bucket(tx)
		if err != nil {
			return effect{}, err
		}
		e := &edit{Rows: r, tx: tx, bucket: b, at: time.Now(), touched: make(map[string]bool)}
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

// edit is a write to a table in the making.
type edit struct {
	*Rows
	tx      *bbolt.Tx
	bucket  *bbolt.Bucket
	at      time.Time
	effect  effect
	touched map[string]bool // keys that this write has put or deleted
	size    int             // of the rows that it has put, as JSON
}

// add puts a new row, or lets taken decide if its key is not free.
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
		if old.row, err = e.parse(raw); err != nil {
			return err
		}
	}
	if err := taken(e, old, values); err != errTaken {
		return err
	}
	return e.table.Duplicate(row)
}

// alter changes a row, and moves it if that changes its key.
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
	}
	return e.put(key, table.Change{Op: table.OpUpdate, New: row, Old: old.row})
}

// put keeps the new row of a change under a key.
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
	e.effect.ops = append(e.effect.ops, Op{Bucket: bucketOf(e.table), Key: key, Value: raw})
	return e.note(key, c.New, c)
}

// remove deletes a row.
func (e *edit) remove(f found) error {
	e.effect.ops = append(e.effect.ops, Op{Bucket: bucketOf(e.table), Key: f.key})
	return e.note(f.key, f.row, table.Change{Op: table.OpDelete, Old: f.row})
}

// note remembers a change of this write, and the row that its caller gets.
func (e *edit) note(key string, row table.Row, c table.Change) error {
	if len(e.effect.rows) == MaxRows {
		return table.TooMuch("one request writes at most %d rows", MaxRows)
	}
	c.Table = e.table
	e.touched[key] = true
	e.effect.rows = append(e.effect.rows, row)
	e.effect.changes = append(e.effect.changes, c)
	return nil
}
