package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/seal"
	"downbeat.local/appliance/table"
)

// Forget erases everything that belongs to an owner, with the key that sealed it.
// Then it replaces the box's own key, so that the owner's key cannot be had from
// old pages of the file either, nor from a copy of it.
func (s *Store) Forget(ctx context.Context, owner string) error {
	for _, t := range s.owned() {
		if err := s.deleteOwned(ctx, t, owner); err != nil {
			return err
		}
	}
	return s.reseal(ctx, owner)
}

// owned lists the tables whose rows have owners.
func (s *Store) owned() (all []*table.Table) {
	for _, t := range s.tables {
		if t.Owner != "" {
			all = append(all, t)
		}
	}
	return all
}

// forgetAtOnce is how many rows one write erases.
const forgetAtOnce = 500

// deleteOwned deletes the rows of an owner, a few hundred in each write.
func (s *Store) deleteOwned(ctx context.Context, t *table.Table, owner string) error {
	for {
		left := 0
		_, err := s.Rows(t, table.Full()).edit(ctx, nil, func(e *edit) (err error) {
			left, err = e.removeOwned(ctx, owner, forgetAtOnce)
			return err
		})
		if err != nil || left < forgetAtOnce {
			return err
		}
	}
}

// removeOwned deletes at most that many rows of an owner, and returns how many
// it did.
func (e *edit) removeOwned(ctx context.Context, owner string, most int) (n int, err error) {
	err = e.each(ctx, e.tx, table.Delete, nil, func(f found) error {
		if f.row[e.table.Owner] != owner {
			return nil
		}
		if n == most {
			return errEnough
		}
		n++
		return e.remove(f)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return n, err
}

// reseal replaces the box's key and seals with the new one what the old ones
// sealed. The key of forgotten, if not empty, goes with them, and so do rows that
// came after they were deleted.
func (s *Store) reseal(ctx context.Context, forgotten string) error {
	s.resealing.Lock()
	defer s.resealing.Unlock()
	if !s.sealing.ring.Replacing() {
		if err := s.sealing.ring.Replace(); err != nil {
			return err
		}
	}
	_, err := s.do(ctx, func(tx *bbolt.Tx) (effect, error) { return s.resealed(ctx, tx, forgotten) })
	if err != nil {
		return fmt.Errorf("seal anew: %w", err)
	}
	s.sealing.reading.Lock()
	defer s.sealing.reading.Unlock()
	return s.sealing.ring.Retire()
}

// resealed plans a reseal.
func (s *Store) resealed(ctx context.Context, tx *bbolt.Tx, forgotten string) (all effect, err error) {
	if forgotten != "" {
		if all, err = s.forgotten(ctx, tx, forgotten); err != nil {
			return effect{}, err
		}
	}
	all.also = s.resealAll
	return all, nil
}

// resealAll seals anew what the box's own keys sealed: in every bucket of the
// file, also in those of tables without which the store was opened.
func (s *Store) resealAll(tx *bbolt.Tx) error {
	var all []Op
	err := tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		if !sealed(string(name)) {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			if value := s.sealedByBox(tx, Bucket(name), string(k), v); value != nil {
				all = append(all, Op{Bucket: Bucket(name), Key: string(k), Value: value})
			}
			return nil
		})
	})
	for _, op := range all {
		if err == nil {
			err = s.put(tx, op)
		}
	}
	return err
}

// forgotten plans to delete an owner's key, and what they have written meanwhile.
func (s *Store) forgotten(ctx context.Context, tx *bbolt.Tx, owner string) (all effect, err error) {
	for _, t := range s.owned() {
		e, err := s.Rows(t, table.Full()).begin(tx)
		if err != nil {
			return effect{}, err
		}
		if _, err := e.removeOwned(ctx, owner, forgetAtOnce); err != nil {
			return effect{}, err
		}
		all.ops = append(all.ops, e.effect.ops...)
		all.changes = append(all.changes, e.effect.changes...)
		all.versions = append(all.versions, e.effect.versions...)
	}
	all.ops = append(all.ops, s.sealedFor(tx, owner)...)
	all.ops = append(all.ops, Op{Bucket: OwnerKeys, Key: s.sealing.keyName(owner)})
	return all, nil
}

// sealedFor plans to delete what an owner's key seals outside the tables.
func (s *Store) sealedFor(tx *bbolt.Tx, owner string) (ops []Op) {
	name := s.sealing.ring.Name(owner)
	for _, bucket := range s.buckets {
		if strings.HasPrefix(string(bucket), tablePrefix) || !sealed(string(bucket)) {
			continue
		}
		c := tx.Bucket([]byte(bucket)).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if by, ok := seal.KeyOf(v); ok && by == name {
				ops = append(ops, Op{Bucket: bucket, Key: string(k)})
			}
		}
	}
	return ops
}

// sealedByBox returns a value that one of the box's own keys sealed; nil for any
// other, and for one that is damaged.
func (s *Store) sealedByBox(tx *bbolt.Tx, b Bucket, key string, sealed []byte) []byte {
	if by, ok := seal.KeyOf(sealed); !ok || s.sealing.ring.Find(by) == nil {
		return nil
	}
	value, err := s.sealing.open(tx, b, key, sealed)
	if err != nil {
		return nil
	}
	return value
}
