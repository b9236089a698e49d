package store

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// Get reads a row of JSON into v, and reports whether there is one.
func (s *Store) Get(b Bucket, key string, v any) (bool, error) {
	raw, err := s.raw(b, key)
	if err != nil || raw == nil {
		return false, err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, fmt.Errorf("read %s: %w", b, err)
	}
	return true, nil
}

// Row is one row of a bucket.
type Row struct {
	Key   string
	Value json.RawMessage
}

// List returns the rows of a bucket in the order of their keys. A damaged row has
// no value.
func (s *Store) List(b Bucket) ([]Row, error) {
	var rows []Row
	err := s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(b)).ForEach(func(k, v []byte) error {
			value, err := s.sealing.open(tx, b, string(k), v)
			if err != nil {
				s.reportDamage(b, string(k))
			}
			rows = append(rows, Row{Key: string(k), Value: value})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", b, err)
	}
	return rows, nil
}

// raw reads a copy of a row; nil if there is none.
func (s *Store) raw(b Bucket, key string) ([]byte, error) {
	var value []byte
	err := s.view(func(tx *bbolt.Tx) (err error) {
		if sealed := tx.Bucket([]byte(b)).Get([]byte(key)); sealed != nil {
			value, err = s.sealing.open(tx, b, key, sealed)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", b, err)
	}
	return value, nil
}

// reportDamage logs a damaged value, once. The key is no word of a student's: it
// is an id, a code or a hash.
func (s *Store) reportDamage(b Bucket, key string) {
	if _, known := s.damaged.LoadOrStore(string(b)+" "+key, true); !known {
		s.log.Error("a value in the store is damaged and is left out", "bucket", b)
	}
}
