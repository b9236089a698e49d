//go:build !linux

package midiout

import (
	"time"

	"downbeat.local/sync/clock"
)

// alarm wakes a goroutine at a moment on the box clock, or when it is poked. Systems
// without MIDI ports never use it for long.
type alarm struct{ poked chan struct{} }

func newAlarm() (*alarm, error) { return &alarm{poked: make(chan struct{}, 1)}, nil }

func (a *alarm) poke() {
	select {
	case a.poked <- struct{}{}:
	default:
	}
}

func (a *alarm) wait(until clock.Millis) {
	timer := time.NewTimer(until.Sub(clock.Now()))
	defer timer.Stop()
	select {
	case <-a.poked:
	case <-timer.C:
	}
}

func (a *alarm) close() {}
