package store

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
)

// The bounds on one request to a table. Beyond them it gets a *table.Error
// with the code table.CodeTooMuch.
const (
	MaxRows   = 1000    // rows that are read or written at once
	MaxRow    = 1 << 20 // bytes of a row as JSON
	MaxSorted = 8 << 20 // bytes of the rows that are put in order, or returned, or written
)

// Rows is a table as one caller may read and write it. Its errors are
// *table.Error where the caller is to blame.
type Rows struct {
	store  *Store
	table  *table.Table
	rights table.Rights
}

// Rows gives somebody with those rights a table. The table must be among
// Config.Tables.
func (s *Store) Rows(t *table.Table, r table.Rights) *Rows {
	return &Rows{store: s, table: t, rights: r}
}

// Query says which rows to read.
type Query struct {
	Filter table.Filter
	Order  table.Order // empty means the order of the keys
	Offset int         // rows to leave out first, not below 0
	Limit  int         // rows to return at most, 0 to MaxRows
	Count  bool        // whether to count all rows that there are
}

// Select returns the rows that a query means. total is how many there are
// without offset and limit, or -1 if they were not counted. The rows are the
// caller's to keep.
func (r *Rows) Select(ctx context.Context, q Query) (rows []table.Row, total int, err error) {
	c := &collector{query: q, end: q.Offset + min(q.Limit, MaxRows)}
	err = r.store.db.View(func(tx *bbolt.Tx) error {
		return r.each(ctx, tx, table.Select, q.Filter, c.take)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, 0, err
	}
	rows = c.rows
	if len(q.Order) > 0 {
		q.Order.Sort(rows)
		rows = rows[min(q.Offset, len(rows)):min(c.end, len(rows))]
	}
	if !q.Count {
		return rows, -1, nil
	}
	return rows, c.total, nil
}

// collector gathers rows until a query has what it needs.
type collector struct {
	query Query
	end   int // of the rows that are returned
	rows  []table.Row
	total int // of the rows that were seen
	size  int // of rows, as JSON
}

// errEnough ends a walk through a table.
var errEnough = errors.New("enough rows")

func (c *collector) take(f found) error {
	at := c.total
	c.total++
	if len(c.query.Order) == 0 {
		switch {
		case at < c.query.Offset:
			return nil
		case at >= c.end && c.query.Count:
			return nil
		case at >= c.end:
			return errEnough
		}
	}
	if c.size += f.size; c.size > MaxSorted {
		return table.TooMuch("the rows are more than %d MiB: ask for fewer", MaxSorted>>20)
	}
	c.rows = append(c.rows, f.row)
	return nil
}

// found is a row in the file.
type found struct {
	key  string
	row  table.Row
	size int // as JSON, in bytes
}

// each visits the rows that a filter keeps and with which the caller may do
// that, in the order of their keys.
func (r *Rows) each(ctx context.Context, tx *bbolt.Tx, may table.Verb, filter table.Filter, visit func(found) error) error {
	b, err := r.bucket(tx)
	if err != nil {
		return err
	}
	look := func(key, raw []byte) error {
		if err := context.Cause(ctx); err != nil || raw == nil {
			return err
		}
		row, err := r.parse(raw)
		if err != nil {
			return err
		}
		if !r.rights.May(may, row) || !filter.Match(row) {
			return nil
		}
		return visit(found{key: string(key), row: row, size: len(raw)})
	}
	if key, one := filter.Key(r.table); one {
		return look([]byte(key), b.Get([]byte(key)))
	}
	return b.ForEach(look)
}

func (r *Rows) bucket(tx *bbolt.Tx) (*bbolt.Bucket, error) {
	if b := tx.Bucket([]byte(bucketOf(r.table))); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("the store was opened without table %s", r.table.Name)
}

// parse reads a row of the file. What it returns outlives the transaction: of
// raw nothing is kept.
func (r *Rows) parse(raw []byte) (table.Row, error) {
	row, err := table.ParseRow(raw)
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", r.table.Name, err)
	}
	return r.table.Complete(row), nil
}
