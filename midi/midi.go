// Package midi plays MIDI keyboards that are plugged into this machine.
//
// [Ports] keeps every MIDI input open, from the moment when its device appears to
// the moment when it is unplugged, and hands what comes in to a [Listener]. A
// [Parser] cuts the bytes into messages. [Keys] turns the messages of one port
// into notes that begin and end: with the sustain pedal, with keys that several
// channels hold, and with a bound on the notes that sound at once.
//
// Every note that [Keys] begins also ends: by its key or its pedal, by a message
// that ends all notes, because a port that announced active sensing fell silent,
// or because its device was unplugged.
//
// The driver is pure Go. It reads the raw MIDI devices of Linux (/dev/snd/midiC1D0)
// and learns their names from /sys and /proc/asound. [Driver] offers them through
// the driver interfaces of gomidi. The package knows no rooms and no network. On
// other systems it finds no ports.
package midi

// Message is one MIDI message that is not system exclusive. Data bytes that a
// message does not have are 0.
type Message struct{ Status, Data1, Data2 byte }

// Kinds of channel messages: the status byte without its channel (MIDI 1.0,
// table I).
const (
	NoteOff         = 0x80
	NoteOn          = 0x90
	PolyPressure    = 0xA0
	ControlChange   = 0xB0
	ProgramChange   = 0xC0
	ChannelPressure = 0xD0
	PitchBend       = 0xE0
)

// Status bytes of system messages.
const (
	SysEx         = 0xF0
	TimeCode      = 0xF1
	SongPosition  = 0xF2
	SongSelect    = 0xF3
	TuneRequest   = 0xF6
	EndOfSysEx    = 0xF7
	Clock         = 0xF8
	Start         = 0xFA
	Continue      = 0xFB
	Stop          = 0xFC
	ActiveSensing = 0xFE
	Reset         = 0xFF
)

// Controllers of a control change.
const (
	SustainPedal  = 64
	AllSoundOff   = 120
	ResetControls = 121
	LocalControl  = 122
	AllNotesOff   = 123 // and every mode message after it, to 127
)

// Kind is the kind of a channel message, or the status of a system message.
func (m Message) Kind() byte {
	if m.Status < SysEx {
		return m.Status & 0xF0
	}
	return m.Status
}

// Channel is the channel of a channel message, 0-15.
func (m Message) Channel() uint8 { return m.Status & 0x0F }

// Len is how many bytes the message has, 1 to 3.
func (m Message) Len() int { return 1 + int(dataBytes(m.Status)) }

// Append appends the message's bytes.
func (m Message) Append(b []byte) []byte {
	all := [...]byte{m.Status, m.Data1, m.Data2}
	return append(b, all[:m.Len()]...)
}

// dataBytes is how many data bytes follow a status byte. It is 0 for status
// bytes that MIDI does not define.
func dataBytes(status byte) uint8 {
	switch {
	case status >= SysEx:
		switch status {
		case TimeCode, SongSelect:
			return 1
		case SongPosition:
			return 2
		}
		return 0
	case status >= ProgramChange && status < PitchBend:
		return 1
	}
	return 2
}
