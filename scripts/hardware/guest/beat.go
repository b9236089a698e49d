//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// The beat that is sent to a keyboard, and how much of it is measured.
const (
	bpm      = 120
	ticks    = 24 * 16 // sixteen beats
	tickTime = clock.Millis(60_000) / bpm / 24
)

// takesTheBeat sends a keyboard MIDI clock from the room's beat, and measures the
// ticks where they come out of the cable. A loop that only waits and writes sends
// the same ticks down the same cable: what it misses, the machine misses.
func takesTheBeat(b *box) error {
	return with("drums", 1, func(g *gadget, _ []cable) error {
		all, err := b.awaitPlaying(1)
		if err != nil {
			return err
		}
		in, stop, err := g.listen(b.ctx)
		if err != nil {
			return err
		}
		defer stop()
		if err := in.measureFloor(all[0].ID); err != nil {
			return fmt.Errorf("a bare loop: %w", err)
		}
		e := b.ears[firstRoom]
		if err := b.call("POST", "keyboards", map[string]any{"id": all[0].ID, "output": map[string]bool{"clock": true}}, nil); err != nil {
			return err
		}
		if err := errors.Join(e.conduct("set_count_in", map[string]int{"bars": 0}), e.conduct("set_tempo", map[string]int{"bpm": bpm}), e.conduct("start", map[string]int{})); err != nil {
			return err
		}
		if err := in.await(midi.Start); err != nil {
			return err
		}
		if err := in.measure("MIDI clock of the box"); err != nil {
			return err
		}
		if err := e.conduct("stop", map[string]int{}); err != nil {
			return err
		}
		return in.await(midi.Stop)
	})
}

// conduct sends what a teacher tells the room.
func (e *ear) conduct(event string, fields map[string]int) error {
	payload, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return e.client.Send(event, payload)
}

// heard is a message that came out of a keyboard's cable.
type heard struct {
	midi.Message
	at clock.Millis
}

// drumInput is what a keyboard is sent.
type drumInput struct{ messages chan heard }

func (d drumInput) Message(m midi.Message, ago time.Duration) {
	d.messages <- heard{m, clock.Now().Add(-ago)}
}

func (d drumInput) Holds() bool { return false }

func (d drumInput) Unplugged() {}

// listen opens the keyboard's input from its own side: a folder shows this device
// alone to a driver of its own.
func (g *gadget) listen(ctx context.Context) (d drumInput, stop func(), err error) {
	d = drumInput{make(chan heard, maxWaiting)}
	ins, err := midi.System{}.Inputs()
	if err != nil {
		return d, nil, err
	}
	i := slices.IndexFunc(ins, func(p midi.Port) bool { return strings.HasPrefix(p.Place, "card:"+g.name+"/") })
	if i < 0 {
		return d, nil, fmt.Errorf("the keyboard %s hears nothing", g.name)
	}
	folder, err := os.MkdirTemp(disk, "own-side-")
	if err != nil {
		return d, nil, err
	}
	if err := os.Symlink(ins[i].Node, filepath.Join(folder, filepath.Base(ins[i].Node))); err != nil {
		return d, nil, err
	}
	open := make(chan struct{})
	ports := midi.NewPorts(midi.PortsConfig{
		System: midi.System{Devices: folder}, Log: slog.New(slog.DiscardHandler),
		Plugged: func(midi.Port) midi.Listener { close(open); return d },
	})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = ports.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	select {
	case <-open:
		return d, stop, nil
	case <-time.After(patience):
		stop()
		return d, nil, fmt.Errorf("the keyboard %s cannot hear: %+v", g.name, ports.List())
	}
}

// next waits for the next message.
func (d drumInput) next() (heard, error) {
	select {
	case m := <-d.messages:
		return m, nil
	case <-time.After(patience):
		return heard{}, errors.New("the keyboard is sent nothing")
	}
}

// await waits for a message of a kind.
func (d drumInput) await(status byte) error {
	for {
		m, err := d.next()
		if err != nil || m.Status == status {
			return err
		}
	}
}

// measure reports how far ticks are from an even beat.
func (d drumInput) measure(what string) error {
	var at []float64
	for len(at) < ticks {
		m, err := d.next()
		if err != nil {
			return err
		}
		if m.Status != midi.Clock {
			return fmt.Errorf("among the ticks comes %v", m)
		}
		at = append(at, float64(m.at))
	}
	for i := range at {
		at[i] -= float64(i) * float64(tickTime)
	}
	middle := slices.Sorted(slices.Values(at))[len(at)/2]
	for i := range at {
		at[i] = math.Abs(at[i] - middle)
	}
	report(what+", from an even beat", at)
	return nil
}

// measureFloor sends the same ticks from a bare loop.
func (d drumInput) measureFloor(id string) error {
	outs, err := (&midi.Driver{}).Outs()
	if err != nil {
		return err
	}
	for _, out := range outs {
		o, ok := out.(*midi.Out)
		if !ok || o.ID() != id {
			continue
		}
		if err := o.Open(); err != nil {
			return err
		}
		began := clock.Now()
		for i := range ticks {
			time.Sleep(began.Add(time.Duration(float64(i) * float64(tickTime) * 1e6)).Sub(clock.Now()))
			if err := o.Send([]byte{midi.Clock}); err != nil {
				return err
			}
		}
		return errors.Join(o.Close(), d.measure("ticks of a bare loop"))
	}
	return fmt.Errorf("the keyboard %s takes nothing", id)
}
