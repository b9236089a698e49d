package midiout

import (
	"sync"
	"time"

	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// echoes are the messages that an output was sent in the last moments. Many devices
// send back what they are sent ("soft thru"). Without this, the box would take that
// for keys: everything would be played twice, two such devices would play each other
// for ever, and a student would find a keyboard that nobody touched.
type echoes struct {
	mu   sync.Mutex // guards what follows
	sent [256]sentMessage
	next int // of sent: the one to replace next
}

type sentMessage struct {
	midi.Message
	at clock.Millis // zero once its echo has come
}

// echoWithin is how soon an echo comes. A device answers within milliseconds, and a
// slow cable takes 1 ms for a message.
const echoWithin = 150 * time.Millisecond

// add notes the messages in bytes that are sent now. The bytes have no running status.
func (e *echoes) add(bytes []byte, now clock.Millis) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var p midi.Parser
	for _, b := range bytes {
		if m, ok := p.Feed(b); ok && m.Status < midi.SysEx {
			e.sent[e.next] = sentMessage{m, now}
			e.next = (e.next + 1) % len(e.sent)
		}
	}
}

// take reports whether a message is an echo. Each message has one.
func (e *echoes) take(m midi.Message, now clock.Millis) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.sent {
		s := &e.sent[i]
		if s.Message == m && s.at > 0 && now.Sub(s.at) <= echoWithin {
			s.at = 0
			return true
		}
	}
	return false
}

// IsEcho reports whether a message from a port is one that the box has just sent to
// the output beside it. It is asked for every message, and allocates nothing.
func (o *Outputs) IsEcho(id string, m midi.Message) bool {
	if m.Status >= midi.SysEx {
		return false
	}
	s := o.find(id)
	return s != nil && s.echoes.take(m, clock.Now())
}
