package store

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// Get reads a row of JSON into v and reports whether there is one.
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

// List returns the rows of a bucket in the order of their keys.
func (s *Store) List(b Bucket) ([]Row, error) {
	var rows []Row
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(b)).ForEach(func(k, v []byte) error {
			rows = append(rows, Row{Key: string(k), Value: bytes.Clone(v)})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", b, err)
	}
	return rows, nil
}

// raw reads a copy of a row; nil means there is none.
func (s *Store) raw(b Bucket, key string) ([]byte, error) {
	var value []byte
	err := s.db.View(func(tx *bbolt.Tx) error {
		value = bytes.Clone(tx.Bucket([]byte(b)).Get([]byte(key)))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", b, err)
	}
	return value, nil
}
