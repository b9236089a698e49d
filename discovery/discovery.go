// Package discovery makes a box known on its network by multicast DNS (RFC 6762)
// and DNS service discovery (RFC 6763), and finds the boxes of a network.
//
// A box has two names. Its own, such as downbeat-x7k2.local, is made of its short
// id, so that it is unique. The printed one, downbeat.local, is the same for all
// boxes: the first box in a network has it, and the others wait for it. A name
// counts only after three probes that nobody answered, and the box gives it up
// when another device turns out to have it. [Discovery.Status] says which names
// the box has now; pages and cards must show no others.
//
// Two responders share the work. That of this package has the host names: their
// addresses on each interface, the names of the addresses, and probing and
// defending. zeroconf announces the services _http._tcp and _downbeat._tcp, which
// point to the box's own name. A supervisor starts it anew whenever the network
// or that name changes, because it reads neither again.
//
// Multicast is a convenience. Many school networks drop it and some devices do
// not ask, so a caller also shows the IP address. A failure is logged, shown in
// the status and tried again; it ends nothing.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Printed is the name of every box: the one that fits on a card.
const Printed = "downbeat.local"

// Config is what a box says of itself.
type Config struct {
	// ID tells the box from others: four letters and digits, "x7k2".
	ID string
	// Port is the TCP port of the pages.
	Port uint16
	// Only is the one address at which the box listens. If it is invalid, the
	// box listens at all of them.
	Only netip.Addr
	// Interfaces returns the interfaces that lead to a class, if they are up and
	// have a carrier. It is called often.
	Interfaces func() []Interface
	// Text returns what the services say of the box, as "key=value". It is called
	// often. Nil means nothing.
	Text func() []string
	// Devices returns how many devices of the class use the box now. It is called
	// every few seconds. Nil means that nobody knows: then a network that drops
	// multicast is not noticed.
	Devices func() int
	// Changed is called when the status has changed, from a goroutine of Run. It
	// must not block. Nil is fine.
	Changed func(Status)
	// Log receives failures and changes. Nil means slog.Default().
	Log *slog.Logger
}

// label is the first label of the box's own name.
func (c Config) label() string { return "downbeat-" + c.ID }

// text is never empty: a TXT record has at least one string (RFC 6763 §6.1).
func (c Config) text() []string {
	if c.Text != nil {
		if text := c.Text(); len(text) > 0 {
			return text
		}
	}
	return []string{""}
}

// Status is what the box is called on the network now.
type Status struct {
	Printed   string  // "downbeat.local" if it is this box's everywhere, else ""
	Own       string  // "downbeat-x7k2.local", or "" until it is the box's
	Contested bool    // another device has the printed name
	Problem   Problem // why the box cannot be found by name; empty if nothing is known
}

// Name is the best name of the box, or "" if it has none.
func (s Status) Name() string {
	if s.Printed != "" {
		return s.Printed
	}
	return s.Own
}

// Discovery makes a box known while it runs.
type Discovery struct {
	cfg Config
	log *slog.Logger
	// announce wakes the supervisor of zeroconf.
	announce chan struct{}

	mu     sync.Mutex // guards status, now
	status Status
	now    announcement
}

// New prepares a box. It touches no network.
func New(cfg Config) (*Discovery, error) {
	if cfg.ID == "" || cfg.Port == 0 || cfg.Interfaces == nil {
		return nil, errors.New("discovery: ID, Port and Interfaces are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Discovery{cfg: cfg, log: cfg.Log, announce: make(chan struct{}, 1)}, nil
}

// Status returns what the box is called now.
func (d *Discovery) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status
}

// Run makes the box known until ctx ends, and then says goodbye. It returns only
// the cause of that end: failures are retried.
func (d *Discovery) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.retry(ctx, d.respond) })
	group.Go(func() error { return d.supervise(ctx) })
	return group.Wait()
}

// The pauses after failures: they double.
const (
	firstPause = 2 * time.Second
	longPause  = time.Minute
)

