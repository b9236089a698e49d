package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/midi"
	"downbeat.local/midi/miditest"
)

// screen is what a command prints, while it prints.
type screen struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// await waits until the screen shows a text.
func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		shown := s.text.String()
		s.mu.Unlock()
		if strings.Contains(shown, text) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%q is not on the screen:\n%s", text, shown)
		}
	}
}

func TestMIDIMonitor(t *testing.T) {
	m := miditest.New(t)
	var out, problems screen
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	monitor := midiMonitorCmd{midiFlags: midiFlags{MIDIDevices: m.Devices}}
	go func() { ended <- monitor.Run(&world{ctx: ctx, stdout: &out, stderr: &problems}) }()
	out.await(t, "There are no MIDI ports.")
	k := m.Plug("midiC40D0")
	out.await(t, "midiC40D0  is open")
	k.Send(midi.ActiveSensing, midi.NoteOn, 60, 100, 60, 0)
	out.await(t, "midiC40D0  channel  1  note on  C4  (60) velocity 100")
	out.await(t, "midiC40D0  channel  1  note off C4  (60)")
	k.Unplug()
	out.await(t, "midiC40D0  is unplugged")
	stop()
	if err := <-ended; err != nil {
		t.Errorf("after Ctrl-C it ended with %v", err)
	}
	if got := problems.text.String() + out.text.String(); strings.Contains(got, "sensing") || strings.Contains(got, "level=") {
		t.Errorf("it printed\n%s", got)
	}
}
