package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Ring is the box's own keys, kept in a file. It is safe for concurrent use.
type Ring struct {
	path string

	mu    sync.RWMutex // guards saved and keys
	saved ringFile
	keys  []*Key // by the secrets of saved
}

// ringFile is the file of a ring. The first secret seals; the others open what
// they sealed until it is sealed anew.
type ringFile struct {
	Secrets [][]byte `json:"secrets"`
	Names   []byte   `json:"names"` // makes the ids of owners' keys
}

// maxRingFile bounds the file: two keys fit many times.
const maxRingFile = 4 << 10 // bytes

// ErrNoRing is the error of [OpenRing] for a file that is missing.
var ErrNoRing = errors.New("the key file is missing")

// ErrBadRing is the error of [OpenRing] for a file that holds no ring.
var ErrBadRing = errors.New("the key file is damaged")

// OpenRing reads a ring from its file. The errors are ErrNoRing, ErrBadRing and
// those of the disk, wrapped.
func OpenRing(path string) (*Ring, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s", ErrNoRing, path)
	case err != nil:
		return nil, err
	case info.Size() > maxRingFile:
		return nil, fmt.Errorf("%w: %s", ErrBadRing, path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Ring{path: path}
	if json.Unmarshal(raw, &r.saved) != nil || len(r.saved.Secrets) == 0 || len(r.saved.Names) != KeySize {
		return nil, fmt.Errorf("%w: %s", ErrBadRing, path)
	}
	if r.keys, err = r.saved.keys(); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrBadRing, path)
	}
	return r, nil
}

// NewRing makes a ring with one key, and returns once its file is on the disk.
func NewRing(path string) (*Ring, error) {
	r := &Ring{path: path}
	return r, r.replace(ringFile{Secrets: [][]byte{NewSecret()}, Names: NewSecret()})
}

// NewSecret makes the secret of a key.
func NewSecret() []byte {
	secret := make([]byte, KeySize)
	_, _ = rand.Read(secret) // never fails (crypto/rand, Go 1.24)
	return secret
}

func (f ringFile) keys() (keys []*Key, err error) {
	for _, secret := range f.Secrets {
		key, err := NewKey(idOf(secret), secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// First is the key that seals.
func (r *Ring) First() *Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[0]
}

// Find finds the key that sealed a value; nil if the ring lacks it.
func (r *Ring) Find(id ID) *Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, key := range r.keys {
		if key.id == id {
			return key
		}
	}
	return nil
}

// Name is the id of the key of an owner. Without the ring it says nothing about
// them.
func (r *Ring) Name(owner string) ID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	sum := hmac.New(sha256.New, r.saved.Names)
	_, _ = sum.Write([]byte(owner)) // never fails
	return ID(sum.Sum(nil))
}

// Replacing reports whether a replacement of the key has begun and not ended.
func (r *Ring) Replacing() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.keys) > 1
}

// Replace begins to replace the key: from now on a new one seals. It returns
// once that is on the disk. Seal every value anew, then call [Ring.Retire].
func (r *Ring) Replace() error {
	r.mu.RLock()
	next := r.saved
	r.mu.RUnlock()
	next.Secrets = append([][]byte{NewSecret()}, next.Secrets...)
	return r.replace(next)
}

// Retire destroys all keys but the first, in memory and on the disk.
func (r *Ring) Retire() error {
	r.mu.RLock()
	next := r.saved
	r.mu.RUnlock()
	next.Secrets = next.Secrets[:1]
	return r.replace(next)
}

// replace writes the file anew and uses what it says.
func (r *Ring) replace(next ringFile) error {
	keys, err := next.keys()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := overwrite(r.path, raw); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.saved, r.keys = next, keys
	return nil
}

// overwrite replaces a file, so that a power cut leaves the old content or the
// new. Then it wipes the blocks of the old one. A flash disk may keep a copy that
// no program can reach.
func overwrite(path string, raw []byte) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fresh := path + ".new"
	if err := writeSynced(fresh, raw); err != nil {
		return errors.Join(err, closed(old))
	}
	if err := os.Rename(fresh, path); err != nil {
		return errors.Join(err, closed(old))
	}
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return errors.Join(err, closed(old))
	}
	return wipe(old)
}

func writeSynced(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Sync(), f.Close())
}

// SyncDir syncs a folder, so that a new file's name survives a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some filesystems cannot sync a folder
		return err
	}
	return nil
}

// wipe overwrites a file with zeros and closes it. nil is no file.
func wipe(f *os.File) error {
	if f == nil {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.WriteAt(make([]byte, info.Size()), 0)
	return errors.Join(err, f.Sync(), f.Close())
}

func closed(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}