// retry runs a part again whenever it fails.
func (d *Discovery) retry(ctx context.Context, run func(context.Context) error) error {
	pause := firstPause
	for {
		began := time.Now()
		err := recovered(ctx, run)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if time.Since(began) > longPause {
			pause = firstPause
		}
		d.log.Warn("the box cannot be found by name, trying again", "err", err, "pause", pause)
		d.publish(Status{Problem: problemOf(err)}, announcement{})
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

// recovered turns a panic into an error: a packet of a stranger may not stop the
// music.
func recovered(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("multicast DNS panicked: %v", r)
		}
	}()
	return run(ctx)
}

// The loop of the responder.
const (
	// lookEvery is how often the interfaces are read if the kernel does not say
	// that they have changed, and the text of the services.
	lookEvery = 3 * time.Second
	// settle is how long the box waits after a change for the next: an interface
	// that comes up changes several times.
	settle = 200 * time.Millisecond
	// maxPackets bounds the packets that are read each second. A class of forty
	// sends a tenth of that.
	maxPackets = 1000
	// queued is how many packets may wait.
	queued = 64
)

// respond has the names of the box until ctx ends or the sockets fail.
func (d *Discovery) respond(ctx context.Context) error {
	s, err := openSockets(d.log)
	if err != nil {
		return err
	}
	packets := make(chan packet, queued)
	changed := make(chan struct{}, 1)
	group, ctx := errgroup.WithContext(ctx)
	reading, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		err := s.read(reading, packets)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	})
	group.Go(func() error {
		if err := watchInterfaces(ctx, func() { wake(changed) }); ctx.Err() == nil {
			d.log.Debug("looking for changes of the network every few seconds", "err", err)
		}
		return nil
	})
	group.Go(func() error {
		defer stopReading() // after the goodbye
		return d.loop(ctx, s, packets, changed)
	})
	return group.Wait()
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// joiner is a network that is told on which interfaces to listen.
type joiner interface {
	network
	join([]Interface)
}

// loop feeds the responder with packets, changes and the time.
func (d *Discovery) loop(ctx context.Context, n joiner, packets <-chan packet, changed <-chan struct{}) error {
	r := newResponder(d.cfg, n)
	budget := rate.NewLimiter(maxPackets, maxPackets)
	look := time.NewTimer(0)
	defer look.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var interfaces []Interface
	settling := false
	for {
		select {
		case <-ctx.Done():
			r.close()
			d.publish(Status{}, announcement{})
			return context.Cause(ctx)
		case p := <-packets:
			if budget.Allow() {
				r.receive(time.Now(), p)
			}
		case <-changed:
			if !settling {
				settling = true
				look.Reset(settle)
			}
		case <-look.C:
			settling = false
			look.Reset(lookEvery)
			if now := d.cfg.Interfaces(); !equalInterfaces(now, interfaces) {
				interfaces = now
				n.join(interfaces)
				r.setInterfaces(time.Now(), interfaces)
			}
			if d.cfg.Devices != nil {
				r.setDevices(time.Now(), d.cfg.Devices())
			}
			if text := d.cfg.text(); !slices.Equal(text, r.service.text) {
				r.setText(time.Now(), text)
			}
		case <-timer.C:
		}
		r.advance(time.Now())
		if at, ok := r.next(); ok {
			timer.Reset(time.Until(at))
		}
		d.publish(d.describe(r, interfaces))
	}
}

// describe says what the responder has reached.
func (d *Discovery) describe(r *responder, interfaces []Interface) (Status, announcement) {
	printed, own, contested := r.names()
	s := Status{Contested: contested, Problem: r.problem(time.Now())}
	if printed {
		s.Printed = Printed
	}
	if !own {
		return s, announcement{}
	}
	s.Own = r.ownLabel() + ".local"
	return s, announcement{
		label: r.ownLabel(), port: d.cfg.Port, text: r.service.text, interfaces: interfaces, only: d.cfg.Only,
	}
}

// publish makes the status and the announcement known.
func (d *Discovery) publish(s Status, a announcement) {
	d.mu.Lock()
	before := d.status
	wakes := !a.equal(d.now)
	d.status, d.now = s, a
	d.mu.Unlock()
	if wakes {
		wake(d.announce)
	}
	if s == before {
		return
	}
	d.log.Info("names on the network", "printed", s.Printed, "own", s.Own, "contested", s.Contested, "problem", s.Problem)
	if d.cfg.Changed != nil {
		d.cfg.Changed(s)
	}
}
