package clock

import "golang.org/x/sys/unix"

// Now is the box clock.
func Now() Millis {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic(err) // every Linux since 2.6.39 has this clock
	}
	return Millis(float64(ts.Sec)*1e3 + float64(ts.Nsec)/1e6)
}
