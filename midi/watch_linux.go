package midi

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Changes that matter. Of the folder: a file comes, goes, or changes its owner, as
// udev does after the kernel has made it. Of the folder above: the folder comes.
// Linux makes /dev/snd with the first sound card.
const (
	folderEvents = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ATTRIB | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_ONLYDIR
	aboveEvents  = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ONLYDIR
)

// watchFolder calls changed at first and whenever a folder changes, until ctx ends.
// The folder may come later; the one above it is there.
func watchFolder(ctx context.Context, folder string, changed func()) error {
	w, err := newFolderWatch(folder)
	if err != nil {
		return fmt.Errorf("watch %s: %w", folder, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = w.file.Close() }) // ends the read below
	defer func() {
		if stop() {
			_ = w.file.Close()
		}
	}()
	for matters := true; ; {
		if matters {
			if _, err := w.add(folder, folderEvents); err != nil && !errors.Is(err, unix.ENOENT) {
				return fmt.Errorf("watch %s: %w", folder, err)
			}
			changed()
		}
		if matters, err = w.wait(); err != nil {
			return fmt.Errorf("watch %s: %w", folder, err)
		}
	}
}

// folderWatch reads changes of a folder from inotify.
type folderWatch struct {
	file   *os.File
	name   string // of the folder
	above  int32  // the watch of the folder above
	events []byte
}

func newFolderWatch(folder string) (*folderWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	w := &folderWatch{
		file: os.NewFile(uintptr(fd), "inotify"), name: filepath.Base(folder),
		events: make([]byte, 64*(unix.SizeofInotifyEvent+unix.NAME_MAX+1)),
	}
	if w.above, err = w.add(filepath.Dir(folder), aboveEvents); err != nil {
		_ = w.file.Close()
		return nil, err
	}
	return w, nil
}

// add watches a folder, or goes on doing so.
func (w *folderWatch) add(folder string, events uint32) (watch int32, err error) {
	raw, err := w.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(fd uintptr) {
		var n int
		n, err = unix.InotifyAddWatch(int(fd), folder, events)
		watch = int32(n)
	})
	return watch, errors.Join(failed, err)
}

// wait waits for changes. It reports whether one of them matters: of all that
// comes into the folder above, only the folder itself does.
func (w *folderWatch) wait() (matters bool, err error) {
	n, err := w.file.Read(w.events)
	for rest := w.events[:max(n, 0)]; len(rest) >= unix.SizeofInotifyEvent; {
		// struct inotify_event: watch, mask, cookie, length of the name.
		watch := int32(binary.NativeEndian.Uint32(rest))
		size := int(binary.NativeEndian.Uint32(rest[12:]))
		end := min(unix.SizeofInotifyEvent+size, len(rest))
		name := unix.ByteSliceToString(rest[unix.SizeofInotifyEvent:end])
		matters = matters || watch != w.above || name == w.name
		rest = rest[end:]
	}
	return matters, err
}
