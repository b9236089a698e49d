package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// machine is a kind of computer that QEMU emulates.
type machine struct {
	arch    string // its processor, as Go and Debian call it
	qemu    string
	kind    []string // what QEMU needs to know of it
	console string   // where its kernel prints
}

var machines = []machine{
	{arch: "amd64", qemu: "qemu-system-x86_64", kind: []string{"-cpu", "max"}, console: "ttyS0"},
	{arch: "arm64", qemu: "qemu-system-aarch64", kind: []string{"-M", "virt", "-cpu", "cortex-a72"}, console: "ttyAMA0"},
}

func machineOf(arch string) (machine, error) {
	for _, m := range machines {
		if m.arch == arch {
			return m, nil
		}
	}
	return machine{}, fmt.Errorf("no machine has a processor %q", arch)
}

// The guest's last line says how a boot ends.
const (
	passed     = "HARDWARE PASSED"
	restarts   = "HARDWARE RESTARTS"
	losesPower = "HARDWARE LOSES POWER" // now: it has not said goodbye to its disk
)

// maxBoots bounds how often a machine is started.
const maxBoots = 5

// run starts the machine, and starts it again while it asks for that.
func (m machine) run(ctx context.Context, image, work, told string) error {
	for range maxBoots {
		last, err := m.boot(ctx, image, work, told)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case last == passed:
			return nil
		case last == restarts, last == losesPower:
		case err != nil:
			return fmt.Errorf("%s: %w", m.qemu, err)
		default:
			return errors.New("the keyboards did not pass")
		}
	}
	return errors.New("the machine asks to be started for ever")
}

// boot runs the machine until it powers off or its power is cut, prints what it
// says, and returns how it ended.
func (m machine) boot(ctx context.Context, image, work, told string) (last string, err error) {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	qemu := exec.CommandContext(ctx, m.qemu, m.arguments(image, work, told)...)
	qemu.Stderr = os.Stderr
	out, err := qemu.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := qemu.Start(); err != nil {
		return "", fmt.Errorf("%w (scripts/setup.sh hardware installs it)", err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := strings.TrimRight(lines.Text(), "\r")
		fmt.Println(line)
		switch line {
		case passed, restarts:
			last = line
		case losesPower:
			last = line
			cut()
		}
	}
	return last, qemu.Wait()
}

// arguments tells QEMU what machine to be. Its time is that of the instructions
// carried out, a nanosecond each. What it writes to its disk stays when QEMU is
// killed; what its kernel still keeps in memory is lost.
func (m machine) arguments(image, work, told string) []string {
	return append(
		m.kind, "-accel", "tcg", "-icount", "shift=0,sleep=off", "-m", "768", "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
		"-drive", "if=none,id=disk,format=raw,cache=unsafe,file="+filepath.Join(work, diskName), "-device", "virtio-blk-pci,drive=disk",
		"-kernel", image, "-initrd", filepath.Join(work, initrdName),
		"-append", "console="+m.console+" quiet panic=-1 "+told,
	)
}
