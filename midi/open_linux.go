package midi

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// supported reports whether this system has raw MIDI devices.
const supported = true

// openPort opens the file of a port. The file never blocks a thread: reads and
// writes wait in the runtime's poller, where a deadline ends them.
func openPort(p Port, flag int) (*os.File, error) {
	if p.siblings > 1 {
		// The kernel keeps the choice for the thread that made it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if control, err := os.OpenFile(controlOf(p.Node, p.node), os.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
			defer control.Close()
			chosen := int32(p.sub)
			_ = ioctl(control, ctlPreferSubdevice, unsafe.Pointer(&chosen)) // else the first free one
		}
	}
	return os.OpenFile(p.Node, flag|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

// controlOf is the file that controls a device's card.
func controlOf(path string, n node) string {
	return filepath.Join(filepath.Dir(path), "controlC"+strconv.Itoa(n.card))
}

// portName asks the kernel how a port is called. The name is empty if it does not say.
func portName(p Port, way direction) string {
	control, err := os.OpenFile(controlOf(p.Node, p.node), os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer control.Close()
	info := rawmidiInfo{device: uint32(p.node.device), subdevice: uint32(p.sub), stream: int32(way)}
	if ioctl(control, ctlRawmidiInfo, unsafe.Pointer(&info)) != nil {
		return ""
	}
	return cleanName(unix.ByteSliceToString(info.subname[:]))
}

// The ioctls of sound/asound.h.
const (
	rawmidiUserVersion = 'W'<<8 | 0x02 | write | unsafe.Sizeof(int32(0))<<16
	rawmidiSetParams   = 'W'<<8 | 0x10 | readWrite | unsafe.Sizeof(rawmidiParams{})<<16
	rawmidiDrop        = 'W'<<8 | 0x30 | write | unsafe.Sizeof(int32(0))<<16
	ctlRawmidiInfo     = 'U'<<8 | 0x41 | readWrite | unsafe.Sizeof(rawmidiInfo{})<<16
	ctlPreferSubdevice = 'U'<<8 | 0x42 | write | unsafe.Sizeof(int32(0))<<16

	write     = 1 << 30
	readWrite = 3 << 30
)

// rawmidiInfo is struct snd_rawmidi_info.
type rawmidiInfo struct {
	device, subdevice uint32
	stream, card      int32
	flags             uint32
	id                [64]byte
	name              [80]byte
	subname           [32]byte
	count, available  uint32
	_                 [64]byte
}

// rawmidiParams is struct snd_rawmidi_params.
type rawmidiParams struct {
	stream     int32
	bufferSize uintptr
	availMin   uintptr
	flags      uint32
	mode       uint32
	_          [12]byte
}

// inputBuffer is how much the kernel keeps of what a port sends, in bytes. Its
// own 4 KiB overran when a device sent a 20,000-byte SysEx (measured).
const inputBuffer = 256 << 10

// framedByClock is the mode of an input whose bytes come in frames with the time of
// CLOCK_MONOTONIC at which they came. Kernels have it since 5.14.
const framedByClock = 1 | 2<<3

// prepareInput makes the kernel keep more of what a port sends, and say when it
// came. It reports whether the kernel does the latter. A file that is no sound
// device stays as it is.
func prepareInput(f *os.File) (framed bool) {
	version := int32(2<<16 | 0<<8 | 2) // the kernel ignores the mode for programs of an older one
	framed = ioctl(f, rawmidiUserVersion, unsafe.Pointer(&version)) == nil
	params := rawmidiParams{stream: int32(input), bufferSize: inputBuffer, availMin: 1, mode: framedByClock}
	if framed && ioctl(f, rawmidiSetParams, unsafe.Pointer(&params)) == nil {
		return true
	}
	params.mode = 0
	_ = ioctl(f, rawmidiSetParams, unsafe.Pointer(&params))
	return false
}

// dropOutput forgets what an output has not sent yet. A file that is no sound device
// stays as it is.
func dropOutput(f *os.File) {
	way := int32(output)
	_ = ioctl(f, rawmidiDrop, unsafe.Pointer(&way))
}

// monotonic is CLOCK_MONOTONIC, by which the kernel stamps frames.
func monotonic() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic(err) // every Linux has this clock
	}
	return time.Duration(now.Nano())
}

func ioctl(f *os.File, request uintptr, argument unsafe.Pointer) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed unix.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(argument))
	})
	if err != nil {
		return err
	}
	if failed != 0 {
		return failed
	}
	return nil
}

// readable says why this user may not read a file.
func readable(path string) error {
	return unix.Faccessat(unix.AT_FDCWD, path, unix.R_OK, unix.AT_EACCESS)
}

// groupOf is the name of the group that owns a file; empty if it is not known.
func groupOf(path string) string {
	var stat unix.Stat_t
	if unix.Stat(path, &stat) != nil {
		return ""
	}
	id := strconv.Itoa(int(stat.Gid))
	group, err := user.LookupGroupId(id)
	if err != nil {
		return id
	}
	return strings.TrimSpace(group.Name)
}
