package portmemory

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"downbeat.local/appliance/store"
	"downbeat.local/midi"
)

// place is what the tests remember of a port.
type place struct{ Room, Secret string }

// hasSecret takes a port for the one that had its secret.
func hasSecret(secret string) func(string, place) bool {
	return func(_ string, was place) bool { return secret != "" && was.Secret == secret }
}

// set remembers a place.
func set(m *Memory[place], p midi.Port, at place) {
	m.Set(context.Background(), p, at, hasSecret(at.Secret))
}

// remember opens a memory on a store. Its second result opens it anew, as after a
// restart.
func remember(t *testing.T) (m *Memory[place], again func() *Memory[place]) {
	t.Helper()
	s, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	again = func() *Memory[place] {
		t.Helper()
		m, err := Open[place](s, store.Keyboards, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	return again(), again
}

func port(serial, place string) midi.Port {
	return midi.Port{Model: "1c75:0288", Serial: serial, Place: place}
}

func TestAPortIsKnownAgain(t *testing.T) {
	m, again := remember(t)
	music, choir := place{Room: "MUSIC-2024", Secret: "secret"}, place{Room: "CHOIR-1000", Secret: "other"}
	set(m, port("A", "usb:1-1/0.0"), music)
	set(m, port("", "usb:1-2/0.0"), choir)
	set(m, midi.Port{Place: "midiC0D0/0.0"}, place{})
	for name, c := range map[string]struct {
		port    midi.Port
		twin    bool // the keyboard that was there is still plugged in
		want    place
		unknown bool
	}{
		"in its socket":                      {port: port("A", "usb:1-1/0.0"), want: music},
		"in another socket":                  {port: port("A", "usb:1-4/0.0"), want: music},
		"in another socket, beside a twin":   {port: port("A", "usb:1-4/0.0"), twin: true, unknown: true},
		"another port of it":                 {port: port("A", "usb:1-4/0.1"), unknown: true},
		"another keyboard in its socket":     {port: port("B", "usb:1-1/0.0"), unknown: true},
		"without a serial number":            {port: port("", "usb:1-2/0.0"), want: choir},
		"without a serial number, elsewhere": {port: port("", "usb:1-3/0.0"), unknown: true},
		"sent nowhere":                       {port: midi.Port{Place: "midiC0D0/0.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, m := range []*Memory[place]{m, again()} {
				got, known := m.Find(c.port, func(string) bool { return c.twin })
				if known == c.unknown || got != c.want {
					t.Errorf("found %+v, %v", got, known)
				}
			}
		})
	}
}

// A port that has moved is remembered in its new socket only.
func TestAMovedPortLeavesNoTwin(t *testing.T) {
	m, again := remember(t)
	at := place{Room: "MUSIC-2024", Secret: "secret"}
	for n := range 5 {
		set(m, port("A", fmt.Sprintf("usb:1-%d/0.0", n)), at)
	}
	for _, m := range []*Memory[place]{m, again()} {
		if _, ok := m.kept[port("A", "usb:1-4/0.0").ID()]; !ok || len(m.kept) != 1 {
			t.Errorf("remembered are %v", m.kept)
		}
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	m, again := remember(t)
	for n := range MaxPorts + 20 {
		set(m, port(fmt.Sprint("serial ", n), "usb:1-1/0.0"), place{})
	}
	last := port(fmt.Sprint("serial ", MaxPorts+19), "usb:1-1/0.0")
	for _, m := range []*Memory[place]{m, again()} {
		if _, ok := m.Find(last, func(string) bool { return false }); !ok || len(m.kept) != MaxPorts {
			t.Errorf("%d are remembered, the last one: %v", len(m.kept), ok)
		}
	}
}

func TestADamagedRowIsSkipped(t *testing.T) {
	m, again := remember(t)
	set(m, port("A", "usb:1-1/0.0"), place{Room: "MUSIC-2024"})
	if err := m.store.Put(t.Context(), store.Keyboards, "torn", "no object"); err != nil {
		t.Fatal(err)
	}
	if m := again(); len(m.kept) != 1 {
		t.Errorf("remembered are %v", m.kept)
	}
}
