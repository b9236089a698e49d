package midi

import (
	"testing"
)

// The web app's twin is engine/midi/keys.ts. The same vectors test it.
func TestKeys(t *testing.T) {
	var cases []struct {
		Name     string
		Messages [][]int
		Want     string
	}
	vectors(t, "keys.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var bytes []byte
			for _, message := range c.Messages {
				for _, b := range message {
					bytes = append(bytes, byte(b))
				}
			}
			if got := played(3, bytes...); got != c.Want {
				t.Errorf("% X\n got %s\nwant %s", bytes, got, c.Want)
			}
		})
	}
}

// FuzzKeys plays random bytes. However they go, notes that sound are at most as
// many as allowed, only those end, and a reset ends them all.
func FuzzKeys(f *testing.F) {
	f.Add([]byte{0xB0, 64, 127, 0x90, 60, 100, 60, 0, 61, 90, 62, 90, 63, 90, 64, 90})
	f.Add([]byte{0x90, 60, 100, 0x91, 60, 100, 0xB0, 123, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		const most = 4
		sounding := map[uint8]bool{}
		keys := NewKeys(most, func(n Note) {
			switch {
			case n.Velocity > 0:
				sounding[n.Key] = true
			case !sounding[n.Key]:
				t.Fatalf("% X: key %d ends and did not sound", stream, n.Key)
			default:
				delete(sounding, n.Key)
			}
			if len(sounding) > most {
				t.Fatalf("% X: %d notes sound at once", stream, len(sounding))
			}
		})
		for _, m := range messages(stream) {
			keys.Message(m)
		}
		keys.Message(Message{Status: Reset})
		if len(sounding) > 0 {
			t.Fatalf("% X: after a reset %v sound on", stream, sounding)
		}
	})
}
