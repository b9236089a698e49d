package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// wanted are the modules that make a USB keyboard, a machine that finds it, and a
// disk. ext4 asks for crc32c by what it does, so that it is no dependency.
var wanted = []string{"virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "snd_usb_audio", "dummy_hcd", "usb_f_midi", "configfs"}

// modulesOf lists the wanted modules and all that they need, in an order in which
// they can be loaded. What the kernel has built in is no module.
func modulesOf(unpacked string) ([]string, error) {
	l := loadOrder{paths: map[string]string{}, done: map[string]bool{}}
	err := filepath.WalkDir(unpacked, func(path string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".ko"); ok {
			l.paths[moduleName(name)] = path
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range wanted {
		if err := l.add(name); err != nil {
			return nil, err
		}
	}
	return l.ordered, nil
}

// loadOrder puts modules in an order in which they can be loaded.
type loadOrder struct {
	paths   map[string]string // by name
	done    map[string]bool
	ordered []string
}

// add adds a module after those that it needs.
func (l *loadOrder) add(name string) error {
	path := l.paths[name]
	if l.done[name] || path == "" {
		return nil
	}
	l.done[name] = true
	needs, err := needsOf(path)
	if err != nil {
		return err
	}
	for _, need := range needs {
		if err := l.add(moduleName(need)); err != nil {
			return err
		}
	}
	l.ordered = append(l.ordered, path)
	return nil
}

// moduleName is a module's name as the kernel writes it.
func moduleName(name string) string { return strings.ReplaceAll(name, "-", "_") }

// needsOf reads which modules a module needs, from its section .modinfo.
func needsOf(path string) ([]string, error) {
	file, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the module %s: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	section := file.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("the module %s does not say what it needs", path)
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for line := range bytes.SplitSeq(info, []byte{0}) {
		if needs, ok := strings.CutPrefix(string(line), "depends="); ok && needs != "" {
			return strings.Split(needs, ","), nil
		}
	}
	return nil, nil
}
