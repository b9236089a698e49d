// Package outbox remembers which rows of a bbolt file have not yet reached
// another database, and how old every row is.
//
// [Outbox.Record] runs in the transaction that writes the row, so that a row and
// its place in the outbox survive a power cut together or not at all. The outbox
// holds keys. A sender reads the row when it sends it, so that ten edits of a
// row are sent once. When the other side has committed, [Outbox.Acknowledge]
// removes what was sent, unless the row has changed since. A crash anywhere
// means that rows are sent again, so the other side must ignore a [hlc.Time]
// that it has.
//
// Every row has a [Version]: the Time of its last change, here or elsewhere.
// Versions outlive their rows, so that a row that was deleted here does not come
// back from there. [Outbox.RecordRemote] refuses a change that is not newer than
// the row.
//
// Rows that the other side does not take are set aside with a reason. A new edit
// or [Outbox.Retry] tries them again. Nothing is ever dropped.
//
// Only tables that are carried have versions and places: see [Outbox.Carry].
package outbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"downbeat.local/sync/hlc"
)

// The buckets, with their keys and values.
var (
	metaBucket     = []byte("sync:meta")     // see the names below
	versionsBucket = []byte("sync:versions") // table, a zero byte and key: a Version
	queueBucket    = []byte("sync:queue")    // a place, big-endian: table, a zero byte and key
	asideBucket    = []byte("sync:aside")    // table, a zero byte and key: a Refused in JSON
)

// The names in the meta bucket. It is so small that bbolt keeps it inside the
// root page, which every commit writes anyway.
var (
	lastName    = []byte("last")    // the last Time, big-endian
	depthName   = []byte("depth")   // how many places are taken, big-endian
	carriedName = []byte("carried") // the carried tables, a JSON array
	senderName  = []byte("sender")  // the name of this outbox, a UUID
	batchName   = []byte("batch")   // the last batch that was acknowledged, big-endian
	runName     = []byte("run")     // the name of the last run that sent, a UUID
)

// Update runs a transaction that writes, with others in one commit if it likes,
// and returns once it is on the disk.
type Update func(func(*bbolt.Tx) error) error

// Config configures an Outbox.
type Config struct {
	DB     *bbolt.DB
	Update Update // nil means DB.Update
	// Clock is for tests; nil is a clock that continues after the last Time in
	// the file.
	Clock func(last hlc.Time) *hlc.Clock
}

// Outbox is the outbox of one file. It is safe for concurrent use.
type Outbox struct {
	db     *bbolt.DB
	update Update
	clock  *hlc.Clock
	wake   chan struct{} // holds one value when something was queued

	mu     sync.Mutex // guards sender
	sender string
}

