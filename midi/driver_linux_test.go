package midi

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gitlab.com/gomidi/midi/v2/drivers"

	"downbeat.local/midi/miditest"
)

var _ drivers.Driver = (*Driver)(nil)

// loop opens a device whose output leads to its own input.
func loop(t *testing.T) (in drivers.In, out drivers.Out, k *miditest.Keyboard) {
	t.Helper()
	m := miditest.New(t)
	k = m.Plug("midiC0D0")
	d := &Driver{System: systemOf(m)}
	ins, err := d.Ins()
	if err != nil || len(ins) != 1 {
		t.Fatalf("the inputs are %v, %v", ins, err)
	}
	outs, err := d.Outs()
	if err != nil || len(outs) != 1 {
		t.Fatalf("the outputs are %v, %v", outs, err)
	}
	in, out = ins[0], outs[0]
	if err := errors.Join(in.Open(), in.Open(), out.Open(), out.Open()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(in.Close(), in.Close(), out.Close(), out.Close()); err != nil {
			t.Error(err)
		}
		if in.IsOpen() || out.IsOpen() {
			t.Error("a closed port is open")
		}
	})
	return in, out, k
}

// heard is what a listener with a config hears until the last of some messages,
// as hexadecimal.
func heard(t *testing.T, in drivers.In, config drivers.ListenConfig, send func()) (all []string) {
	t.Helper()
	got := make(chan string, 100)
	stop, err := in.Listen(func(msg []byte, _ int32) { got <- fmt.Sprintf("% X", msg) }, config)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	send()
	for {
		select {
		case s := <-got:
			if s == "8F 00 00" { // the last
				return all
			}
			all = append(all, s)
		case <-time.After(patience):
			t.Fatalf("heard only %v", all)
		}
	}
}

func TestDriver(t *testing.T) {
	in, out, _ := loop(t)
	sent := []byte{0x92, 65, 120, 55, 120, 0xF8, 0xFE, 0xF0, 0x7E, 0xF8, 0x7F, 0xF7, 0xC2, 5}
	for _, c := range []struct {
		config drivers.ListenConfig
		want   []string
	}{
		{drivers.ListenConfig{}, []string{"92 41 78", "92 37 78", "C2 05"}},
		{drivers.ListenConfig{TimeCode: true}, []string{"92 41 78", "92 37 78", "F8", "F8", "C2 05"}},
		{drivers.ListenConfig{ActiveSense: true}, []string{"92 41 78", "92 37 78", "FE", "C2 05"}},
		{drivers.ListenConfig{SysEx: true}, []string{"92 41 78", "92 37 78", "F0 7E 7F F7", "C2 05"}},
		{drivers.ListenConfig{SysEx: true, SysExBufferSize: 3}, []string{"92 41 78", "92 37 78", "C2 05"}},
	} {
		got := heard(t, in, c.config, func() {
			if err := errors.Join(out.Send(sent), out.Send([]byte{0x8F, 0, 0})); err != nil {
				t.Fatal(err)
			}
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v hears %v, want %v", c.config, got, c.want)
		}
	}
}

// gomidi's own reader panics on this (v2.3.23).
func TestDriverDropsASysExThatDoesNotFit(t *testing.T) {
	in, out, _ := loop(t)
	got := heard(t, in, drivers.ListenConfig{SysEx: true}, func() {
		long := slices.Concat([]byte{0xF0}, bytes.Repeat([]byte{1}, 5000), []byte{0xF7, 0x90, 1, 2, 0x8F, 0, 0})
		if err := out.Send(long); err != nil {
			t.Fatal(err)
		}
	})
	if want := []string{"90 01 02"}; !slices.Equal(got, want) {
		t.Errorf("heard %v, want %v", got, want)
	}
}

func TestDriverTellsOfAnUnpluggedInput(t *testing.T) {
	in, out, k := loop(t)
	failed := make(chan error, 1)
	stop, err := in.Listen(func([]byte, int32) {}, drivers.ListenConfig{OnErr: func(err error) { failed <- err }})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := out.Close(); err != nil { // it holds the pipe open, too
		t.Fatal(err)
	}
	k.Unplug()
	select {
	case err := <-failed:
		if !errors.Is(err, ErrUnplugged) {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(patience):
		t.Fatal("nothing was reported")
	}
}

func TestClosedPortsRefuse(t *testing.T) {
	m := miditest.New(t)
	m.Plug("midiC0D0")
	d := &Driver{System: systemOf(m)}
	ins, _ := d.Ins()
	outs, _ := d.Outs()
	if _, err := ins[0].Listen(func([]byte, int32) {}, drivers.ListenConfig{}); !errors.Is(err, drivers.ErrPortClosed) {
		t.Errorf("listening to a closed input: %v", err)
	}
	if err := outs[0].Send([]byte{0xF8}); !errors.Is(err, drivers.ErrPortClosed) {
		t.Errorf("sending to a closed output: %v", err)
	}
}
