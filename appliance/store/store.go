// Package store keeps the box's data in one bbolt file: settings, keys, the
// teacher's account, sessions, rooms, and the rows of its tables.
//
// Values are JSON (secrets: raw bytes) under short string keys in the buckets
// below. Each table has a bucket of its own, with a row under each key. In the
// file every value is sealed (package seal), so a copy of the file alone tells
// nothing, and a damaged value is noticed. [Store.Forget] erases a student.
// [Store.Rows] reads and writes rows as package table defines them, and
// [Store.Watch] reports every change of a row once it is stored.
//
// A write is acknowledged after the file is synced to the disk, so acknowledged
// data survives kill -9 and a power cut. Writes that arrive during a sync share
// the next commit: a class that writes at once costs a few syncs, and a single
// writer never waits for others. Readers never wait for writers. Everything that
// leaves the package is a copy.
//
// [Store.Outbox] remembers which rows have not reached the school's database yet.
// carry.go reads those rows, and writes rows that come from there.
//
// One process holds the file at a time. Open distinguishes a file that is in
// use, damaged, too new or not writable; each error says what to do. The music
// does not need the store: a failing disk stops writes, not rooms.
package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
	"downbeat.local/sync/hlc"
	"downbeat.local/sync/outbox"
)

// Schema is the version of the buckets and values that this code writes. Open
// refuses a file of a later version and migrates an earlier one.
//
//	1: settings, secrets, accounts, sessions, rooms
//	2: tables, each in a bucket of its own; migrated by making the buckets
//	3: every value is sealed; migrated by copying the file
//
// A new table needs no new version: Open makes a missing bucket, and a box that
// does not know a bucket leaves it alone.
const Schema = sealedSchema

// sealedSchema is the first schema whose values are sealed.
const sealedSchema = 3

// FileName is the store's name inside a data folder.
const FileName = "downbeat.db"

// Bucket is one bucket of the file.
type Bucket string

// The buckets, with their values and keys.
const (
	Settings Bucket = "settings" // JSON by the setting's name
	Secrets  Bucket = "secrets"  // raw bytes by the secret's name
	Accounts Bucket = "accounts" // the teacher's account, by "teacher"
	Sessions Bucket = "sessions" // browsers' sessions, by the hash of their secret
	Rooms    Bucket = "rooms"    // room snapshots by code
	Users    Bucket = "users"    // people's users by id
	Families Bucket = "families" // people's refresh-token families by id
	Messages Bucket = "messages" // kept broadcasts by topic and time
	// Keyboards are the places of MIDI keyboards, by the IDs of their ports.
	Keyboards Bucket = "keyboards"
	// Outputs are what MIDI outputs are sent, by the IDs of their ports.
	Outputs  Bucket = "outputs"
	Talks    Bucket = "talks"    // what became of wishes to talk, by the id of the reflection
	Accesses Bucket = "access"   // who read what students wrote, by time
	Classes  Bucket = "classes"  // class lists, by id
	Children Bucket = "children" // the children of class lists, by id; the child's key seals each
	Visits   Bucket = "visits"   // which child sat on which seat, by session and seat; the child's key seals each
	// OwnerKeys are the keys that seal what belongs to a student, by their ids.
	OwnerKeys Bucket = "owner_keys"

	meta Bucket = "meta" // schema version
)

// tablePrefix begins the names of the tables' buckets.
const tablePrefix = "table:"

// bucketOf is the bucket of a table. The keys are the texts of the rows' keys.
func bucketOf(t *table.Table) Bucket { return Bucket(tablePrefix + t.FullName()) }

// bucketsOf lists all buckets of a file with those tables.
func bucketsOf(tables []*table.Table) []Bucket {
	all := append(Buckets(), meta)
	for _, t := range tables {
		all = append(all, bucketOf(t))
	}
	return all
}

// Config configures a Store.
type Config struct {
	Path string // the database file; Open makes a missing folder
	// LockTimeout is how long to wait while another process holds the file; 0
	// means DefaultLockTimeout. A much longer one hides a second box that was
	// started by mistake; a much shorter one makes a quick restart fail.
	LockTimeout time.Duration
	Tables      []*table.Table // the tables in the file
	// Clock is the clock of the outbox after its last stamp. nil means one that
	// knows only the wall clock.
	Clock func(last hlc.Time) *hlc.Clock
	Log   *slog.Logger // nil means slog.Default()
}

// DefaultLockTimeout is long enough for a service manager to start the next
// process while the last one still closes.
const DefaultLockTimeout = 2 * time.Second

// Store is the open file. It is safe for concurrent use.
type Store struct {
	db      *bbolt.DB
	log     *slog.Logger
	buckets []Bucket
	tables  []*table.Table
	sealing *sealing
	outbox  *outbox.Outbox
	feed    feed

	resealing sync.Mutex // held while the box's key is replaced
	damaged   sync.Map   // buckets and keys of the damaged values that were logged

	committing chan struct{} // holds one value while a writer commits

	mu      sync.Mutex // guards pending, failing, broken
	pending []*write
	failing error // of the last commit; nil if it succeeded
	broken  error // set when a sync has failed, or the disk can only be read; refuses all writes
}

// Open opens the file, or makes it, and checks it. If the disk can only be read,
// which is how a worn card ends, every write fails with ErrReadOnly. The errors
// are ErrLocked, ErrCorrupt, ErrEmptied, ErrNewer and ErrUnwritable, each inside a *OpenError with a
// sentence that says what to do. Any other error is about the definition of a
// table.
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
	db, sealing, err := openSealed(cfg)
	if err != nil {
		return nil, explain(cfg.Path, err)
	}
	s := &Store{
		db: db, log: cfg.Log, tables: cfg.Tables, buckets: bucketsOf(cfg.Tables), sealing: sealing,
		committing: make(chan struct{}, 1),
	}
	if err := s.begin(cfg.Clock); err != nil {
		_ = db.Close()
		return nil, explain(cfg.Path, err)
	}
	return s, nil
}

// begin opens what works in the file, and ends what the last process could not.
func (s *Store) begin(stamps func(hlc.Time) *hlc.Clock) (err error) {
	if s.outbox, err = outbox.Open(outbox.Config{DB: s.db, Update: s.update, Clock: stamps}); err != nil {
		return err
	}
	if s.db.IsReadOnly() {
		s.broken = ErrReadOnly
		return nil
	}
	if s.sealing.ring.Replacing() {
		return s.reseal(context.Background(), "")
	}
	return nil
}

// Close closes the file after the commit in progress. Later writes fail.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
