//go:build linux

// Guest is the first program of the machine that scripts/hardware boots. It loads
// the kernel's modules, starts the real box as a user of the group audio, and
// plays USB keyboards into it that it plugs in and unplugs. It prints what it
// measures, and at last how the boot ends: see the last lines that the host knows.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Last lines of a boot. scripts/hardware has them, too.
const (
	passed     = "HARDWARE PASSED"
	failed     = "HARDWARE FAILED: "
	restarts   = "HARDWARE RESTARTS"
	losesPower = "HARDWARE LOSES POWER"
)

func main() {
	last, err := run(context.Background())
	if err != nil {
		said, _ := os.ReadFile(logFile) // empty if the box has not been started
		fmt.Printf("the box says:\n%s", said)
		last = failed + err.Error()
	}
	how := unix.LINUX_REBOOT_CMD_POWER_OFF
	switch last {
	case losesPower: // with what is still in memory, and not on the disk
		fmt.Println(last)
		select {}
	case restarts:
		how = unix.LINUX_REBOOT_CMD_RESTART
	}
	unix.Sync()
	fmt.Println(last)
	_ = unix.Reboot(how)
	select {} // the first program must not end
}

// check is one thing that is tried with a running box.
type check struct {
	name string
	do   func(*box) error
}

// run carries out the checks of this boot, and returns how it is to end.
func run(ctx context.Context) (last string, err error) {
	asked, err := readOptions()
	if err != nil {
		return "", err
	}
	if err := setUp(asked); err != nil {
		return "", err
	}
	before, err := readMemory()
	if err != nil {
		return "", err
	}
	b, err := startBox(ctx)
	if err != nil {
		return "", err
	}
	checks, last := checksOf(asked, before)
	for _, c := range checks {
		began := time.Now()
		if err := errors.Join(c.do(b), b.silent()); err != nil {
			return "", fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Printf("ok  %s (%.1f s)\n", c.name, time.Since(began).Seconds())
	}
	if last == losesPower {
		return last, nil // the box runs on
	}
	return last, b.end()
}

// checksOf are the checks of a boot. The first plays everything. Before the second
// the machine was restarted, and before the third its power was cut.
func checksOf(asked options, before memory) (checks []check, last string) {
	rounds := check{"keyboards that come in any order keep their rooms and seats", asked.playRounds}
	switch {
	case asked.short:
		return append([]check{
			{"a keyboard is plugged in, plays, and is unplugged mid-note", asked.plugPlayUnplug},
			{"a device with two ports is two keyboards", twoPorts},
		}, rounds, check{"seats survive the box's end by kill -9", killed}), passed
	case before.Boots == 0:
		return []check{
			{"a keyboard is plugged in, plays, and is unplugged mid-note", asked.plugPlayUnplug},
			{"a keyboard that nobody may open says so, and plays when they may", withoutPermission},
			{"a long SysEx passes by", longSysEx},
			{"a keyboard is unplugged during a SysEx", pulledDuringSysEx},
			{"a device with two ports is two keyboards", twoPorts},
			{"ten keyboards play at once", tenAtOnce},
			{"a keyboard takes the beat", takesTheBeat},
			rounds,
			{"seats survive the box's end by kill -9", killed},
		}, restarts
	case before.Boots == 1:
		return []check{{"rooms and seats survive a restart of the machine", before.comeBack}}, losesPower
	}
	return []check{{"rooms and seats survive a power cut", before.comeBack}}, passed
}
