//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// setUp mounts the file systems, loads the kernel's modules and brings up the
// loopback network.
func setUp(asked options) error {
	for _, m := range []struct{ kind, at string }{{"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	modules, err := filepath.Glob("/modules/*.ko")
	if err != nil {
		return err
	}
	for _, path := range modules {
		if err := load(path); err != nil {
			return err
		}
	}
	if err := unix.Mount("configfs", "/sys/kernel/config", "configfs", 0, ""); err != nil {
		return fmt.Errorf("mount configfs: %w", err)
	}
	if err := asked.mountDisk(); err != nil {
		return fmt.Errorf("mount the disk: %w", err)
	}
	users := map[string]string{
		"/etc/passwd": fmt.Sprintf("downbeat:x:%d:%d::/:/\n", boxUser, boxUser), "/etc/group": fmt.Sprintf("audio:x:%d:\n", audio),
	}
	for file, text := range users {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return loopback()
}

// mountDisk mounts the disk. Without a restart memory will do, and is better: the
// machine's time runs on while a busy host reads a disk.
func (o options) mountDisk() error {
	if o.short {
		return unix.Mount("tmpfs", disk, "tmpfs", 0, "")
	}
	return unix.Mount("/dev/vda", disk, "ext4", 0, "")
}

// sockets is how many USB sockets the machine has.
const sockets = 10

func load(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	parameters := ""
	if strings.Contains(path, "dummy_hcd") {
		parameters = fmt.Sprintf("num=%d", sockets)
	}
	if err := unix.FinitModule(int(file.Fd()), parameters, 0); err != nil && err != unix.EEXIST {
		return fmt.Errorf("load %s: %w", path, err)
	}
	return nil
}

func loopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(socket) }()
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, lo)
}

// options are what the host asks for on the kernel's command line.
type options struct {
	rounds int
	short  bool
}

func readOptions() (o options, err error) {
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return o, fmt.Errorf("mount /proc: %w", err)
	}
	line, err := os.ReadFile("/proc/cmdline")
	for field := range strings.FieldsSeq(string(line)) {
		if text, ok := strings.CutPrefix(field, "rounds="); ok && err == nil {
			o.rounds, err = strconv.Atoi(text)
		}
		o.short = o.short || field == "short"
	}
	return o, err
}

// The disk: what the box keeps on it and says, and what the guest remembers.
const (
	disk       = "/disk"
	data       = disk + "/data"
	logFile    = disk + "/log"
	memoryFile = disk + "/guest.json"
)

// memory is what the guest remembers from one boot to the next.
type memory struct {
	Boots  int
	Places map[string]seated // where keyboards played, by ID
}

// readMemory reads what the last boot wrote. The first boot remembers nothing.
func readMemory() (m memory, err error) {
	raw, err := os.ReadFile(memoryFile)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	return m, err
}

// write keeps the memory, also if the power is cut at once.
func (m memory) write() error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	file, err := os.Create(memoryFile)
	if err != nil {
		return err
	}
	_, err = file.Write(raw)
	return errors.Join(err, file.Sync(), file.Close())
}
