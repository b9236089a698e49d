package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"downbeat.local/midi"
)

// midiFlags are the flags that say where MIDI devices are.
type midiFlags struct {
	MIDIDevices string `name:"midi-devices" default:"/dev/snd" placeholder:"DIR" help:"Where the MIDI devices of this machine are (${default})."`
}

func (f midiFlags) system() midi.System { return midi.System{Devices: f.MIDIDevices} }

// midiCmd looks at the MIDI ports of this machine.
type midiCmd struct {
	List    midiListCmd    `cmd:"" help:"List the MIDI ports of this machine."`
	Monitor midiMonitorCmd `cmd:"" help:"Print what the MIDI keyboards send, until Ctrl-C."`
}

// midiListCmd lists the ports.
type midiListCmd struct {
	midiFlags `embed:""`
}

// noPorts is what both commands print on a machine without keyboards.
const noPorts = "There are no MIDI ports. Plug a keyboard into this machine by USB."

// Run prints a table of ports, and why some cannot be opened.
func (c *midiListCmd) Run(w *world) error {
	ins, errIns := c.system().Inputs()
	outs, errOuts := c.system().Outputs()
	if err := errors.Join(errIns, errOuts); err != nil {
		return err
	}
	if len(ins)+len(outs) == 0 {
		fmt.Fprintln(w.stdout, noPorts)
		return nil
	}
	table := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PORT\tDIRECTION\tID\tFILE")
	var problems []error // one of each file
	row := func(p midi.Port, direction string) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Name, direction, p.ID(), p.Node)
		err := p.Permitted()
		if err != nil && !slices.ContainsFunc(problems, func(other error) bool { return other.Error() == err.Error() }) {
			problems = append(problems, err)
		}
	}
	for _, p := range ins {
		row(p, "in")
	}
	for _, p := range outs {
		row(p, "out")
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, problem := range problems {
		fmt.Fprintln(w.stderr, problem)
	}
	return nil
}

// midiMonitorCmd prints what keyboards send.
type midiMonitorCmd struct {
	All       bool `help:"Print clock and active sensing too."`
	midiFlags `embed:""`
}

// Run prints messages until a signal arrives. Keyboards may come and go.
func (c *midiMonitorCmd) Run(w *world) error {
	m := &monitor{out: w.stdout, all: c.All, started: time.Now()}
	ports := midi.NewPorts(midi.PortsConfig{
		System: c.system(), Log: slog.New(slog.NewTextHandler(w.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Plugged: func(p midi.Port) midi.Listener {
			m.print(p, "is open")
			return &monitored{m, p}
		},
	})
	if ins, err := c.system().Inputs(); err != nil {
		return err
	} else if len(ins) == 0 {
		fmt.Fprintln(w.stdout, noPorts)
	}
	if err := ports.Run(w.ctx); w.ctx.Err() == nil {
		return err
	}
	return nil
}

// monitor prints what several ports send.
type monitor struct {
	all     bool
	started time.Time

	mu  sync.Mutex // guards out
	out io.Writer
}

// print prints a line about a port, with the seconds since the start.
func (m *monitor) print(p midi.Port, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprintf(m.out, "%9.3f  %s  %s\n", time.Since(m.started).Seconds(), p.Name, what)
}

// monitored is the listener of one port.
type monitored struct {
	*monitor
	port midi.Port
}

// Message prints a message.
func (m *monitored) Message(msg midi.Message, _ time.Duration) {
	if m.all || msg.Status != midi.Clock && msg.Status != midi.ActiveSensing {
		m.print(m.port, msg.String())
	}
}

// Holds reports true: a port that falls silent is shown.
func (m *monitored) Holds() bool { return true }

// Unplugged prints that the port is gone.
func (m *monitored) Unplugged() { m.print(m.port, "is unplugged") }
