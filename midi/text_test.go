package midi

import "testing"

func TestMessageString(t *testing.T) {
	for want, m := range map[string]Message{
		"channel  1  note on  C4  (60) velocity 100": {NoteOn, 60, 100},
		"channel 16  note off C#4 (61)":              {NoteOff | 15, 61, 64},
		"channel  2  note off A0  (21)":              {NoteOn | 1, 21, 0},
		"channel  1  note on  C-1 (0) velocity 1":    {NoteOn, 0, 1},
		"channel  1  sustain pedal 127":              {ControlChange, 64, 127},
		"channel  1  control 7: 100":                 {ControlChange, 7, 100},
		"channel  3  program 1":                      {ProgramChange | 2, 0, 0},
		"channel  1  pitch bend +0":                  {PitchBend, 0, 64},
		"channel  1  pitch bend -8192":               {PitchBend, 0, 0},
		"channel  1  pressure 9":                     {ChannelPressure, 9, 0},
		"channel  1  pressure C4  (60) 9":            {PolyPressure, 60, 9},
		"song position 130":                          {SongPosition, 2, 1},
		"active sensing":                             {ActiveSensing, 0, 0},
	} {
		if got := m.String(); got != want {
			t.Errorf("%v reads %q, want %q", [3]byte{m.Status, m.Data1, m.Data2}, got, want)
		}
	}
}
