package midi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// Listener takes what one port sends. Its methods are called by one goroutine and
// must return soon: meanwhile the port is not read.
type Listener interface {
	// Message takes the next message and how long ago it came, as far as the kernel
	// says. Active sensing that comes several times on end may come once. The box
	// makes up a Reset when the port's keys are not known any more: it fell silent
	// after active sensing, or it is unplugged.
	Message(m Message, ago time.Duration)
	// Holds reports whether a Reset would change anything: a note sounds, or the pedal
	// is down.
	Holds() bool
	// Unplugged says that the port is gone, after a Reset. When it is plugged in
	// again, it gets a new listener.
	Unplugged()
}

// PortsConfig is what [Ports] need.
type PortsConfig struct {
	System System
	// Plugged returns the listener of a port that has been opened.
	Plugged func(Port) Listener
	// Wanted reports whether to open a port that is ForPrograms. It is asked again
	// after [Ports.Look]. Nil means no.
	Wanted func(Port) bool
	// Changed is called when List has another answer. Nil calls nothing.
	Changed func()
	Log     *slog.Logger
}

// Ports keeps the MIDI inputs of this machine open. It opens a port when its
// device appears, and tries again when it could not be opened or has failed. It
// does not poll for devices: the kernel reports changes of their folder. Only while
// the kernel refuses to do so it looks every two seconds; see [Ports.Problem].
type Ports struct {
	cfg     PortsConfig
	search  *search
	ended   chan ending // for Run: ports that have ended
	readers sync.WaitGroup

	mu      sync.Mutex        // guards entries and what is in them
	entries map[string]*entry // by key; Run alone writes to it

	settled time.Time // when a change of the folder is over; Run alone uses it
}

// entry is a port that is plugged in. Run alone writes to it.
type entry struct {
	port  Port
	close context.CancelFunc // nil unless the port is open
	since time.Time          // when it was opened last
	err   error              // why it is not open
	fails int                // how often it has failed in a row
	due   time.Time          // when to try again
	alone bool               // it is left alone
}

// key tells an entry from others: another device may come into the same socket, or
// get the same file, while the last one is not closed yet.
func key(p Port) string { return p.Node + " " + p.ID() }

// ending says why an open port has ended.
type ending struct {
	entry *entry
	err   error
}

// Status is a port that is plugged in and how it fares.
type Status struct {
	Port
	Open bool
	// LeftAlone says that the port is [Port.ForPrograms], and not wanted.
	LeftAlone bool
	// Problem says why the port is not open and what to do; empty if it is open or
	// left alone.
	Problem string
}

// How long to wait before a port is tried again: first, and at most.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// settling is how long after a change of the folder it is looked at once more. The
// kernel makes the file of a device a moment before it says what the device is.
const settling = 500 * time.Millisecond

// NewPorts returns ports of which none is open.
func NewPorts(cfg PortsConfig) *Ports {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	return &Ports{
		cfg: cfg, search: newSearch(cfg.System, cfg.Changed, cfg.Log), ended: make(chan ending),
		entries: make(map[string]*entry),
	}
}

