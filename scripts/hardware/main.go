// Hardware plays real USB keyboards into the box, with no hardware: it boots
// Debian's own kernel in QEMU under software emulation, for x86-64 and for arm64.
// There dummy_hcd and the USB gadget f_midi make genuine USB-MIDI devices, which
// snd-usb-audio finds. The guest (scripts/hardware/guest) is the first program of
// that machine: it plugs the keyboards in, plays, unplugs them mid-note, restarts
// the machine and cuts its power, and checks what the real binary made of it.
//
// The machine counts time by the instructions that it has carried out
// (QEMU's -icount), so that a slow or busy host changes no time in it, except that
// it runs ahead while a disk is read: the short form has none. Its figures
// are those of a machine that carries out a billion instructions a second.
//
// The kernel's package is downloaded with apt and kept; nothing is installed.
//
//	go run ./scripts/hardware -rounds 100
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	machines []machine
	rounds   int
	short    bool
	limit    time.Duration
	keep     string
}

func main() {
	o, err := parseOptions()
	if err != nil {
		fmt.Fprintln(os.Stderr, "hardware:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for _, m := range o.machines {
		if err := o.run(ctx, m); err != nil {
			fmt.Fprintf(os.Stderr, "hardware: %s: %v\n", m.arch, err)
			os.Exit(1)
		}
	}
}

func parseOptions() (o options, err error) {
	archs := flag.String("arch", "amd64,arm64", "the machines, by their processors")
	flag.IntVar(&o.rounds, "rounds", 100, "how often the keyboards are plugged in anew")
	flag.BoolVar(&o.short, "short", false, "the most important checks only, and no restart")
	flag.DurationVar(&o.limit, "limit", time.Hour, "how long each machine may take")
	flag.StringVar(&o.keep, "keep", "", "where the kernels are kept; empty means the user's cache")
	flag.Parse()
	if o.keep == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return o, err
		}
		o.keep = filepath.Join(cache, "downbeat-kernel")
	}
	for arch := range strings.SplitSeq(*archs, ",") {
		m, err := machineOf(arch)
		if err != nil {
			return o, err
		}
		o.machines = append(o.machines, m)
	}
	return o, nil
}

// run plays keyboards into one machine.
func (o options) run(ctx context.Context, m machine) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.limit, errors.New("the machine took too long"))
	defer cancel()
	k, err := fetchKernel(ctx, m.arch, filepath.Join(o.keep, m.arch))
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "downbeat-hardware-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := buildInitrd(ctx, m, k, work); err != nil {
		return err
	}
	if err := makeDisk(ctx, work); err != nil {
		return err
	}
	fmt.Printf("%s: %s\n", m.arch, filepath.Base(k.image))
	return m.run(ctx, k.image, work, o.told())
}

// told is what the guest reads of the options.
func (o options) told() string {
	if o.short {
		return fmt.Sprintf("rounds=%d short", o.rounds)
	}
	return fmt.Sprintf("rounds=%d", o.rounds)
}
