// Package store keeps what the box must not forget in one bbolt file:
// settings, keys, the teacher's account, sessions, rooms, and the rows of its
// tables.
//
// Values are JSON (secrets: raw bytes) under short string keys in the buckets
// listed below; a table has a bucket of its own, with a row under each key.
// [Store.Rows] reads and writes rows as package table defines them, and
// [Store.Watch] tells every change of a row once it is kept.
//
// A write is acknowledged only after the file is on the disk, so what was
// acknowledged survives kill -9 and a cut of power. Writers that arrive while
// another commit is being synced share the next one: a class that writes at
// once costs a few syncs, a lone writer waits for nobody. Readers never wait
// for writers. Everything that leaves the package is a copy.
//
// One process holds the file at a time. Open tells apart a file that is in
// use, damaged, too new or not writable; each error says what to do. The
// music does not need the store: a failing disk stops writes, not rooms.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"downbeat.local/appliance/table"
)

// Schema is the version of the buckets and values that this code writes. A
// file of a later version is not opened; an earlier one is migrated by Open.
//
//	1: settings, secrets, accounts, sessions, rooms
//	2: tables, each in a bucket of its own; migrated by making the buckets
//
// A new table needs no new version: its bucket is made whenever it is missing,
// and a box that does not know it leaves it alone.
const Schema = 2

// FileName is the store's name inside a data folder.
const FileName = "downbeat.db"

// A Bucket is one table of the file.
type Bucket string

// The buckets. Keys are unique within theirs.
const (
	Settings Bucket = "settings" // JSON by the setting's name
	Secrets  Bucket = "secrets"  // raw bytes by the secret's name
	Accounts Bucket = "accounts" // auth's account records by user name
	Sessions Bucket = "sessions" // auth's session records by hash
	Rooms    Bucket = "rooms"    // room snapshots by code
	Users    Bucket = "users"    // signin's users by id
	Families Bucket = "families" // signin's refresh-token families by id
	Messages Bucket = "messages" // broadcasts that were kept, by topic and time

	meta Bucket = "meta" // schema version
)

// bucketOf is where the rows of a table lie, by the texts of their keys.
func bucketOf(t *table.Table) Bucket { return Bucket("table:" + t.FullName()) }

// bucketsOf are all buckets of a file with those tables.
func bucketsOf(tables []*table.Table) []Bucket {
	all := []Bucket{meta, Settings, Secrets, Accounts, Sessions, Rooms, Users, Families, Messages}
	for _, t := range tables {
		all = append(all, bucketOf(t))
	}
	return all
}

// Config says which file and how.
type Config struct {
	Path string // the database file; its folder is made when missing
	// LockTimeout is how long to wait for another process to let go of the
	// file; 0 means DefaultLockTimeout. Much longer hides a second box that
	// was started by mistake, much shorter fails a quick restart.
	LockTimeout time.Duration
	Tables      []*table.Table // whose rows the file keeps
	Log         *slog.Logger   // nil means slog.Default()
}

// DefaultLockTimeout lets a service manager start the next process while the
// last one is still closing.
const DefaultLockTimeout = 2 * time.Second

// Store is the open file. It is safe for concurrent use.
type Store struct {
	db      *bbolt.DB
	log     *slog.Logger
	buckets []Bucket
	feed    feed

	turn chan struct{} // holds one token: whoever took it commits

	mu      sync.Mutex // guards pending, broken
	pending []*write
	broken  error // set when a sync failed: nothing can be promised after it
}

// Open opens the file, makes it when there is none, and checks it. The errors
// are ErrLocked, ErrCorrupt, ErrNewer and ErrUnwritable, each inside a
// *OpenError that prints one sentence with what to do, or say what is wrong
// with the definition of a table.
func Open(cfg Config) (*Store, error) {
	if cfg.LockTimeout == 0 {
		cfg.LockTimeout = DefaultLockTimeout
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	for _, t := range cfg.Tables {
		if err := t.Validate(); err != nil {
			return nil, err
		}
	}
	db, err := openFile(cfg)
	if err != nil {
		return nil, explain(cfg.Path, err)
	}
	buckets := bucketsOf(cfg.Tables)
	if err := prepare(db, buckets); err != nil {
		_ = db.Close()
		return nil, explain(cfg.Path, err)
	}
	return &Store{db: db, log: cfg.Log, buckets: buckets, turn: make(chan struct{}, 1)}, nil
}

// Close lets go of the file after the commit in progress. Writes that come
// later fail.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// openFile opens the file under recover: on a truncated one bbolt panics, or
// reads past the end of its mapping, which SetPanicOnFault makes a panic too.
// A file that this call has made is synced into its folder, which bbolt
// leaves to us.
func openFile(cfg Config) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return nil, err
	}
	_, statErr := os.Stat(cfg.Path)
	db, err = bbolt.Open(cfg.Path, 0o600, options(cfg.LockTimeout))
	if err != nil {
		return nil, err
	}
	if errors.Is(statErr, os.ErrNotExist) {
		if err := syncDir(filepath.Dir(cfg.Path)); err != nil {
			_ = db.Close()
			return nil, err
		}
	}
	return db, nil
}

// options are the choices that were measured (2026-11): 4 KiB pages because a
// Raspberry Pi 5 has 16 KiB ones, which quadruple what a commit writes; and an
// address range large enough that a growing file never has to wait for a
// reader, which deadlocked without it.
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

// prepare checks the pages, reads the schema version and makes the buckets
// that are missing. It too runs under recover: a damaged page may panic.
func prepare(db *bbolt.DB, buckets []Bucket) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	if err := whole(db); err != nil {
		return err
	}
	if err := check(db); err != nil {
		return err
	}
	version, err := schemaOf(db)
	switch {
	case err != nil:
		return err
	case version > Schema:
		return fmt.Errorf("%w: schema %d", ErrNewer, version)
	case version == Schema && complete(db, buckets):
		return nil
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(meta)).Put([]byte("schema"), []byte(fmt.Sprint(Schema)))
	})
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

// whole refuses a file that ends before its last page: reading there would
// kill the process with a fault that check's own goroutine cannot recover.
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
		for err := range tx.Check() { // read to its end: it runs in a goroutine
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

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some filesystems cannot
		return err
	}
	return nil
}
