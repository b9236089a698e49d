// Package miditest makes machines for tests, whose MIDI devices are named pipes. The
// same driver reads them as reads real devices.
package miditest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Machine is a machine whose devices, /sys and /proc are folders of a test.
type Machine struct {
	Devices, Sys, Proc string

	t *testing.T
}

// New makes a machine without devices.
func New(t *testing.T) *Machine {
	t.Helper()
	root := t.TempDir()
	m := &Machine{
		t: t, Devices: filepath.Join(root, "dev", "snd"), Sys: filepath.Join(root, "sys"), Proc: filepath.Join(root, "proc"),
	}
	m.MakeFolder(m.Devices)
	return m
}

// MakeFolder makes a folder and those above it.
func (m *Machine) MakeFolder(path string) {
	m.t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		m.t.Fatal(err)
	}
}

// Write writes a file, in a folder that it makes.
func (m *Machine) Write(path, text string) {
	m.t.Helper()
	m.MakeFolder(filepath.Dir(path))
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// Sound describes a device to sysfs, as one of a card: its folder is below at.
func (m *Machine) Sound(at, id, node string) {
	m.t.Helper()
	card, _, _ := strings.Cut(strings.TrimPrefix(node, "midiC"), "D")
	folder := filepath.Join(m.Sys, "devices", at, "sound", "card"+card)
	m.Write(filepath.Join(folder, "id"), id+"\n")
	m.MakeFolder(filepath.Join(folder, node))
	class := filepath.Join(m.Sys, "class/sound")
	m.MakeFolder(class)
	link := filepath.Join(class, node)
	_ = os.Remove(link) // of what was plugged in before
	if err := os.Symlink(filepath.Join(folder, node), link); err != nil {
		m.t.Fatal(err)
	}
}

// USB describes a USB device.
type USB struct {
	Place                         string // where it is plugged in: "1-1.2"
	Vendor, Product, Serial, Name string
}

// Describe describes a USB device with MIDI to sysfs.
func (m *Machine) Describe(node string, d USB) {
	m.t.Helper()
	at := filepath.Join("pci0000:00/usb1", d.Place)
	for file, text := range map[string]string{"idVendor": d.Vendor, "idProduct": d.Product, "serial": d.Serial, "product": d.Name} {
		path := filepath.Join(m.Sys, "devices", at, file)
		_ = os.Remove(path)
		if text != "" {
			m.Write(path, text+"\n")
		}
	}
	m.Sound(filepath.Join(at, d.Place+":1.0"), "Keyboard", node)
}

// Keyboard is a keyboard that is plugged in: a pipe that the test writes to.
type Keyboard struct {
	Path string // of the device's file

	t    *testing.T
	pipe *os.File
}

// Plug makes the file of a device appear.
func (m *Machine) Plug(node string) *Keyboard {
	m.t.Helper()
	made := filepath.Join(m.t.TempDir(), node)
	if err := unix.Mkfifo(made, 0o600); err != nil {
		m.t.Fatal(err)
	}
	pipe, err := os.OpenFile(made, os.O_RDWR, 0) // a writer, so that a reader sees no end
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { pipe.Close() })
	path := filepath.Join(m.Devices, node)
	if err := os.Rename(made, path); err != nil {
		m.t.Fatal(err)
	}
	return &Keyboard{Path: path, t: m.t, pipe: pipe}
}

// Unplug takes the device away, with its file.
func (k *Keyboard) Unplug() {
	k.t.Helper()
	if err := os.Remove(k.Path); err != nil {
		k.t.Fatal(err)
	}
	k.pipe.Close()
}

// Send sends bytes.
func (k *Keyboard) Send(bytes ...byte) {
	k.t.Helper()
	if _, err := k.pipe.Write(bytes); err != nil {
		k.t.Fatal(err)
	}
}

// PlugTwoWay makes the file of a device appear that can be played, too: a
// pseudo-terminal. What the test writes to the file that it gets comes from the
// device, and what it reads was sent to the device. To close it is to pull the
// cable, though the device's file stays.
func (m *Machine) PlugTwoWay(node string) *os.File {
	m.t.Helper()
	side, path, err := OpenTerminal()
	if errors.Is(err, os.ErrNotExist) {
		m.t.Skipf("no pseudo-terminals here: %v", err)
	} else if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { side.Close() })
	if err := os.Symlink(path, filepath.Join(m.Devices, node)); err != nil {
		m.t.Fatal(err)
	}
	return side
}

// OpenTerminal opens a pseudo-terminal that passes bytes unchanged. It returns one
// side, and the path of the other.
func OpenTerminal() (side *os.File, path string, err error) {
	side, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, "", err
	}
	number, err := openTerminal(side)
	if err != nil {
		return nil, "", errors.Join(err, side.Close())
	}
	return side, fmt.Sprintf("/dev/pts/%d", number), nil
}

// openTerminal unlocks a pseudo-terminal, makes it pass bytes unchanged, and
// returns its number.
func openTerminal(side *os.File) (number int, err error) {
	raw, err := side.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(fd uintptr) {
		unchanged := unix.Termios{Cflag: unix.CS8 | unix.CREAD}
		unchanged.Cc[unix.VMIN] = 1
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err != nil {
			return
		}
		if number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN); err == nil {
			err = unix.IoctlSetTermios(int(fd), unix.TCSETS, &unchanged)
		}
	})
	return number, errors.Join(failed, err)
}
