// Package seal encrypts values at rest, and notices when one is damaged or was
// moved.
//
// A [Key] seals a value for one place: a bucket, a key in it, and a version. A
// value that is changed by one bit, or that is put in another place, does not
// open. So the seal is also the checksum that bbolt lacks for values.
//
// The cipher is XChaCha20-Poly1305. It is fast on machines without AES
// instructions, such as a Raspberry Pi 4, and its nonces of 24 random bytes need
// no counter that survives a restart.
//
// A [Ring] keeps the box's own keys in a file beside the database. Whoever has
// both can read everything: a Raspberry Pi has no place that keeps a secret from
// the holder of its card. From a copy of the database alone no value can be read. A ring can
// replace its key, so that what was sealed with the old one is gone for good,
// also where the disk still holds a copy.
package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the length of a key's secret, in bytes.
const KeySize = chacha20poly1305.KeySize

// A sealed value is a format, the key's id, a version, a nonce, and the
// ciphertext with its tag.
const (
	format     = 1
	versionAt  = 1 + len(ID{})
	headerSize = versionAt + 8
	textAt     = headerSize + chacha20poly1305.NonceSizeX
)

// Overhead is how much longer a sealed value is, in bytes.
const Overhead = textAt + chacha20poly1305.Overhead

// ErrDamaged is the error for a value that the key did not seal for that place.
var ErrDamaged = errors.New("a value is damaged or in the wrong place")

// ID names a key in the values that it seals.
type ID [16]byte

// Key seals and opens values. It is safe for concurrent use.
type Key struct {
	id   ID
	aead cipher.AEAD
}

// NewKey returns the key of a secret of KeySize bytes, under a name of the
// caller's choice.
func NewKey(id ID, secret []byte) (*Key, error) {
	aead, err := chacha20poly1305.NewX(secret)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return &Key{id: id, aead: aead}, nil
}

// idOf is the name of a box's own key.
func idOf(secret []byte) ID {
	sum := sha256.Sum256(append([]byte("downbeat seal key id "), secret...))
	return ID(sum[:])
}

// Place is where a sealed value lies.
type Place struct {
	Bucket, Key string
	Version     uint64 // grows with each value of the bucket
}

// about is what the seal binds besides the value. The length keeps a bucket and
// a key from reading as another pair.
func (p Place) about(header []byte) []byte {
	about := append([]byte(nil), header...)
	about = binary.BigEndian.AppendUint32(about, uint32(len(p.Bucket)))
	return append(append(about, p.Bucket...), p.Key...)
}

// Seal returns a value sealed for a place.
func (k *Key) Seal(p Place, value []byte) []byte {
	sealed := make([]byte, textAt, len(value)+Overhead)
	sealed[0] = format
	copy(sealed[1:], k.id[:])
	binary.BigEndian.PutUint64(sealed[versionAt:], p.Version)
	nonce := sealed[headerSize:textAt]
	_, _ = rand.Read(nonce) // never fails (crypto/rand, Go 1.24)
	return k.aead.Seal(sealed, nonce, value, p.about(sealed[:headerSize]))
}

// KeyOf returns the id of the key that sealed a value. It reports false for
// bytes that are no sealed value.
func KeyOf(sealed []byte) (ID, bool) {
	if len(sealed) < Overhead || sealed[0] != format {
		return ID{}, false
	}
	return ID(sealed[1:versionAt]), true
}

// Open returns the value that was sealed for that bucket and key. The error is
// ErrDamaged.
func (k *Key) Open(bucket, key string, sealed []byte) ([]byte, error) {
	if id, ok := KeyOf(sealed); !ok || id != k.id {
		return nil, ErrDamaged
	}
	value, err := k.aead.Open(nil, sealed[headerSize:textAt], sealed[textAt:], Place{Bucket: bucket, Key: key}.about(sealed[:headerSize]))
	if err != nil {
		return nil, ErrDamaged
	}
	return value, nil
}