// Open makes missing buckets and reads the clock. In a file that can only be read,
// it writes nothing.
func Open(cfg Config) (*Outbox, error) {
	o := &Outbox{db: cfg.DB, update: cfg.Update, wake: make(chan struct{}, 1)}
	if o.update == nil {
		o.update = cfg.DB.Update
	}
	if cfg.Clock == nil {
		cfg.Clock = func(last hlc.Time) *hlc.Clock { return hlc.New(hlc.Config{Last: last}) }
	}
	if cfg.DB.IsReadOnly() {
		return o, cfg.DB.View(func(tx *bbolt.Tx) error {
			if tx.Bucket(metaBucket) == nil {
				return fmt.Errorf("open outbox: %w", errDamaged)
			}
			o.clock = cfg.Clock(hlc.Time(number(tx, lastName)))
			return nil
		})
	}
	err := cfg.DB.Update(func(tx *bbolt.Tx) error { // directly: no one else writes yet
		for _, name := range [][]byte{metaBucket, versionsBucket, queueBucket, asideBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		if err := o.name(tx, string(tx.Bucket(metaBucket).Get(senderName))); err != nil {
			return err
		}
		o.clock = cfg.Clock(hlc.Time(number(tx, lastName)))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	return o, nil
}

// Clock gives the Times of this file.
func (o *Outbox) Clock() *hlc.Clock { return o.clock }

// Queued has a value when something was queued since it was last received from.
func (o *Outbox) Queued() <-chan struct{} { return o.wake }

// Version is how old a row is.
type Version struct {
	At      hlc.Time
	Quality hlc.Quality
	Deleted bool
	place   uint64 // in the queue; 0 is none
}

const versionSize = 8 + 8 + 1 + 1

func (v Version) bytes() []byte {
	raw := make([]byte, 0, versionSize)
	raw = binary.BigEndian.AppendUint64(raw, uint64(v.At))
	raw = binary.BigEndian.AppendUint64(raw, v.place)
	raw = append(raw, byte(v.Quality), 0)
	if v.Deleted {
		raw[versionSize-1] = 1
	}
	return raw
}

// errDamaged is the error for a value that this package did not write.
var errDamaged = errors.New("the outbox is damaged")

// VersionOf returns the version of a row; false if the row has none.
func VersionOf(tx *bbolt.Tx, table, key string) (Version, bool, error) {
	raw := tx.Bucket(versionsBucket).Get(rowName(table, key))
	if raw == nil {
		return Version{}, false, nil
	}
	v, err := parseVersion(raw)
	return v, true, err
}

func parseVersion(raw []byte) (Version, error) {
	if len(raw) != versionSize {
		return Version{}, errDamaged
	}
	return Version{
		At: hlc.Time(binary.BigEndian.Uint64(raw)), place: binary.BigEndian.Uint64(raw[8:]),
		Quality: hlc.Quality(raw[16]), Deleted: raw[17] == 1,
	}, nil
}

// rowName names a row in the buckets. Names of tables have no zero byte.
func rowName(table, key string) []byte { return append(append([]byte(table), 0), key...) }

func cutName(name []byte) (table, key string, ok bool) {
	at := slices.Index(name, 0)
	if at < 0 {
		return "", "", false
	}
	return string(name[:at]), string(name[at+1:]), true
}

// Record gives a row that was just written or deleted a new version and a place
// in the queue. It does nothing for a table that is not carried.
func (o *Outbox) Record(tx *bbolt.Tx, table, key string, deleted bool) error {
	if carries, err := carries(tx, table); err != nil || !carries {
		return err
	}
	old, _, err := VersionOf(tx, table, key)
	if err != nil {
		return err
	}
	o.clock.Observe(old.At) // after a Rewind, a row may be newer than the clock
	at, quality := o.clock.Now()
	if err := putNumber(tx, lastName, uint64(at)); err != nil {
		return err
	}
	return o.queue(tx, table, key, Version{At: at, Quality: quality, Deleted: deleted})
}

// RecordRemote gives a row the version of a change that was made elsewhere. It
// returns false, and changes nothing, if the row is as new or newer: the caller
// then leaves the row alone. A row of this file that is older and was not sent
// yet loses its place.
func (o *Outbox) RecordRemote(tx *bbolt.Tx, table, key string, v Version) (bool, error) {
	old, has, err := VersionOf(tx, table, key)
	if err != nil || has && old.At >= v.At {
		return false, err
	}
	o.clock.Observe(v.At)
	if err := putNumber(tx, lastName, uint64(o.clock.Last())); err != nil {
		return false, err
	}
	if err := o.free(tx, old.place); err != nil {
		return false, err
	}
	v.place = 0
	name := rowName(table, key)
	return true, errors.Join(tx.Bucket(versionsBucket).Put(name, v.bytes()), tx.Bucket(asideBucket).Delete(name))
}

// queue writes a version and gives its row the last place.
func (o *Outbox) queue(tx *bbolt.Tx, table, key string, v Version) error {
	old, _, err := VersionOf(tx, table, key)
	if err != nil {
		return err
	}
	if err := o.free(tx, old.place); err != nil {
		return err
	}
	queue, name := tx.Bucket(queueBucket), rowName(table, key)
	if v.place, err = queue.NextSequence(); err != nil {
		return err
	}
	if err := errors.Join(
		queue.Put(placeName(v.place), name),
		tx.Bucket(versionsBucket).Put(name, v.bytes()),
		tx.Bucket(asideBucket).Delete(name),
		putNumber(tx, depthName, number(tx, depthName)+1),
	); err != nil {
		return err
	}
	tx.OnCommit(o.poke)
	return nil
}

func (o *Outbox) poke() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// free gives up a place. Place 0 is none.
func (o *Outbox) free(tx *bbolt.Tx, place uint64) error {
	queue := tx.Bucket(queueBucket)
	if place == 0 || queue.Get(placeName(place)) == nil {
		return nil
	}
	return errors.Join(queue.Delete(placeName(place)), putNumber(tx, depthName, number(tx, depthName)-1))
}

func placeName(place uint64) []byte { return binary.BigEndian.AppendUint64(nil, place) }

// Entry is a row that waits to be sent.
type Entry struct {
	Table, Key string
	Version
}

// Place is where an entry waits. Later entries have greater places. Place 0 is
// before all.
func (e Entry) Place() uint64 { return e.place }

// Next returns the first entries of the queue after a place. It leaves out the
// tables for which skip is true; a nil skip leaves out none.
func Next(tx *bbolt.Tx, after uint64, limit int, skip func(table string) bool) ([]Entry, error) {
	var entries []Entry
	c := tx.Bucket(queueBucket).Cursor()
	for place, name := c.Seek(placeName(after + 1)); place != nil && len(entries) < limit; place, name = c.Next() {
		if table, _, _ := cutName(name); skip != nil && skip(table) {
			continue
		}
		e, err := entryOf(tx, name)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func entryOf(tx *bbolt.Tx, name []byte) (Entry, error) {
	table, key, ok := cutName(name)
	if !ok {
		return Entry{}, errDamaged
	}
	v, has, err := VersionOf(tx, table, key)
	if err == nil && !has {
		err = errDamaged
	}
	return Entry{Table: table, Key: key, Version: v}, err
}

// Acknowledge removes entries that the other side has committed as its batch of
// that number. An entry whose row has changed since stays.
func (o *Outbox) Acknowledge(sent []Entry, batch uint64) error {
	return o.update(func(tx *bbolt.Tx) error {
		for _, e := range sent {
			if _, err := o.settle(tx, e); err != nil {
				return err
			}
		}
		return putNumber(tx, batchName, batch)
	})
}

// Batch is the number of the last batch that was acknowledged.
func (o *Outbox) Batch() (batch uint64, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		batch = number(tx, batchName)
		return nil
	})
	return batch, err
}

// settle takes an entry out of the queue, unless its row has changed since.
func (o *Outbox) settle(tx *bbolt.Tx, e Entry) (settled bool, err error) {
	v, _, err := VersionOf(tx, e.Table, e.Key)
	if err != nil || v.place != e.place || v.At != e.At {
		return false, err
	}
	if err := o.free(tx, v.place); err != nil {
		return false, err
	}
	v.place = 0
	return true, tx.Bucket(versionsBucket).Put(rowName(e.Table, e.Key), v.bytes())
}

// number reads a value of the meta bucket; 0 if there is none.
func number(tx *bbolt.Tx, name []byte) uint64 {
	raw := tx.Bucket(metaBucket).Get(name)
	if len(raw) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

func putNumber(tx *bbolt.Tx, name []byte, n uint64) error {
	return tx.Bucket(metaBucket).Put(name, binary.BigEndian.AppendUint64(nil, n))
}
