package midi

import (
	"testing"

	"gitlab.com/gomidi/midi/v2/drivers"
)

// FuzzListening checks that a listener of gomidi gets whole messages only, and a
// SysEx only if it fits.
func FuzzListening(f *testing.F) {
	f.Add([]byte{0x90, 60, 100, 60, 0}, uint8(0))
	f.Add([]byte{0xF0, 1, 0xF8, 2, 0xF7, 0xF7, 0xF0, 3, 0x90, 60, 100}, uint8(4))
	f.Add([]byte{0xF0, 1, 2, 3, 4, 5, 0xF7, 0xF0, 0xF7}, uint8(3))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		config := drivers.ListenConfig{SysEx: true, TimeCode: true, ActiveSense: true, SysExBufferSize: uint32(size)}
		most := sysexSize
		if size > 0 {
			most = int(size)
		}
		l := newListening(func(msg []byte, _ int32) { checkMessage(t, msg, most) }, config)
		l.take(stream, 0)
		got := 0
		l.onMsg = func([]byte, int32) { got++ }
		l.take([]byte{0x91, 1, 2}, 0)
		if got != 1 {
			t.Fatalf("after % X a note comes %d times", stream, got)
		}
	})
}

// checkMessage checks that a message is whole, and that a SysEx is no longer than
// that.
func checkMessage(t *testing.T, msg []byte, longest int) {
	t.Helper()
	if len(msg) == 0 || msg[0] < NoteOff {
		t.Fatalf("got % X", msg)
	}
	data := msg[1:]
	if msg[0] == SysEx {
		if len(data) == 0 || data[len(data)-1] != EndOfSysEx || len(msg) > longest {
			t.Fatalf("got the SysEx % X", msg)
		}
		data = data[:len(data)-1]
	} else if len(msg) != (Message{Status: msg[0]}).Len() {
		t.Fatalf("got % X", msg)
	}
	for _, b := range data {
		if b >= NoteOff {
			t.Fatalf("got % X", msg)
		}
	}
}
