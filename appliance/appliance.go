// Package appliance puts the box together. It is the only package that knows
// all the others.
//
// [Open] takes what only one process can have, the data folder and the port. If
// either cannot be taken, its error says in one sentence what to do.
// [Appliance.Run] serves until its context ends, and returns when everything it
// started has ended.
//
// A note walks through the box like this. A transport.Conn reads it and hands it
// to its realtime.Session, which finds the member's musicroom.Client. The client
// decodes the note and asks the rules of its room.Room whether it may sound. The
// musicroom.Room appends it to a frames.Log and pokes the pacers. When the next
// room frame is due, each connection that listens sends it. No step waits for a
// client, and each frame is encoded once for all of them.
//
// Requests reach the pages and /box/v1 in package web, and the paths of Supabase
// in package gateway. Both get their parts from here, through their Config.
package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/archive"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cards"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/gateway"
	"downbeat.local/appliance/intake"
	"downbeat.local/appliance/keyboards"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/midiout"
	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/records"
	"downbeat.local/appliance/signin"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/transport"
	"downbeat.local/discovery"
	"downbeat.local/sync/upstream"
)

// Appliance is a box that has its data and its port.
type Appliance struct {
	cfg       Config
	log       *slog.Logger
	store     *store.Store
	people    *people.Register
	signer    *auth.Signer
	policy    *auth.Policy
	issuer    *auth.KeySet // nil without JWKS
	signin    *signin.Server
	archive   *archive.Archive
	hub       *realtime.Hub
	rooms     *musicroom.Rooms
	keyboards *keyboards.Keyboards // nil without MIDI
	outputs   *midiout.Outputs     // nil without MIDI
	transport *transport.Server
	intake    *intake.Intake
	gateway   *gateway.Gateway
	listener  net.Listener
	short     net.Listener // port 80, or nil
	noShort   string       // why there is no port 80, for a person
	server    *http.Server
	upstream  *upstream.Upstream   // nil without an upstream
	discovery *discovery.Discovery // nil if the box is not announced
	greetedAs string               // the name that was printed last
	cards     *cards.Keeper
	records   *records.Records
	classes   *classlist.Lists
	limits    limits.Limits
	ledger    *cost.Ledger // of what clients order
	demoKey   string
}

// Open takes the data folder and the port and builds the box. The error is one
// sentence that says what to do. Nothing is left open then.
func Open(cfg Config) (a *Appliance, err error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	if cfg.FrameInterval < 0 || cfg.FrameInterval > MaxFrameInterval {
		return nil, fmt.Errorf("the frame interval is %v, give one from 0 to %v", cfg.FrameInterval, MaxFrameInterval)
	}
	if l := cfg.LaneInterval; l != nil && (*l < 0 || *l > MaxFrameInterval) {
		return nil, fmt.Errorf("the lane interval is %v, give one from 0 to %v", *l, MaxFrameInterval)
	}
	policy, err := auth.ParsePolicy(cfg.Policy)
	if err != nil {
		return nil, err
	}
	allowed, err := limits.New(cfg.Limits)
	if err != nil {
		return nil, err
	}
	a = &Appliance{cfg: cfg, log: cfg.Log, policy: policy, limits: allowed}
	opened := a // a is nil when an error is returned
	defer func() {
		if err != nil {
			opened.release()
		}
	}()
	if err := a.openData(); err != nil {
		return nil, err
	}
	if a.listener, err = listen(cfg.Listen); err != nil {
		return nil, err
	}
	if err := a.keepAddress(); err != nil {
		a.log.Error("the address for other commands cannot be written", "err", err)
	}
	a.noShort = a.listenShort()
	return a, a.build()
}

// Addr is where the box listens.
func (a *Appliance) Addr() net.Addr { return a.listener.Addr() }

// Signer mints the tokens that the box takes.
func (a *Appliance) Signer() *auth.Signer { return a.signer }

// stopTimeout is how long requests may take to end when the box stops.
const stopTimeout = 2 * time.Second

// Run serves until ctx ends or a part fails. It returns nil if ctx ended it.
func (a *Appliance) Run(ctx context.Context) error {
	defer a.release()
	defer a.broadcastChanges()()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.shutDown(ctx) })
	group.Go(func() error { return a.serve(ctx, a.listener) })
	if a.short != nil {
		group.Go(func() error { return a.serve(ctx, a.short) })
	}
	group.Go(func() error { return a.transport.Run(ctx) })
	group.Go(func() error { return a.hub.Run(ctx) })
	group.Go(func() error { return a.rooms.Run(ctx) })
	group.Go(func() error { return a.people.Run(ctx) })
	group.Go(func() error { return a.archive.Run(ctx) })
	if a.keyboards != nil {
		group.Go(func() error { return a.keyboards.Run(ctx) })
		group.Go(func() error { return a.outputs.Run(ctx) })
	}
	if a.issuer != nil {
		group.Go(func() error { return a.issuer.Run(ctx) })
	}
	if a.upstream != nil {
		group.Go(func() error { return a.upstream.Run(ctx) })
	}
	group.Go(func() error { return a.cards.Run(ctx) })
	group.Go(func() error { return a.records.Run(ctx) })
	a.greet()
	if a.discovery != nil {
		group.Go(func() error { return a.discovery.Run(ctx) })
	}
	if a.cfg.Demo != nil {
		group.Go(func() error { return a.runDemo(ctx) })
	}
	err := group.Wait()
	a.rooms.Finish()
	if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// serve answers requests until the server is shut down.
func (a *Appliance) serve(ctx context.Context, l net.Listener) error {
	err := a.server.Serve(a.intake.Listener(l))
	if errors.Is(err, http.ErrServerClosed) {
		return context.Cause(ctx)
	}
	return fmt.Errorf("serve: %w", err)
}

// shutDown waits until ctx ends, and then for the requests under way, at most
// stopTimeout.
func (a *Appliance) shutDown(ctx context.Context) error {
	<-ctx.Done()
	last, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := a.server.Shutdown(last); err != nil {
		_ = a.server.Close()
	}
	return context.Cause(ctx)
}

// release closes the ports and the data.
func (a *Appliance) release() {
	for _, l := range []net.Listener{a.listener, a.short} {
		if l != nil {
			_ = l.Close() // already closed if the server ran
		}
	}
	if a.transport != nil {
		a.transport.CloseLanes()
	}
	if a.store == nil {
		return
	}
	if err := a.store.Close(); err != nil {
		a.log.Error("cannot close the store", "err", err)
	}
}

// TempDir makes the folder of a demo. The caller removes it.
func TempDir() (string, error) {
	dir, err := os.MkdirTemp("", "downbeat-demo-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the demo: %w", err)
	}
	return dir, nil
}
