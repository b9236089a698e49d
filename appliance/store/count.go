package store

import (
	"fmt"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
)

// Buckets lists the buckets of every store that hold what people or programs gave the
// box. Those of tables are not among them.
func Buckets() []Bucket {
	return []Bucket{
		Talks, Accesses, Classes, Children, Visits, Rooms, Messages, Users, Families, Accounts, Sessions, Keyboards, Outputs, Settings, Secrets,
		OwnerKeys,
	}
}

// Count returns how many rows a bucket has.
func (s *Store) Count(b Bucket) (n int, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		if bucket := tx.Bucket([]byte(b)); bucket != nil {
			n = bucket.Stats().KeyN
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", b, err)
	}
	return n, nil
}

// CountTable returns how many rows a table has.
func (s *Store) CountTable(t *table.Table) (int, error) { return s.Count(bucketOf(t)) }
