package midi

import "fmt"

// noteNames are those of an octave, from C.
var noteNames = [...]string{"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"}

// KeyName is how people call a key: 60 is C4.
func KeyName(key uint8) string { return fmt.Sprintf("%s%d", noteNames[key%12], int(key)/12-1) }

// systemNames are those of the system messages.
var systemNames = map[byte]string{
	TuneRequest: "tune request", Clock: "clock", Start: "start", Continue: "continue", Stop: "stop",
	ActiveSensing: "active sensing", Reset: "reset",
}

// String says in words what the message is. It counts channels from 1, as people
// do.
func (m Message) String() string {
	if m.Status >= SysEx {
		return m.system()
	}
	return fmt.Sprintf("channel %2d  %s", m.Channel()+1, m.channelText())
}

func (m Message) channelText() string {
	value := int(m.Data1) | int(m.Data2)<<7 // 14 bits, of those that have them
	switch kind := m.Kind(); {
	case kind == NoteOn && m.Data2 > 0:
		return fmt.Sprintf("note on  %-3s (%d) velocity %d", KeyName(m.Data1), m.Data1, m.Data2)
	case kind == NoteOn, kind == NoteOff:
		return fmt.Sprintf("note off %-3s (%d)", KeyName(m.Data1), m.Data1)
	case kind == PolyPressure:
		return fmt.Sprintf("pressure %-3s (%d) %d", KeyName(m.Data1), m.Data1, m.Data2)
	case kind == ControlChange && m.Data1 == SustainPedal:
		return fmt.Sprintf("sustain pedal %d", m.Data2)
	case kind == ControlChange:
		return fmt.Sprintf("control %d: %d", m.Data1, m.Data2)
	case kind == ProgramChange:
		return fmt.Sprintf("program %d", m.Data1+1)
	case kind == ChannelPressure:
		return fmt.Sprintf("pressure %d", m.Data1)
	}
	return fmt.Sprintf("pitch bend %+d", value-1<<13)
}

func (m Message) system() string {
	switch m.Status {
	case TimeCode:
		return fmt.Sprintf("time code %d", m.Data1)
	case SongPosition:
		return fmt.Sprintf("song position %d", int(m.Data1)|int(m.Data2)<<7)
	case SongSelect:
		return fmt.Sprintf("song %d", m.Data1)
	}
	return systemNames[m.Status]
}