// Run keeps the ports open until ctx ends. On other systems than Linux it does
// nothing.
func (p *Ports) Run(ctx context.Context) error {
	if !supported {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	defer p.readers.Wait()
	p.readers.Go(func() { p.search.watch(ctx) })
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		retry.Reset(p.scan(ctx))
		select {
		case <-retry.C:
		case <-p.search.look:
		case <-p.search.changed:
			p.settled = time.Now().Add(settling)
			p.forgive()
		case end := <-p.ended:
			p.fail(end.entry, end.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Problem says in one sentence why ports may be found late or not at all; nil if
// they are found at once.
func (p *Ports) Problem() error { return p.search.Problem() }

// Look looks at the ports again, because others are wanted.
func (p *Ports) Look() { poke(p.search.look) }

// List lists the ports that are plugged in, by place.
func (p *Ports) List() []Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]Status, 0, len(p.entries))
	for _, e := range p.entries {
		s := Status{Port: e.port, Open: e.close != nil, LeftAlone: e.alone}
		if !s.Open && e.err != nil {
			s.Problem = e.err.Error()
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Status) int { return strings.Compare(a.Place, b.Place) })
	return all
}

// scan opens the ports that are new, and forgets those that are gone. It returns
// how long to wait for the next that is to be tried again.
func (p *Ports) scan(ctx context.Context) (wait time.Duration) {
	ports, err := p.cfg.System.Inputs()
	p.search.note(listing, err)
	if err != nil {
		return lookEvery
	}
	p.forgetGone(ports)
	wait = time.Hour
	if left := time.Until(p.settled); left > 0 {
		wait = left
	}
	for _, port := range ports {
		e := p.entry(port)
		p.openOrLeave(ctx, e)
		if e.err != nil {
			wait = min(wait, time.Until(e.due))
		}
	}
	return max(wait, time.Millisecond)
}

// openOrLeave opens a port when it is due, or leaves it alone.
func (p *Ports) openOrLeave(ctx context.Context, e *entry) {
	alone := e.port.ForPrograms() && (p.cfg.Wanted == nil || !p.cfg.Wanted(e.port))
	if e.alone != alone {
		p.change(func() { e.alone = alone })
	}
	switch {
	case alone && e.close != nil:
		e.close()
	case alone && e.err != nil: // it has ended, as it should
		p.change(func() { e.err = nil })
	case !alone && e.close == nil && time.Until(e.due) <= 0:
		p.open(ctx, e)
	}
}

// entry is the entry of a port that is plugged in.
func (p *Ports) entry(port Port) *entry {
	e := p.entries[key(port)]
	switch {
	case e == nil:
		e = &entry{port: port}
		p.change(func() { p.entries[key(port)] = e })
	case e.port != port: // the kernel says more now
		p.change(func() { e.port = port })
	}
	return e
}

// change changes the entries.
func (p *Ports) change(do func()) {
	p.mu.Lock()
	do()
	p.mu.Unlock()
	p.cfg.Changed()
}

// forgetGone forgets the ports that are not plugged in any more. One that is still
// open is closed, and forgotten when it has ended.
func (p *Ports) forgetGone(ports []Port) {
	for name, e := range p.entries {
		switch {
		case slices.ContainsFunc(ports, func(port Port) bool { return key(port) == name }):
		case e.close != nil:
			e.close()
		default:
			p.change(func() { delete(p.entries, name) })
		}
	}
}

// open opens a port and starts to read it.
func (p *Ports) open(ctx context.Context, e *entry) {
	s, err := openStream(e.port)
	if err != nil {
		p.fail(e, err)
		return
	}
	reading, cancel := context.WithCancel(ctx)
	p.change(func() { e.close, e.err, e.since = cancel, nil, time.Now() })
	p.cfg.Log.Info("a MIDI port is open", "port", e.port.Name, "place", e.port.Place)
	listener := p.cfg.Plugged(e.port)
	p.readers.Go(func() {
		defer cancel()
		err := p.read(reading, s, listener)
		if errors.Is(err, context.Canceled) {
			err = ErrUnplugged // its file is gone
		}
		select {
		case p.ended <- ending{e, err}:
		case <-ctx.Done():
		}
	})
}

// read hands a port's messages to its listener until the port ends. A bug in the
// listener ends the port, not the box.
func (p *Ports) read(ctx context.Context, s *stream, l Listener) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			p.cfg.Log.Error("a MIDI port crashed", "port", s.port.Name, "panic", bug, "stack", string(debug.Stack()))
			err = fmt.Errorf("port %s crashed", s.port.Name)
		}
	}()
	defer s.file.Close()
	defer l.Unplugged()
	reset := func() { l.Message(Message{Status: Reset}, 0) }
	defer reset()
	var parser Parser
	return s.read(ctx, func(all []byte, ago time.Duration) {
		if bytes.Count(all, []byte{ActiveSensing}) == len(all) && len(all) > 1 {
			all = all[:1] // a port that sends nothing else costs one message a read
		}
		for _, b := range all {
			if m, ok := parser.Feed(b); ok {
				l.Message(m, ago)
			}
		}
	}, l.Holds, reset)
}

// fail notes that a port is not open, and when to try it again. The log tells of
// a second failure in a row: a device that has just appeared may belong to root
// for a moment, until udev has changed that.
func (p *Ports) fail(e *entry, err error) {
	if time.Since(e.since) > lastRetry && e.close != nil {
		e.fails = 0 // it was well for a while
	}
	wait := min(firstRetry<<min(e.fails, 16), lastRetry)
	p.change(func() { e.close, e.err, e.fails, e.due = nil, err, e.fails+1, time.Now().Add(wait) })
	if e.fails == 2 && !errors.Is(err, ErrUnplugged) {
		p.cfg.Log.Warn("cannot open a MIDI port, trying again", "port", e.port.Name, "place", e.port.Place, "err", err)
	}
}

// forgive makes every port that failed due now: the folder has changed.
func (p *Ports) forgive() {
	p.change(func() {
		for _, e := range p.entries {
			e.due = time.Time{}
		}
	})
}
