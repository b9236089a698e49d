package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/seal"
	"downbeat.local/appliance/table"
)

// sealAll moves a file of an earlier schema, whose values are plain, to a new
// file that takes its place: old pages of the same file would keep the plain
// values.
func sealAll(db *bbolt.DB, cfg Config, g *sealing) error {
	path := cfg.Path + ".sealing"
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	o := options(cfg.LockTimeout)
	o.NoSync = true // one sync at the end is enough for a file that nobody uses yet
	fresh, err := bbolt.Open(path, 0o600, o)
	if err != nil {
		return err
	}
	err = db.View(func(from *bbolt.Tx) error {
		return from.ForEach(func(name []byte, b *bbolt.Bucket) error { return copySealed(fresh, string(name), b, cfg.Tables, g) })
	})
	if err == nil {
		err = fresh.Update(putSchema)
	}
	if err = errors.Join(err, fresh.Sync(), fresh.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	if err := os.Rename(path, cfg.Path); err != nil {
		return err
	}
	return seal.SyncDir(filepath.Dir(cfg.Path))
}

// sealAtOnce is how many values of an earlier schema one transaction seals: they
// wait in memory.
const sealAtOnce = 1000

// copySealed seals a bucket of plain values into another file.
func copySealed(to *bbolt.DB, name string, from *bbolt.Bucket, tables []*table.Table, g *sealing) error {
	c := from.Cursor()
	k, v := c.First()
	for more := true; more; more = k != nil {
		err := to.Update(func(tx *bbolt.Tx) error {
			b, err := makeBucket(tx, name, from.Sequence())
			for n := 0; err == nil && k != nil && n < sealAtOnce; n++ {
				value := v
				if sealed(name) {
					value, err = g.seal(tx, Op{Bucket: Bucket(name), Key: string(k), Value: v, Owner: ownerIn(name, v, tables)})
				}
				if err == nil {
					err = b.Put(k, value)
				}
				k, v = c.Next()
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// makeBucket makes a bucket, and the one of the keys that may seal its values.
func makeBucket(tx *bbolt.Tx, name string, sequence uint64) (*bbolt.Bucket, error) {
	if _, err := tx.CreateBucketIfNotExists([]byte(OwnerKeys)); err != nil {
		return nil, err
	}
	b := tx.Bucket([]byte(name))
	if b != nil {
		return b, nil
	}
	b, err := tx.CreateBucket([]byte(name))
	if err != nil {
		return nil, err
	}
	return b, b.SetSequence(sequence)
}

// sealed reports whether the values of a bucket are sealed: all but the schema's
// and those of the outbox, which holds no words.
func sealed(bucket string) bool {
	return Bucket(bucket) != meta && !strings.HasPrefix(bucket, "sync:")
}

// ownerIn finds the owner of a plain row; empty if it has none.
func ownerIn(bucket string, raw []byte, tables []*table.Table) string {
	for _, t := range tables {
		if t.Owner == "" || string(bucketOf(t)) != bucket {
			continue
		}
		if row, err := table.ParseRow(raw); err == nil {
			return t.OwnerOf(row)
		}
	}
	return ""
}
