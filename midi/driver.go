package midi

import (
	"context"
	"os"
	"time"

	"gitlab.com/gomidi/midi/v2/drivers"
)

// Driver offers the raw MIDI devices of Linux through gomidi's interfaces, with no
// C. A program registers it with drivers.Register. Its ports, unlike the driver,
// must be used by one goroutine at a time, as gomidi demands.
type Driver struct{ System System }

// String is the driver's name.
func (d *Driver) String() string { return "rawmidi" }

// Ins lists the inputs.
func (d *Driver) Ins() ([]drivers.In, error) {
	ports, err := d.System.Inputs()
	all := make([]drivers.In, 0, len(ports))
	for i, p := range ports {
		all = append(all, &In{end{Port: p, number: i}})
	}
	return all, err
}

// Outs lists the outputs.
func (d *Driver) Outs() ([]drivers.Out, error) {
	ports, err := d.System.Outputs()
	all := make([]drivers.Out, 0, len(ports))
	for i, p := range ports {
		all = append(all, &Out{end{Port: p, number: i}})
	}
	return all, err
}

// Close does nothing: each port is closed by itself.
func (d *Driver) Close() error { return nil }

// end is what inputs and outputs have in common.
type end struct {
	Port
	number int
	file   *os.File // nil unless open
	framed bool     // see stream
}

// String is the port's name.
func (e *end) String() string { return e.Name }

// Number is the port's place in the list.
func (e *end) Number() int { return e.number }

// IsOpen reports whether the port is open.
func (e *end) IsOpen() bool { return e.file != nil }

// Underlying returns the port's *os.File, nil unless the port is open.
func (e *end) Underlying() any { return e.file }

// Close closes the port, if it is open.
func (e *end) Close() error {
	if e.file == nil {
		return nil
	}
	file := e.file
	e.file = nil
	return file.Close()
}

// In is an input.
type In struct{ end }

// Open opens the input, unless it is open.
func (in *In) Open() (err error) {
	if in.file == nil {
		in.file, in.framed, err = openInput(in.Port)
	}
	return err
}

// Listen calls onMsg with every message, and the milliseconds since Listen, until
// stop is called. The slice is valid during the call only. A SysEx comes as a
// whole, if config asks for it and it fits. The input must be open. An input that
// is unplugged is reported to config.OnErr.
func (in *In) Listen(onMsg func(msg []byte, milliseconds int32), config drivers.ListenConfig) (stop func(), err error) {
	if in.file == nil {
		return nil, drivers.ErrPortClosed
	}
	s := &stream{port: in.Port, file: in.file, framed: in.framed}
	ctx, cancel := context.WithCancel(context.Background())
	l := newListening(onMsg, config)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := s.read(ctx, l.take, func() bool { return false }, func() {})
		if ctx.Err() == nil && config.OnErr != nil {
			config.OnErr(err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}, nil
}

// Out is an output.
type Out struct{ end }

// Abort closes the output without waiting until the device has taken what was sent.
// The kernel waits ten seconds for that otherwise.
func (o *Out) Abort() error {
	if o.file != nil {
		dropOutput(o.file)
	}
	return o.Close()
}

// sendTimeout bounds how long an output may take what it is sent.
const sendTimeout = time.Second

// Open opens the output, unless it is open.
func (o *Out) Open() (err error) {
	if o.file != nil {
		return nil
	}
	file, err := openPort(o.Port, os.O_WRONLY)
	if err != nil {
		return o.explain(err)
	}
	o.file = file
	return nil
}

// Send sends bytes as they are. The output must be open.
func (o *Out) Send(data []byte) error {
	if o.file == nil {
		return drivers.ErrPortClosed
	}
	if err := o.file.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return o.explain(err)
	}
	if _, err := o.file.Write(data); err != nil {
		return o.explain(err)
	}
	return nil
}
