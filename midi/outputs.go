package midi

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// OutputsConfig is what [Outputs] need.
type OutputsConfig struct {
	System System
	// Changed is called when List has another answer.
	Changed func()
	Log     *slog.Logger
}

// Outputs are the MIDI outputs that are plugged into this machine. It opens none of
// them: an output is opened by [Port.OpenOutput], when there is something to send.
type Outputs struct {
	cfg    OutputsConfig
	search *search

	mu   sync.Mutex // guards list
	list []Port
}

// NewOutputs returns an empty list.
func NewOutputs(cfg OutputsConfig) *Outputs {
	return &Outputs{cfg: cfg, search: newSearch(cfg.System, nil, cfg.Log)}
}

// Run keeps the list until ctx ends.
func (o *Outputs) Run(ctx context.Context) error {
	if !supported {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { o.search.watch(ctx) })
	settled := time.NewTimer(0)
	defer settled.Stop()
	for {
		select {
		case <-settled.C:
		case <-o.search.look:
		case <-o.search.changed:
			settled.Reset(settling)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if !o.scan() {
			settled.Reset(lookEvery)
		}
	}
}

// List lists the outputs, by card. Those that are meant for programs are not in it.
func (o *Outputs) List() []Port {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.list)
}

// scan looks for outputs. It reports false if it has to look again.
func (o *Outputs) scan() (ok bool) {
	now, err := o.cfg.System.Outputs()
	o.search.note(listing, err)
	if err != nil {
		return false
	}
	now = slices.DeleteFunc(now, Port.ForPrograms)
	o.mu.Lock()
	same := slices.Equal(o.list, now)
	o.list = now
	o.mu.Unlock()
	if !same {
		o.cfg.Changed()
	}
	return true
}

// OpenOutput opens an output. The error is ErrUnplugged, or one sentence that says
// what to do.
func (p Port) OpenOutput() (*Out, error) {
	o := &Out{end{Port: p}}
	if err := o.Open(); err != nil {
		return nil, err
	}
	return o, nil
}
