package appliance

import "golang.org/x/sys/unix"

// clockSet reports whether a time server has set the clock of the machine, and the
// kernel still takes it for right (adjtimex(2)).
func clockSet() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}
