package boxtest

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/midi/miditest"
)

// A fault of MIDI is shown to the teacher and to monitors. The music goes on, and
// keyboards play again when the fault is mended.
func TestTheFolderOfDevicesIsBroken(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	teacher, zoe := b.teacher("MUSIC-2024"), b.student("MUSIC-2024")
	k := m.Plug("midiC1D0")
	seat := b.keyboardIn("MUSIC-2024")
	k.Send(press(60)...)
	teacher.nextNote("student_note")
	k.Unplug()
	if off := teacher.nextNote("student_note_off"); off.Note != 60 {
		t.Errorf("the unplugged keyboard ends %+v", off)
	}

	b.replaceDevices(m, func() { m.Write(m.Devices, "no folder") })
	b.midiTrouble(true)
	zoe.must("play_note", object{"midi": 64})
	if on := teacher.nextNote("student_note"); on.Note != 64 {
		t.Errorf("a student's note is %+v", on)
	}

	b.replaceDevices(m, func() { m.MakeFolder(m.Devices) })
	k = m.Plug("midiC1D0")
	if again := b.keyboardIn("MUSIC-2024"); again.StudentID != seat.StudentID {
		t.Errorf("it comes back as %s, was %s", again.StudentID, seat.StudentID)
	}
	k.Send(press(62)...)
	if on := teacher.nextNote("student_note"); on.Note != 62 {
		t.Errorf("the first note after the fault is %+v", on)
	}
	b.midiTrouble(false)
}

// replaceDevices removes the folder of devices and puts something in its place.
func (b *box) replaceDevices(m *miditest.Machine, put func()) {
	b.t.Helper()
	if err := os.RemoveAll(m.Devices); err != nil {
		b.t.Fatal(err)
	}
	put()
}

// midiTrouble waits until the teacher's page and /healthz both say that MIDI has a
// problem, or that it has none.
func (b *box) midiTrouble(want bool) {
	b.t.Helper()
	b.keyboards("with the fault shown or gone", func([]room.Keyboard) bool {
		var list web.KeyboardsReply
		var health struct {
			Status string
			MIDI   struct{ State, Problem string }
		}
		b.staffCall("GET", "/box/v1/keyboards", object{}, &list)
		if status := b.call("GET", "/healthz", object{}, &health); status != http.StatusOK || health.Status != "ok" || health.MIDI.State != "on" {
			b.t.Fatalf("/healthz answers %d, %+v", status, health)
		}
		return (list.Problem != "") == want && list.Problem == health.MIDI.Problem
	})
}

// Keyboards for studios have ports for programs. They are left alone until the
// teacher wishes otherwise.
func TestAPortForProgramsIsLeftAlone(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	m.Write(filepath.Join(m.Proc, "asound/card1/midi0"), "Launchkey DAW\n\nInput 0\nInput 1\n")
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	k := m.Plug("midiC1D0")
	bothAlone := func(all []room.Keyboard) bool {
		return len(all) == 2 && all[0].LeftAlone && all[1].LeftAlone && all[0].Room == "" && all[1].Room == ""
	}
	first := b.keyboards("both left alone", bothAlone)[0]
	if status := b.assign(first.ID, "MUSIC-2024"); status != http.StatusOK {
		t.Fatalf("sending it to a room: %d", status)
	}
	b.keyboards("the first in the room", func(all []room.Keyboard) bool {
		return len(all) == 2 && !all[0].LeftAlone && all[0].Room == "MUSIC-2024" && all[1].LeftAlone
	})
	k.Send(press(60)...)
	if on := teacher.nextNote("student_note"); on.Note != 60 {
		t.Errorf("it plays %+v", on)
	}
	if status := b.assign(first.ID, ""); status != http.StatusOK {
		t.Fatalf("sending it nowhere: %d", status)
	}
	if off := teacher.nextNote("student_note_off"); off.Note != 60 {
		t.Errorf("its note ends as %+v", off)
	}
	b.keyboards("both left alone again", bothAlone)
}
