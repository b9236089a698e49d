package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// Keys visits the keys of a table's rows.
type Keys func(tx *bbolt.Tx, table string, visit func(key string) error) error

// Carry says which tables have versions and places from now on. All rows of a
// table that was not carried before are queued. The queue forgets the rows of a
// table that no longer is. The file remembers the tables, so that a run without
// the other side misses no change.
func (o *Outbox) Carry(tables []string, keys Keys) error {
	return o.update(func(tx *bbolt.Tx) error {
		before, err := carried(tx)
		if err != nil {
			return err
		}
		for _, table := range before {
			if !slices.Contains(tables, table) {
				if err := o.leave(tx, table); err != nil {
					return err
				}
			}
		}
		raw, err := json.Marshal(slices.Sorted(slices.Values(tables)))
		if err != nil {
			return err
		}
		if err := tx.Bucket(metaBucket).Put(carriedName, raw); err != nil {
			return err
		}
		for _, table := range tables {
			if !slices.Contains(before, table) {
				if err := o.requeue(tx, table, keys); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Requeue queues every row of the carried tables again, with the version that it
// has, because the other side is not the one that had them.
func (o *Outbox) Requeue(keys Keys) error {
	return o.update(func(tx *bbolt.Tx) error {
		tables, err := carried(tx)
		for _, table := range tables {
			err = errors.Join(err, o.requeue(tx, table, keys))
		}
		return err
	})
}

func (o *Outbox) requeue(tx *bbolt.Tx, table string, keys Keys) error {
	there := map[string]bool{}
	err := keys(tx, table, func(key string) error {
		there[key] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue table %s: %w", table, err)
	}
	gone, err := o.gone(tx, table, there)
	if err != nil {
		return err
	}
	for key := range there {
		if err := o.again(tx, table, key, false); err != nil {
			return err
		}
	}
	for _, key := range gone {
		if err := o.again(tx, table, key, true); err != nil {
			return err
		}
	}
	return nil
}

// again queues a row with its version, or with a new one if it has none or was
// deleted while the table was not carried.
func (o *Outbox) again(tx *bbolt.Tx, table, key string, deleted bool) error {
	v, has, err := VersionOf(tx, table, key)
	if err != nil {
		return err
	}
	if has && v.Deleted == deleted {
		return o.queue(tx, table, key, v)
	}
	return o.Record(tx, table, key, deleted)
}

// gone lists the keys of a table that have a version and no row.
func (o *Outbox) gone(tx *bbolt.Tx, table string, there map[string]bool) (keys []string, err error) {
	err = eachOf(tx.Bucket(versionsBucket), table, func(name, _ []byte) error {
		if _, key, ok := cutName(name); ok && !there[key] {
			keys = append(keys, key)
		}
		return nil
	})
	return keys, err
}

// leave forgets the places of a table's rows, and keeps their versions.
func (o *Outbox) leave(tx *bbolt.Tx, table string) error {
	var names [][]byte
	versions := tx.Bucket(versionsBucket)
	err := eachOf(versions, table, func(name, _ []byte) error {
		names = append(names, bytes.Clone(name))
		return nil
	})
	for _, name := range names {
		v, parseErr := parseVersion(versions.Get(name))
		if err = errors.Join(err, parseErr); err != nil {
			return err
		}
		place := v.place
		v.place = 0
		err = errors.Join(o.free(tx, place), versions.Put(name, v.bytes()), tx.Bucket(asideBucket).Delete(name))
	}
	return err
}

// eachOf visits what a bucket has of a table.
func eachOf(b *bbolt.Bucket, table string, visit func(name, value []byte) error) error {
	prefix, c := rowName(table, ""), b.Cursor()
	for name, value := c.Seek(prefix); bytes.HasPrefix(name, prefix); name, value = c.Next() {
		if err := visit(name, value); err != nil {
			return err
		}
	}
	return nil
}

func carried(tx *bbolt.Tx) (tables []string, err error) {
	raw := tx.Bucket(metaBucket).Get(carriedName)
	if raw == nil {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &tables); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return tables, nil
}

func carries(tx *bbolt.Tx, table string) (bool, error) {
	tables, err := carried(tx)
	return slices.Contains(tables, table), err
}
