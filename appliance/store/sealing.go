package store

import (
	"encoding/hex"
	"errors"
	"path/filepath"
	"sync"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/seal"
)

// KeyFileName is the file with the box's own keys, in the folder of the store.
const KeyFileName = "seal.key"

// ErrDamaged is the error for a value that changed on the disk, or was put in
// another place.
var ErrDamaged = seal.ErrDamaged

// sealing seals every value that is written, and opens those that are read.
// Values that belong to a student have a key of that student, which lies in
// the bucket OwnerKeys, sealed with the box's own. All other values are sealed
// with the box's key itself.
type sealing struct {
	ring *seal.Ring
	// reading is held for reading during each read, so that a key is destroyed
	// only when no reader still sees the values that it sealed.
	reading sync.RWMutex
}

// openRing opens the box's keys. A file of values that are sealed needs the keys
// that sealed them; any other gets new ones.
func openRing(cfg Config, schema int) (*seal.Ring, error) {
	path := filepath.Join(filepath.Dir(cfg.Path), KeyFileName)
	ring, err := seal.OpenRing(path)
	if errors.Is(err, seal.ErrNoRing) && schema < sealedSchema {
		return seal.NewRing(path)
	}
	return ring, err
}

// check refuses a file that other keys sealed.
func (g *sealing) check(tx *bbolt.Tx) error {
	b := tx.Bucket([]byte(Secrets)) // a box keeps secrets from its first start on
	if b == nil {
		return nil
	}
	_, sealed := b.Cursor().First()
	if id, ok := seal.KeyOf(sealed); sealed != nil && (!ok || g.ring.Find(id) == nil) {
		return errOtherKeys
	}
	return nil
}

var errOtherKeys = errors.New("other keys sealed it")

// view reads the file.
func (s *Store) view(read func(*bbolt.Tx) error) error {
	s.sealing.reading.RLock()
	defer s.sealing.reading.RUnlock()
	return s.db.View(read)
}

// seal returns the value of an op as it lies in the file.
func (g *sealing) seal(tx *bbolt.Tx, op Op) ([]byte, error) {
	version, err := tx.Bucket([]byte(op.Bucket)).NextSequence()
	if err != nil {
		return nil, err
	}
	key := g.ring.First()
	if op.Owner != "" {
		if key, err = g.ownersKey(tx, op.Owner); err != nil {
			return nil, err
		}
	}
	return key.Seal(seal.Place{Bucket: string(op.Bucket), Key: op.Key, Version: version}, op.Value), nil
}

// open returns a copy of a value of the file. The error is ErrDamaged, also for
// a value whose owner was forgotten.
func (g *sealing) open(tx *bbolt.Tx, b Bucket, key string, sealed []byte) ([]byte, error) {
	id, ok := seal.KeyOf(sealed)
	if !ok {
		return nil, ErrDamaged
	}
	k := g.ring.Find(id)
	if k == nil {
		if k = g.keyOf(tx, id); k == nil {
			return nil, ErrDamaged
		}
	}
	return k.Open(string(b), key, sealed)
}

// keyName is the key of an owner's key in the bucket OwnerKeys.
func (g *sealing) keyName(owner string) string {
	id := g.ring.Name(owner)
	return hex.EncodeToString(id[:])
}

// keyOf finds an owner's key by its id; nil if there is none.
func (g *sealing) keyOf(tx *bbolt.Tx, id seal.ID) *seal.Key {
	name := hex.EncodeToString(id[:])
	sealed := tx.Bucket([]byte(OwnerKeys)).Get([]byte(name))
	by, ok := seal.KeyOf(sealed)
	if !ok {
		return nil
	}
	k := g.ring.Find(by)
	if k == nil {
		return nil
	}
	secret, err := k.Open(string(OwnerKeys), name, sealed)
	if err != nil {
		return nil
	}
	key, err := seal.NewKey(id, secret)
	if err != nil {
		return nil
	}
	return key
}

// ownersKey returns the key of an owner. The first call makes it.
func (g *sealing) ownersKey(tx *bbolt.Tx, owner string) (*seal.Key, error) {
	id := g.ring.Name(owner)
	if k := g.keyOf(tx, id); k != nil {
		return k, nil
	}
	secret, name := seal.NewSecret(), hex.EncodeToString(id[:])
	sealed, err := g.seal(tx, Op{Bucket: OwnerKeys, Key: name, Value: secret})
	if err != nil {
		return nil, err
	}
	if err := tx.Bucket([]byte(OwnerKeys)).Put([]byte(name), sealed); err != nil {
		return nil, err
	}
	return seal.NewKey(id, secret)
}
