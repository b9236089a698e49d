package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"downbeat.local/appliance/seal"
)

// openSealed opens the file and its keys. It seals the values of an earlier
// schema.
func openSealed(cfg Config) (*bbolt.DB, *sealing, error) {
	db, err := openFile(cfg, false)
	if unwritable := err; errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOSPC) {
		if db, err = openFile(cfg, true); err == nil {
			cfg.Log.Error("the store can only be read, the box starts without writing", "err", unwritable)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	g, earlier, err := openKeys(db, cfg)
	if err == nil && !earlier {
		err = makeBuckets(db, bucketsOf(cfg.Tables))
	}
	if err == nil && earlier {
		err = sealAll(db, cfg, g)
	}
	if err != nil || earlier {
		err = errors.Join(err, db.Close())
	}
	switch {
	case err != nil:
		return nil, nil, err
	case earlier:
		return openSealed(cfg)
	}
	return db, g, nil
}

// openKeys examines the file and opens its keys. It reports whether the file is of
// an earlier schema, whose values are plain.
func openKeys(db *bbolt.DB, cfg Config) (g *sealing, earlier bool, err error) {
	schema, err := examine(db)
	if err != nil {
		return nil, false, err
	}
	ring, err := openRing(cfg, schema)
	if err != nil {
		return nil, false, err
	}
	g = &sealing{ring: ring}
	if schema > 0 && schema < sealedSchema {
		return g, true, nil
	}
	return g, false, db.View(g.check)
}

// openFile opens the file under recover. On a truncated file bbolt panics, or
// reads past the end of its mapping, which SetPanicOnFault turns into a panic. A
// new file needs a sync of its folder, which bbolt does not do.
func openFile(cfg Config, readOnly bool) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return nil, err
	}
	info, statErr := os.Stat(cfg.Path)
	if statErr == nil && info.Mode().IsRegular() && info.Size() == 0 {
		if err := emptied(cfg); err != nil {
			return nil, err
		}
	}
	o := options(cfg.LockTimeout)
	o.ReadOnly = readOnly
	db, err = bbolt.Open(cfg.Path, 0o600, o)
	if err != nil {
		return nil, err
	}
	if !readOnly {
		if err := mendMeta(db, cfg.Log); err != nil {
			_ = db.Close()
			return nil, err
		}
	}
	if errors.Is(statErr, os.ErrNotExist) {
		if err := seal.SyncDir(filepath.Dir(cfg.Path)); err != nil {
			_ = db.Close()
			return nil, err
		}
	}
	return db, nil
}

// emptied judges a file without a byte. A power cut leaves one in the first moment
// of a new box, before it has keys. Beside keys it is a file that has lost
// everything, and the error is ErrEmptied.
func emptied(cfg Config) error {
	_, err := os.Stat(filepath.Join(filepath.Dir(cfg.Path), KeyFileName))
	if err == nil {
		return ErrEmptied
	}
	cfg.Log.Warn("the data file is empty, so this is a new box", "file", cfg.Path)
	return nil
}

// options are measured choices (2026-11). Pages have 4 KiB, because the 16 KiB
// pages of a Raspberry Pi 5 quadruple what a commit writes. The address range is
// so large that a growing file never waits for a reader; that wait deadlocked.
func options(timeout time.Duration) *bbolt.Options {
	reserve := 1 << 30 // bytes of address space, not memory
	if runtime.GOARCH == "arm" || runtime.GOARCH == "386" {
		reserve = 256 << 20
	}
	return &bbolt.Options{
		Timeout:         timeout,
		PageSize:        4096,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: reserve,
	}
}

// examine checks the pages and returns the schema version; 0 is a new file. It
// runs under recover too: a damaged page may panic.
func examine(db *bbolt.DB) (schema int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	if err := whole(db); err != nil {
		return 0, err
	}
	if err := check(db); err != nil {
		return 0, err
	}
	if schema, err = schemaOf(db); err == nil && schema > Schema {
		err = fmt.Errorf("%w: schema %d", ErrNewer, schema)
	}
	return schema, err
}

// makeBuckets makes the buckets that a file lacks, and writes the schema version.
func makeBuckets(db *bbolt.DB, buckets []Bucket) error {
	if complete(db, buckets) {
		return nil
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return putSchema(tx)
	})
}

func putSchema(tx *bbolt.Tx) error {
	b, err := tx.CreateBucketIfNotExists([]byte(meta))
	if err != nil {
		return err
	}
	return b.Put([]byte("schema"), []byte(fmt.Sprint(Schema)))
}

// complete reports whether a file has all those buckets.
func complete(db *bbolt.DB, buckets []Bucket) bool {
	err := db.View(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket([]byte(name)) == nil {
				return bolterrors.ErrBucketNotFound
			}
		}
		return nil
	})
	return err == nil
}

// whole refuses a file that ends before its last page. Reading there would kill
// the process with a fault that the goroutine of check cannot recover.
func whole(db *bbolt.DB) error {
	info, err := os.Stat(db.Path())
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: %d of %d bytes", ErrCorrupt, info.Size(), tx.Size())
		}
		return nil
	})
}

// check walks every page (61 ms for a file of 400 MB, 2026-11).
func check(db *bbolt.DB) error {
	return db.View(func(tx *bbolt.Tx) error {
		var first error
		for err := range tx.Check() { // to the end: the check runs in a goroutine
			if first == nil {
				first = fmt.Errorf("%w: %w", ErrCorrupt, err)
			}
		}
		return first
	})
}

// schemaOf reads the version of the file; 0 is a new one.
func schemaOf(db *bbolt.DB) (int, error) {
	version := 0
	err := db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(meta))
		if b == nil {
			return nil
		}
		if err := json.Unmarshal(b.Get([]byte("schema")), &version); err != nil || version < 1 {
			return fmt.Errorf("%w: no schema version", ErrCorrupt)
		}
		return nil
	})
	return version, err
}
