package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/seal"
	"downbeat.local/appliance/table"
	"downbeat.local/sync/outbox"
)

// version is the outbox's part in the change of a row.
type version struct {
	table, key string
	elsewhere  bool // the change was not made here, and has its version already
	outbox.Version
}

func (v version) record(tx *bbolt.Tx, o *outbox.Outbox) error {
	if !v.elsewhere {
		return o.Record(tx, v.table, v.key, v.Deleted)
	}
	_, err := o.RecordRemote(tx, v.table, v.key, v.Version)
	return err
}

// update runs a transaction of the outbox in a commit with other writes.
func (s *Store) update(change func(*bbolt.Tx) error) error {
	_, err := s.do(context.Background(), func(*bbolt.Tx) (effect, error) { return effect{also: change}, nil })
	return err
}

// Outbox is what has not reached the school's database.
func (s *Store) Outbox() *outbox.Outbox { return s.outbox }

// Carry says which tables are kept in step with the school's database.
func (s *Store) Carry(tables []*table.Table) error {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.FullName()
	}
	return s.outbox.Carry(names, keysOf)
}

// Requeue queues all rows of the carried tables for another database.
func (s *Store) Requeue() error { return s.outbox.Requeue(keysOf) }

// keysOf visits the keys of a table's rows.
func keysOf(tx *bbolt.Tx, name string, visit func(key string) error) error {
	b := tx.Bucket([]byte(tablePrefix + name))
	if b == nil {
		return nil
	}
	return b.ForEach(func(key, _ []byte) error { return visit(string(key)) })
}

// Outgoing is a row that waits for the school's database.
type Outgoing struct {
	outbox.Entry
	Row table.Row // as it is now; nil if it was deleted
	// Sealed is the row as it lies in the file, if it is private: only this box
	// can open it. Then Row has no words.
	Sealed []byte
	size   int
}

// Outgoing returns the first rows that wait after a place in the outbox: as many
// as fit into the limits, and at least one. It leaves out tables for which skip
// is true. A row and its version are of the same moment. A row that cannot be read
// is set aside, so that the rows behind it can go.
func (s *Store) Outgoing(after uint64, rows, size int, skip func(table string) bool) (waiting []Outgoing, err error) {
	var unreadable []outbox.Entry
	err = s.view(func(tx *bbolt.Tx) error {
		waiting, unreadable, err = s.outgoing(tx, after, rows, size, skip)
		return err
	})
	for _, e := range unreadable {
		s.reportDamage(Bucket(tablePrefix+e.Table), e.Key)
		err = errors.Join(err, s.outbox.SetAside(e, reasonUnreadable))
	}
	if len(unreadable) > 0 && len(waiting) == 0 && err == nil {
		return s.Outgoing(after, rows, size, skip) // there are fewer to come
	}
	return waiting, err
}

// reasonUnreadable says in the status of the sync why a row stays here.
const reasonUnreadable = "the row is damaged in the box's own file: a backup may have it"

func (s *Store) outgoing(tx *bbolt.Tx, after uint64, rows, size int, skip func(table string) bool) (waiting []Outgoing, unreadable []outbox.Entry, err error) {
	entries, err := outbox.Next(tx, after, rows, skip)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		o, err := s.current(tx, e)
		if errors.Is(err, ErrDamaged) {
			unreadable = append(unreadable, e)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if size -= o.size; size < 0 && len(waiting) > 0 {
			break
		}
		waiting = append(waiting, o)
	}
	return waiting, unreadable, nil
}

// current reads the row of an entry.
func (s *Store) current(tx *bbolt.Tx, e outbox.Entry) (Outgoing, error) {
	o, t := Outgoing{Entry: e}, s.tableOf(e.Table)
	switch {
	case t == nil:
		return o, fmt.Errorf("the outbox has a row of table %s, without which the store was opened", e.Table)
	case e.Deleted:
		return o, nil
	}
	r := s.Rows(t, table.Full())
	b, err := r.bucket(tx)
	if err != nil {
		return o, err
	}
	raw := b.Get([]byte(e.Key))
	if raw == nil {
		return o, fmt.Errorf("%w: the outbox has a row that table %s lacks", ErrDamaged, e.Table)
	}
	o.size = len(raw) - seal.Overhead
	o.Row, err = r.parse(tx, e.Key, raw)
	if err == nil && t.Private != nil && t.Private(o.Row) {
		o.Sealed = bytes.Clone(raw)
		for _, name := range t.Words {
			o.Row[name] = nil
		}
	}
	return o, err
}

func (s *Store) tableOf(name string) *table.Table {
	for _, t := range s.tables {
		if t.FullName() == name {
			return t
		}
	}
	return nil
}

// Incoming is a change of a row that was made elsewhere.
type Incoming struct {
	Key     string
	Row     table.Row // nil if it was deleted
	Version outbox.Version
}

// Apply writes changes that were made elsewhere, together with some ops, and
// tells the watchers. A change that is not newer than the row is ignored. It
// returns how many were newer.
func (r *Rows) Apply(ctx context.Context, changes []Incoming, with ...Op) (applied int, err error) {
	_, err = r.store.do(ctx, func(tx *bbolt.Tx) (effect, error) {
		b, err := r.bucket(tx)
		if err != nil {
			return effect{}, err
		}
		a := &application{Rows: r, tx: tx, bucket: b, seen: make(map[string]bool)}
		for _, c := range changes {
			if err := a.take(c); err != nil {
				return effect{}, err
			}
		}
		applied = len(a.effect.versions)
		a.effect.ops = append(a.effect.ops, with...)
		return a.effect, nil
	})
	return applied, err
}

// application is an Apply in progress.
type application struct {
	*Rows
	tx     *bbolt.Tx
	bucket *bbolt.Bucket
	effect effect
	seen   map[string]bool
}

func (a *application) take(in Incoming) error {
	v := version{table: a.table.FullName(), key: in.Key, elsewhere: true, Version: in.Version}
	have, known, err := outbox.VersionOf(a.tx, v.table, v.key)
	if err != nil || known && have.At >= v.At || a.seen[v.key] {
		return err
	}
	a.seen[v.key] = true
	v.Deleted = in.Row == nil
	c := table.Change{Table: a.table, Op: table.OpInsert, New: in.Row}
	if raw := a.bucket.Get([]byte(in.Key)); raw != nil {
		c.Op = table.OpUpdate
		c.Old, err = a.parse(a.tx, in.Key, raw)
		if errors.Is(err, ErrDamaged) {
			c.Op, err = table.OpInsert, nil // nobody here could read it
		}
		if err != nil {
			return err
		}
	}
	a.effect.versions = append(a.effect.versions, v)
	if v.Deleted {
		a.effect.ops = append(a.effect.ops, Op{Bucket: bucketOf(a.table), Key: in.Key})
		if c.Op = table.OpDelete; c.Old == nil {
			return nil // nobody here has read it
		}
	} else {
		raw, err := json.Marshal(in.Row)
		if err != nil {
			return err
		}
		a.effect.ops = append(a.effect.ops, Op{Bucket: bucketOf(a.table), Key: in.Key, Value: raw, Owner: a.table.OwnerOf(in.Row)})
	}
	a.effect.changes = append(a.effect.changes, c)
	return nil
}
