package store

import (
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

// TestBucketsOfLaterVersionsAreMade opens a file from a box without users.
func TestBucketsOfLaterVersionsAreMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(Users)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if err := s.Put(t.Context(), Users, "u", 1); err != nil {
		t.Error(err)
	}
	if rows, err := s.List(Users); err != nil || len(rows) != 1 {
		t.Errorf("got %v, %v, want one row", rows, err)
	}
}
