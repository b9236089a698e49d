package midi

import (
	"log/slog"
	"testing"
	"time"

	"downbeat.local/midi/miditest"
)

// systemOf is the system that shows the devices of a test's machine.
func systemOf(m *miditest.Machine) System {
	return System{Devices: m.Devices, Sys: m.Sys, Proc: m.Proc}
}

// listener keeps what a port sends.
type listener struct {
	port      Port
	messages  chan Message
	unplugged chan struct{}
}

func (l *listener) Message(m Message, _ time.Duration) { l.messages <- m }
func (l *listener) Holds() bool                        { return true }
func (l *listener) Unplugged()                         { close(l.unplugged) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

func (l *listener) expect(t *testing.T, want ...Message) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-l.messages:
			if got != w {
				t.Fatalf("port %s sends %v, want %v", l.port.Name, got, w)
			}
		case <-time.After(patience):
			t.Fatalf("port %s did not send %v", l.port.Name, w)
		}
	}
}

func (l *listener) expectEnd(t *testing.T) {
	t.Helper()
	select {
	case <-l.unplugged:
	case <-time.After(patience):
		t.Fatalf("port %s is not unplugged", l.port.Name)
	}
}

// watched are ports that run.
type watched struct {
	*Ports
	t       *testing.T
	opened  chan *listener
	changed chan struct{}
}

// run keeps a machine's ports open until the test ends.
func run(t *testing.T, m *miditest.Machine) *watched {
	t.Helper()
	w := &watched{t: t, opened: make(chan *listener, 100), changed: make(chan struct{}, 1)}
	w.Ports = NewPorts(PortsConfig{
		System: systemOf(m), Log: slog.New(slog.DiscardHandler),
		Plugged: func(p Port) Listener {
			l := &listener{port: p, messages: make(chan Message, 1000), unplugged: make(chan struct{})}
			w.opened <- l
			return l
		},
		Changed: func() {
			select {
			case w.changed <- struct{}{}:
			default:
			}
		},
	})
	runUntilEnd(t, w.Ports.Run)
	return w
}

// next is the listener of the next port that is opened.
func (w *watched) next() *listener {
	w.t.Helper()
	select {
	case l := <-w.opened:
		return l
	case <-time.After(patience):
		w.t.Fatalf("no port was opened; there are %+v", w.List())
		return nil
	}
}

// until waits until the list of ports is as it should be.
func (w *watched) until(what string, is func([]Status) bool) {
	w.t.Helper()
	late := time.After(patience)
	for !is(w.List()) {
		select {
		case <-w.changed:
		case <-late:
			w.t.Fatalf("not %s: %+v", what, w.List())
		}
	}
}
