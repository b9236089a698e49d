package boxtest

import (
	"net/http"
	"os"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/midi"
	"downbeat.local/midi/miditest"
)

// tellsLocal reads what a keyboard is sent until each channel was told whether its
// keys sound on the keyboard itself, and fails if they were told otherwise.
func tellsLocal(t *testing.T, cable *os.File, on bool) {
	t.Helper()
	want := byte(0)
	if on {
		want = 127
	}
	told := 0
	sent(t, cable, func(m midi.Message) bool {
		if m.Kind() != midi.ControlChange || m.Data1 != midi.LocalControl {
			return false
		}
		if int(m.Channel()) != told || m.Data2 != want {
			t.Errorf("it is told % X, want %d on channel %d", m.Append(nil), want, told)
		}
		told++
		return told == 16
	})
}

func (b *box) mustSilence(id string, off bool) {
	b.t.Helper()
	b.mustChange(id, room.OutputWish{LocalOff: &off})
}

// A keyboard with a speaker of its own is silent by itself while the teacher wishes,
// also after it was plugged in again, and until the box stops.
func TestAKeyboardIsSilentByItself(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	cable := m.PlugTwoWay("midiC1D0") // no room is open: it needs none
	id := b.output().ID
	b.mustSilence(id, true)
	tellsLocal(t, cable, false)
	b.mustSilence(id, false)
	tellsLocal(t, cable, true)
	b.open("MUSIC-2024")
	b.mustChange(id, notesOf(room.WhoseAll))
	b.mustSilence(id, true)
	tellsLocal(t, cable, false)
	b.mustChange(id, notesOf(room.WhoseNone))
	if out := b.output(); !out.LocalOff {
		t.Errorf("the teacher sees %+v", out)
	}
	b.stop()
	tellsLocal(t, cable, true)
	cfg := configOf(m)
	cfg.DataDir = b.dir
	again := openBox(t, cfg)
	again.keyboardIn("MUSIC-2024") // before, nothing holds the other end of the cable
	tellsLocal(t, cable, false)
	if status := again.staffCall("DELETE", "/box/v1/rooms/MUSIC-2024", object{}, nil); status != http.StatusNoContent {
		t.Fatalf("closing the room: %d", status)
	}
	again.stop()
	tellsLocal(t, cable, true)
}
