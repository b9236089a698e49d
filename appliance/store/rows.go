package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/seal"
	"downbeat.local/appliance/table"
)

// The bounds on one request to a table. A request beyond them gets a
// *table.Error with the code table.CodeTooMuch.
const (
	MaxRows   = 1000    // rows of one read or write
	MaxRow    = 1 << 20 // bytes of a row as JSON
	MaxSorted = 8 << 20 // bytes of the rows to sort, return or write
)

// Rows is a table with the rights of one caller. Errors that are the caller's
// fault are *table.Error.
type Rows struct {
	store   *Store
	table   *table.Table
	rights  table.Rights
	request *table.Request
}

// Rows returns a table with the rights of a caller. The table must be one of
// Config.Tables.
func (s *Store) Rows(t *table.Table, r table.Rights) *Rows {
	return &Rows{store: s, table: t, rights: r}
}

// For returns the table for a request, which its changes will name.
func (r *Rows) For(request *table.Request) *Rows {
	of := *r
	of.request = request
	return &of
}

// Query says which rows to read.
type Query struct {
	Filter table.Filter
	Order  table.Order // empty means by key
	Offset int         // rows to skip, not below 0
	Limit  int         // rows to return at most, 0 to MaxRows
	Count  bool        // count all matching rows
}

// Select returns the rows of a query, which the caller may keep. total is their
// number without offset and limit, or -1 if they were not counted.
func (r *Rows) Select(ctx context.Context, q Query) (rows []table.Row, total int, err error) {
	c := &collector{query: q, end: q.Offset + min(q.Limit, MaxRows)}
	err = r.store.view(func(tx *bbolt.Tx) error {
		return r.each(ctx, tx, table.Select, q.Filter, c.take)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, 0, err
	}
	rows = c.page()
	if !q.Count {
		return rows, -1, nil
	}
	return rows, c.total, nil
}

// collector gathers rows until a query has enough. With an order every row may be
// one of the first, so it keeps those that are the first until now.
type collector struct {
	query Query
	end   int // of the rows to return
	found []found
	total int // of the matching rows so far
	size  int // of found, as JSON
}

// trimSlack is how many rows too many a collector keeps at most, so that it
// seldom sorts.
const trimSlack = 1000

// errEnough ends a scan of a table.
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
	c.found = append(c.found, f)
	if c.size += f.size; c.size > MaxSorted || len(c.found) > c.end+trimSlack {
		c.trim()
	}
	if c.size > MaxSorted {
		return table.TooMuch("the rows are more than %d MiB: ask for fewer", MaxSorted>>20)
	}
	return nil
}

// trim sorts the rows and drops those behind the last one to return. Rows that
// the order does not tell apart stay in the order of their keys.
func (c *collector) trim() {
	if len(c.query.Order) == 0 {
		return
	}
	slices.SortStableFunc(c.found, func(a, b found) int { return c.query.Order.Compare(a.row, b.row) })
	end := min(c.end, len(c.found))
	for _, f := range c.found[end:] {
		c.size -= f.size
	}
	clear(c.found[end:])
	c.found = c.found[:end]
}

// page is the rows to return.
func (c *collector) page() (rows []table.Row) {
	begin := 0
	if len(c.query.Order) > 0 {
		c.trim()
		begin = min(c.query.Offset, len(c.found))
	}
	for _, f := range c.found[begin:] {
		rows = append(rows, f.row)
	}
	return rows
}

// found is a row in the file.
type found struct {
	key  string
	row  table.Row
	size int // as JSON, in bytes
}

// each visits the rows that a filter keeps and that the caller may use that way,
// by key.
func (r *Rows) each(ctx context.Context, tx *bbolt.Tx, may table.Verb, filter table.Filter, visit func(found) error) error {
	b, err := r.bucket(tx)
	if err != nil {
		return err
	}
	look := func(key, raw []byte) error {
		if err := context.Cause(ctx); err != nil || raw == nil {
			return err
		}
		row, err := r.parse(tx, string(key), raw)
		if errors.Is(err, ErrDamaged) {
			r.store.reportDamage(bucketOf(r.table), string(key))
			return nil // the other rows are worth reading
		}
		if err != nil {
			return err
		}
		if !r.rights.May(may, row) || !filter.Match(row) {
			return nil
		}
		return visit(found{key: string(key), row: row, size: len(raw) - seal.Overhead})
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

// parse reads a row of the file. The result outlives the transaction, because it
// refers to nothing in raw.
func (r *Rows) parse(tx *bbolt.Tx, key string, sealed []byte) (table.Row, error) {
	raw, err := r.store.sealing.open(tx, bucketOf(r.table), key, sealed)
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", r.table.Name, err)
	}
	row, err := table.ParseRow(raw)
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", r.table.Name, err)
	}
	return r.table.Complete(row), nil
}
