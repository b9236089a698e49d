package store

import (
	"encoding/binary"
	"errors"
	"log/slog"
	"os"

	"go.etcd.io/bbolt"
)

// The head of a page, in the byte order of the machine: its number, what it is,
// and two fields that are zero in a meta page (bbolt, internal/common/page.go).
const (
	pageHeadSize = 16
	metaPageFlag = 0x04
)

// mendMeta writes the head of a meta page that a power cut has torn. The first two
// pages of a file are meta pages, written in turn: bbolt opens a file if one of
// them is whole, but its check of all pages refuses a torn head. What follows the
// head stays torn, so bbolt goes on using the other page, until a commit replaces
// this one.
func mendMeta(db *bbolt.DB, log *slog.Logger) (err error) {
	f, err := os.OpenFile(db.Path(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for number := range 2 {
		var head, want [pageHeadSize]byte
		at := int64(number * db.Info().PageSize)
		if _, err := f.ReadAt(head[:], at); err != nil {
			return err
		}
		binary.NativeEndian.PutUint64(want[:], uint64(number))
		binary.NativeEndian.PutUint16(want[8:], metaPageFlag)
		if head == want {
			continue
		}
		log.Warn("a write to the data file was cut off, the state before it is used", "page", number)
		if _, err := f.WriteAt(want[:], at); err != nil {
			return err
		}
	}
	return nil
}
