package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Files of a machine.
const (
	initrdName = "initrd"
	diskName   = "disk"
)

// programs are what runs in the machine, by name.
var programs = map[string]string{"init": "./scripts/hardware/guest", "downbeat": "./cmd/downbeat"}

// buildInitrd makes the file system from which the machine starts: the guest, the
// box and the kernel's modules.
func buildInitrd(ctx context.Context, m machine, k kernel, work string) error {
	var archive bytes.Buffer
	for _, folder := range []string{"dev", "proc", "sys", "disk", "etc", "modules"} {
		addFolder(&archive, folder)
	}
	addConsole(&archive)
	for name, source := range programs {
		binary := filepath.Join(work, name)
		build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", binary, source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+m.arch)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %s", source, bytes.TrimSpace(out))
		}
		if err := addFile(&archive, name, binary); err != nil {
			return err
		}
	}
	// The guest loads the modules in the order of their names.
	for i, module := range k.modules {
		if err := addFile(&archive, fmt.Sprintf("modules/%03d-%s", i, filepath.Base(module)), module); err != nil {
			return err
		}
	}
	addTrailer(&archive)
	return os.WriteFile(filepath.Join(work, initrdName), archive.Bytes(), 0o600)
}

// diskSize is how much the machine's disk holds.
const diskSize = 256 << 20

// makeDisk makes an empty disk, on which the box keeps its data.
func makeDisk(ctx context.Context, work string) error {
	disk := filepath.Join(work, diskName)
	if err := os.WriteFile(disk, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(disk, diskSize); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "/sbin/mkfs.ext4", "-q", "-F", disk).CombinedOutput(); err != nil {
		return fmt.Errorf("make a disk: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}
