//go:build !linux

package midi

import (
	"errors"
	"os"
	"time"
)

// supported reports whether this system has raw MIDI devices.
const supported = false

func openPort(Port, int) (*os.File, error) { return nil, errors.ErrUnsupported }

func portName(Port, direction) string { return "" }

func prepareInput(*os.File) (framed bool) { return false }

func dropOutput(*os.File) {}

func monotonic() time.Duration { return 0 }

func readable(string) error { return nil }

func groupOf(string) string { return "" }
