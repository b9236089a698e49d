package midiout

import (
	"fmt"
	"math"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"downbeat.local/sync/clock"
)

// alarm wakes a goroutine at a moment on the box clock, or when it is poked. It is a
// timer of the kernel on that very clock: timers of Go are up to a millisecond late,
// because their poller counts in whole milliseconds.
type alarm struct {
	file  *os.File
	poked atomic.Bool
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("make a timer: %w", err)
	}
	return &alarm{file: os.NewFile(uintptr(fd), "timer")}, nil
}

// poke ends the wait that is under way, or else the next one. Any goroutine may call
// it.
func (a *alarm) poke() {
	if !a.poked.Swap(true) {
		a.set(0)
	}
}

// wait waits until a moment. One goroutine may call it.
func (a *alarm) wait(until clock.Millis) {
	a.set(until) // before poked is read: a poke after that sets it again
	if !a.poked.Swap(false) {
		var expired [8]byte
		_, _ = a.file.Read(expired[:]) // fails if the alarm is closed
		a.poked.Store(false)
	}
}

// set sets when the kernel wakes the reader: at once for a moment that is over.
func (a *alarm) set(at clock.Millis) {
	raw, err := a.file.SyscallConn()
	if err != nil {
		return // closed
	}
	ns := max(1, math.Ceil(float64(at)*1e6)) // a nanosecond early would be too early
	timer := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(min(ns, math.MaxInt64/2)))}
	_ = raw.Control(func(fd uintptr) { _ = unix.TimerfdSettime(int(fd), unix.TFD_TIMER_ABSTIME, &timer, nil) })
}

func (a *alarm) close() { _ = a.file.Close() }
