package cost

import (
	"runtime"
	"time"
)

// Stopwatch measures how long the goroutine that started it has had a processor.
// On a busy machine that is far less than the time that passes, and a client must
// not pay for what others do.
type Stopwatch struct{ began time.Duration }

// StartWatch starts a stopwatch. The goroutine stays on its thread until Stop.
func StartWatch() Stopwatch {
	runtime.LockOSThread()
	return Stopwatch{threadTime()}
}

// Read returns the time until now.
func (s Stopwatch) Read() time.Duration { return threadTime() - s.began }

// Stop returns the time until now, and lets the goroutine off its thread.
func (s Stopwatch) Stop() time.Duration {
	defer runtime.UnlockOSThread()
	return s.Read()
}
