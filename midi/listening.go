package midi

import (
	"time"

	"gitlab.com/gomidi/midi/v2/drivers"
)

// listening turns the bytes of an input into what gomidi's listeners get.
type listening struct {
	onMsg   func([]byte, int32)
	config  drivers.ListenConfig
	started time.Time
	parser  Parser
	message [3]byte // scratch

	sysex    []byte // the SysEx under way; its capacity is the longest that fits
	inSysEx  bool
	overlong bool
}

// sysexSize is the longest SysEx that a listener gets if it does not say
// otherwise (drivers.ListenConfig).
const sysexSize = 1024

func newListening(onMsg func([]byte, int32), config drivers.ListenConfig) *listening {
	l := &listening{onMsg: onMsg, config: config, started: time.Now()}
	if config.SysEx {
		size := int(config.SysExBufferSize)
		if size == 0 {
			size = sysexSize
		}
		l.sysex = make([]byte, 0, size)
	}
	return l
}

func (l *listening) take(bytes []byte, _ time.Duration) {
	at := int32(time.Since(l.started).Milliseconds())
	for _, b := range bytes {
		if l.config.SysEx {
			l.collect(b, at)
		}
		if m, ok := l.parser.Feed(b); ok && l.wants(m) {
			l.onMsg(m.Append(l.message[:0]), at)
		}
	}
}

// wants reports whether the listener asked for a message.
func (l *listening) wants(m Message) bool {
	switch m.Status {
	case ActiveSensing:
		return l.config.ActiveSense
	case TimeCode, Clock:
		return l.config.TimeCode
	}
	return true
}

// collect takes the next byte of a SysEx. Another status byte cuts it short.
func (l *listening) collect(b byte, at int32) {
	switch {
	case b >= Clock: // real-time bytes may stand inside
		return
	case b == SysEx:
		l.sysex, l.inSysEx, l.overlong = l.sysex[:0], true, false
	case !l.inSysEx:
		return
	case b >= NoteOff && b != EndOfSysEx:
		l.inSysEx = false
		return
	}
	if len(l.sysex) == cap(l.sysex) {
		l.overlong = true
	} else {
		l.sysex = append(l.sysex, b)
	}
	if b == EndOfSysEx {
		if l.inSysEx = false; !l.overlong {
			l.onMsg(l.sysex, at)
		}
	}
}
