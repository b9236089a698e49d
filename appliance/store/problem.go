package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"
)

// Why a store does not open, or does not take a write.
var (
	ErrLocked     = errors.New("another process uses it")
	ErrCorrupt    = errors.New("it is damaged")
	ErrNewer      = errors.New("a newer version of Downbeat wrote it")
	ErrUnwritable = errors.New("it cannot be written")
	// ErrBroken answers writes after the disk failed to sync one: it may hold
	// any mixture, so nothing more is promised until a restart.
	ErrBroken = errors.New("the disk failed and the store takes no more writes until a restart")
)

// OpenError is a store that does not open. It prints one sentence for the
// person at the machine; Unwrap gives one of the errors above, or the cause
// when it is none of them.
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
	case ErrNewer:
		return fmt.Sprintf("%s was written by a newer version of Downbeat: install that version, or choose another folder with --data", e.Path)
	case ErrUnwritable:
		return fmt.Sprintf("%s cannot be written (%s): make %s writable for this user, or choose another folder with --data",
			e.Path, reason(e.Cause), filepath.Dir(e.Path))
	}
	return fmt.Sprintf("open %s: %v", e.Path, e.Cause)
}

// Unwrap gives the kind and the cause.
func (e *OpenError) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Cause}
	}
	return []error{e.Kind, e.Cause}
}

// isDisk reports whether the filesystem itself refused.
func isDisk(err error) bool {
	refusals := []error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EACCES, syscall.EPERM,
		syscall.EIO, syscall.ENOTDIR, syscall.ENOENT, syscall.EISDIR,
	}
	return slices.ContainsFunc(refusals, func(e error) bool { return errors.Is(err, e) })
}

// explain sorts an error of opening into one of the kinds.
func explain(path string, err error) error {
	kind := error(nil)
	_, isPath := errors.AsType[*os.PathError](err)
	_, isSystem := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, ErrNewer):
		kind = ErrNewer
	case errors.Is(err, bolterrors.ErrTimeout):
		kind = ErrLocked
	case isPath || isDisk(err):
		kind = ErrUnwritable
	case !isSystem: // bbolt has read something that is not its own
		kind = ErrCorrupt
	}
	return &OpenError{Path: path, Kind: kind, Cause: err}
}

// reason leaves the path out of an error that names it already.
func reason(err error) string {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}
