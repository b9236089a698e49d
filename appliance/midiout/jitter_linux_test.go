package midiout

import (
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// BenchmarkClockJitter reports how late the ticks of MIDI clock come out of a pipe, at
// 300 beats a minute: as a sender sends them, and from a thread that does nothing but
// sleep until each tick and write it, which is the floor. A pipe has no delay of its
// own, unlike a pseudo-terminal.
func BenchmarkClockJitter(b *testing.B) {
	for b.Loop() {
		report(b, "", jitter(b, sendTicks))
		report(b, "floor-", jitter(b, sleepAndWrite))
	}
}

// jitterTicks is how many ticks are measured: 5 s.
const jitterTicks = 600

func report(b *testing.B, prefix string, late []float64) {
	slices.Sort(late)
	b.ReportMetric(late[len(late)/2], prefix+"p50-ms")
	b.ReportMetric(late[len(late)*99/100], prefix+"p99-ms")
}

// jitter measures a source of ticks, in ms.
func jitter(b *testing.B, from func(*midi.Out, clock.Timeline) error) (late []float64) {
	path := filepath.Join(b.TempDir(), "midiC1D0")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		b.Fatal(err)
	}
	fd, err := unix.Open(path, unix.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	out, err := midi.Port{Node: path}.OpenOutput()
	if err != nil {
		b.Fatal(err)
	}
	line := clock.Timeline{Running: true, BPM: clock.MaxBPM, Meter: 4, Time0: clock.Now().Add(100 * time.Millisecond)}
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(from(out, line), out.Close()) }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for buf := make([]byte, 16); len(late) < jitterTicks; {
		n, err := unix.Read(fd, buf)
		if err != nil && !errors.Is(err, unix.EINTR) {
			b.Fatal(err)
		}
		now := clock.Now()
		for _, c := range buf[:max(n, 0)] {
			if c == midi.Clock {
				late = append(late, float64(now-timeOfTick(line, int64(len(late)))))
			}
		}
	}
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	return late
}

// sendTicks is what a sender does for the clock.
func sendTicks(out *midi.Out, line clock.Timeline) error {
	alarm, err := newAlarm()
	if err != nil {
		return err
	}
	defer alarm.close()
	var c midiClock
	for ticks := 0; ticks < jitterTicks; {
		send, next := c.due(nil, clock.Plan{line}, clock.Now())
		if len(send) > 0 {
			ticks = int(c.tick) + 1
			if err := out.Send(send); err != nil {
				return err
			}
		}
		alarm.wait(next)
	}
	return nil
}

// sleepAndWrite is the floor.
func sleepAndWrite(out *midi.Out, line clock.Timeline) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for tick := range int64(jitterTicks) {
		at := unix.NsecToTimespec(int64(float64(timeOfTick(line, tick)) * 1e6))
		for errors.Is(unix.ClockNanosleep(unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME, &at, nil), unix.EINTR) {
		}
		if err := out.Send([]byte{midi.Clock}); err != nil {
			return err
		}
	}
	return nil
}
