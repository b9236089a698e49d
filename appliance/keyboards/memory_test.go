package keyboards

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"downbeat.local/appliance/portmemory"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/midi"
)

// remember opens a memory on a store. Its second result opens it anew, as after a
// restart. No keyboard is plugged in, or every one.
func remember(t *testing.T, plugged bool) (m memory, again func() memory) {
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
	again = func() memory {
		t.Helper()
		kept, err := portmemory.Open[place](s, store.Keyboards, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return memory{kept, func(string) bool { return plugged }}
	}
	return again(), again
}

// socket is a port of a keyboard with a serial number, in a socket.
func socket(n int) midi.Port {
	return midi.Port{Model: "1c75:0288", Serial: "A", Place: fmt.Sprintf("usb:1-%d/0.0", n)}
}

func TestAPlaceIsRemembered(t *testing.T) {
	m, again := remember(t, false)
	if at := m.of(socket(1)); at != (place{where: where{Unplaced: true}}) {
		t.Errorf("of an unknown keyboard is remembered %+v", at)
	}
	for _, at := range []place{
		{},
		{where: where{Room: "MUSIC-2024", Resume: "secret"}, Tuning: room.Tuning{Fit: room.FitSnap, Octave: -1}},
		{where: where{Room: "MUSIC-2024", Student: "zoe", Claimed: true}},
		{where: where{Room: "MUSIC-2024", Stage: true, Resume: "secret"}},
		{where: where{Unplaced: true}, Tuning: room.Tuning{Octave: 3}},
	} {
		m.set(context.Background(), socket(1), at)
		for _, m := range []memory{m, again()} {
			if got := m.of(socket(1)); got != at {
				t.Errorf("remembered is %+v, want %+v", got, at)
			}
		}
	}
}

// A keyboard that has moved is remembered in its new socket only, with the seat of
// its own or with its student.
func TestAMovedKeyboardLeavesNoTwin(t *testing.T) {
	for _, at := range []where{{Room: "MUSIC-2024", Resume: "secret"}, {Room: "MUSIC-2024", Student: "zoe"}} {
		m, again := remember(t, false)
		for n := range 3 {
			m.set(context.Background(), socket(n), place{where: at})
		}
		m.set(context.Background(), socket(2), place{})
		for _, m := range []memory{m, again()} {
			if got := m.of(socket(0)); got != (place{}) {
				t.Errorf("in its first socket is remembered %+v", got)
			}
		}
	}
}

// A student may have two equal keyboards with one serial number.
func TestATwinIsRemembered(t *testing.T) {
	m, _ := remember(t, true)
	at := place{where: where{Room: "MUSIC-2024", Student: "zoe"}}
	for n := range 2 {
		m.set(context.Background(), socket(n), at)
	}
	for n := range 2 {
		if got := m.of(socket(n)); got != at {
			t.Errorf("of twin %d is remembered %+v", n, got)
		}
	}
}

// What a student found is free once they have been away for long, and what the
// teacher gave them is not.
func TestAClaimLapses(t *testing.T) {
	for name, c := range map[string]struct {
		at     where
		absent bool
		want   bool
	}{
		"found, and here":   {where{Room: "MUSIC-2024", Student: "zoe", Claimed: true}, false, false},
		"found, and away":   {where{Room: "MUSIC-2024", Student: "zoe", Claimed: true}, true, true},
		"given, and away":   {where{Room: "MUSIC-2024", Student: "zoe"}, true, false},
		"with its own seat": {where{Room: "MUSIC-2024"}, true, false},
	} {
		got := c.at.lapsed(func(code, id string) bool {
			if code != c.at.Room || id != c.at.Student {
				t.Errorf("%s: asked for %s in %s", name, id, code)
			}
			return c.absent
		})
		if got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The teacher's gift stays its student's while they are away, and they keep it as a
// gift when they search for it. What a student found is free then.
func TestAGiftIsNotTaken(t *testing.T) {
	gift := where{Room: "MUSIC-2024", Student: "zoe"}
	claim := where{Room: "MUSIC-2024", Student: "zoe", Claimed: true}
	for name, c := range map[string]struct {
		at      where
		by      string
		absent  bool
		refused bool
	}{
		"given, and here":           {gift, "ben", false, true},
		"given, and away":           {gift, "ben", true, true},
		"given to the student":      {gift, "zoe", false, false},
		"found, and here":           {claim, "ben", false, true},
		"found, and away":           {claim, "ben", true, false},
		"with its own seat":         {where{Room: "MUSIC-2024"}, "ben", false, false},
		"on the stage":              {where{Room: "MUSIC-2024", Stage: true}, "ben", false, true},
		"sent nowhere":              {where{}, "ben", false, true},
		"without a choice of rooms": {where{Unplaced: true}, "ben", false, false},
	} {
		got := c.at.refuses("KeyStep 32", in(c.by), func(string, string) bool { return c.absent })
		if (got != nil) != c.refused || got != nil && got.Owner != c.at.Student {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if !gift.isGiftTo(in("zoe")) || gift.isGiftTo(in("ben")) || claim.isGiftTo(in("zoe")) {
		t.Error("a gift is not told from a claim")
	}
}
