package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"

	"downbeat.local/appliance/seal"
)

// Why a store does not open, or refuses a write.
var (
	ErrLocked     = errors.New("another process uses it")
	ErrCorrupt    = errors.New("it is damaged")
	ErrEmptied    = errors.New("it is empty and was not")
	ErrNewer      = errors.New("a newer version of Downbeat wrote it")
	ErrUnwritable = errors.New("it cannot be written")
	// ErrKeys means that the file of the box's keys is missing, damaged, or of
	// another store.
	ErrKeys = errors.New("its keys are missing")
	// ErrReadOnly refuses writes while the file system can only be read.
	ErrReadOnly = errors.New("the disk can only be read")
	// ErrBroken refuses writes after the disk failed to sync one. The file may
	// hold any mixture of old and new, so no write is safe until a restart.
	ErrBroken = errors.New("the disk failed and the store takes no more writes until a restart")
)

// OpenError says why a store does not open, in one sentence for the person at
// the machine. Unwrap returns one of the errors above, or else the cause.
type OpenError struct {
	Path  string
	Kind  error // one of the errors above, or nil
	Cause error
}

// Error says what is wrong and what to do.
func (e *OpenError) Error() string {
	switch e.Kind {
	case ErrLocked:
		return fmt.Sprintf("another Downbeat is using %s: stop it, or choose another folder with --data", e.Path)
	case ErrCorrupt:
		return fmt.Sprintf("%s is damaged: move it away and start again, or put a backup in its place", e.Path)
	case ErrEmptied:
		return fmt.Sprintf("%s is empty, and this box has had data: put a backup in its place, or move %s away too and start as a new box",
			e.Path, KeyFileName)
	case ErrNewer:
		return fmt.Sprintf("%s was written by a newer version of Downbeat: install that version, or choose another folder with --data", e.Path)
	case ErrKeys:
		return fmt.Sprintf("%s cannot be read without its keys: put the file %s of the same data folder or backup beside it",
			e.Path, KeyFileName)
	case ErrUnwritable:
		return fmt.Sprintf("%s cannot be written (%s): make %s writable for this user, or choose another folder with --data",
			e.Path, reason(e.Cause), filepath.Dir(e.Path))
	}
	return fmt.Sprintf("open %s: %v", e.Path, e.Cause)
}

// Unwrap returns the kind and the cause.
func (e *OpenError) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Cause}
	}
	return []error{e.Kind, e.Cause}
}

// isDisk reports whether the filesystem refused.
func isDisk(err error) bool {
	refusals := []error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EACCES, syscall.EPERM,
		syscall.EIO, syscall.ENOTDIR, syscall.ENOENT, syscall.EISDIR,
	}
	return slices.ContainsFunc(refusals, func(e error) bool { return errors.Is(err, e) })
}

// explain finds the kind of an error on opening.
func explain(path string, err error) error {
	kind := error(nil)
	_, isPath := errors.AsType[*os.PathError](err)
	_, isSystem := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, ErrNewer):
		kind = ErrNewer
	case errors.Is(err, ErrEmptied):
		kind = ErrEmptied
	case errors.Is(err, seal.ErrNoRing), errors.Is(err, seal.ErrBadRing), errors.Is(err, errOtherKeys):
		kind = ErrKeys
	case errors.Is(err, bolterrors.ErrTimeout):
		kind = ErrLocked
	case isPath || isDisk(err):
		kind = ErrUnwritable
	case !isSystem: // bbolt has read what it did not write
		kind = ErrCorrupt
	}
	return &OpenError{Path: path, Kind: kind, Cause: err}
}

// reason cuts the path from an error that the sentence names already.
func reason(err error) string {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}
