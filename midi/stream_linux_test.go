package midi

import (
	"encoding/binary"
	"testing"
	"time"
)

// frame is a frame as the kernel makes it.
func frame(kind byte, came time.Duration, data ...byte) []byte {
	f := make([]byte, frameSize)
	f[0], f[1] = kind, byte(len(data))
	binary.NativeEndian.PutUint32(f[4:], uint32(came%time.Second))
	binary.NativeEndian.PutUint64(f[8:], uint64(came/time.Second))
	copy(f[frameHead:], data)
	return f
}

func TestFrames(t *testing.T) {
	now := monotonic()
	var read []byte
	read = append(read, frame(0, now-300*time.Millisecond, NoteOn, 60)...)
	read = append(read, frame(7, now, NoteOn, 1, 2)...) // a kind that is not known
	read = append(read, frame(0, now+time.Hour, 100)...)
	read = append(read, frame(0, now)...)
	read = append(read, 1, 2, 3) // no whole frame
	broken := frame(0, now)
	broken[1] = 255
	var got []byte
	var agos []time.Duration
	s := &stream{framed: true}
	s.unpack(read, func(b []byte, ago time.Duration) {
		got = append(got, b...)
		agos = append(agos, ago)
	})
	if all := messages(got); len(all) != 1 || all[0] != c4 {
		t.Errorf("the frames hold %v", all)
	}
	if len(agos) != 3 || agos[0] < 300*time.Millisecond || agos[0] > time.Minute || agos[1] != 0 {
		t.Errorf("they came %v ago", agos)
	}
	s.unpack(broken, func(b []byte, _ time.Duration) {
		if len(b) > frameSize-frameHead {
			t.Errorf("a frame holds %d bytes", len(b))
		}
	})
}
