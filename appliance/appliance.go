// Package appliance puts the box together: it is the one place that knows
// every part.
//
// [Open] takes what can be taken only once, the data folder and the port, and
// says in one sentence what is wrong with either. [Appliance.Run] then serves
// until its context ends, and returns when everything it started has ended.
//
// The parts meet in three small types of this package. The hall holds the
// rooms: it finds them for the pages and for the channels, and keeps them in
// the store. An ensemble joins one room, which knows music but no clients, to
// its channel, which knows clients but no music. A part is one client's part
// in that.
//
// A note comes in through a transport.Conn, which hands it to its
// realtime.Session, which finds the member's part; the part decodes it and
// asks the room whether it may sound; the ensemble appends it to the room's
// log, and wakes the connections that follow the log when the next room frame
// is due. Nothing on that path waits for anybody, and nothing is encoded for
// one listener alone.
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
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/count"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/signin"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/web"
	"downbeat.local/webui"
)

// DefaultFrameInterval is how far apart a room's frames leave, at least: half
// the CPU of sending every note at once, for two milliseconds.
const DefaultFrameInterval = 2 * time.Millisecond

// MaxFrameInterval is more than any network needs; notes would limp.
const MaxFrameInterval = 100 * time.Millisecond

// Config is what a box needs to know.
type Config struct {
	// Listen is HOST:PORT; port 0 takes a free one.
	Listen string
	// DataDir is where the box keeps everything; it is made when missing.
	DataDir string
	// JWTSecret is the raw bytes of the HS256 key for clients of the box;
	// empty means one of the box's own, made once and kept.
	JWTSecret string
	// JWKS is a URL or a file with the public keys of another issuer, such as a
	// school's Supabase Auth, whose tokens the box takes as well; empty means
	// none. Whoever controls it can make teachers.
	JWKS string
	// FrameInterval is how far apart a room's frames leave at least: 0 sends
	// every note at once, for a wired class; over 25 ms notes audibly lag.
	FrameInterval time.Duration
	// LaneInterval is how far apart a room's frames leave toward everybody who
	// listens over WebRTC; nil lets the box choose for each, by how his network
	// queues.
	LaneInterval *time.Duration
	// LaneOnce sends every note once over WebRTC, for measuring: what is lost
	// stays lost.
	LaneOnce bool
	// RTCPort is the UDP port of all WebRTC peers; 0 takes that of Listen, or
	// any if that is taken.
	RTCPort uint16
	// Door says who may join new rooms: with a token, or anybody.
	Door room.Door
	// Policy says who may do what in private channels, as auth.ParsePolicy
	// reads it; empty means auth.DefaultPolicy.
	Policy string
	// Limits are those that are not to be as usual, by name: see LimitHelp.
	Limits map[string]int
	// Hosts are names the box answers to besides its own.
	Hosts []string
	// Version is what /healthz says.
	Version string
	// Demo makes this a box that is claimed already and has a class in it.
	Demo *Demo
	// Out is where a person reads the box's addresses; nil discards them.
	Out io.Writer
	// Log receives everything else; nil means slog.Default().
	Log *slog.Logger
}

func (c Config) lanes() laneConfig {
	l := laneConfig{once: c.LaneOnce, fixed: c.LaneInterval != nil}
	if l.fixed {
		l.interval = *c.LaneInterval
	}
	return l
}

// Appliance is a box that has its data and its port.
type Appliance struct {
	cfg      Config
	log      *slog.Logger
	store    *store.Store
	accounts *auth.Accounts
	signer   *auth.Signer
	policy   *auth.Policy
	issuer   *auth.KeySet // nil without JWKS
	signin   *signin.Server
	archive  *archive
	hub      *realtime.Hub
	hall     *hall
	sockets  *sockets
	listener net.Listener
	server   *http.Server
	limits   limits
	demoKey  string
}

// Open takes the data folder and the port and builds the box. The error is
// one sentence that says what to do; nothing is left open.
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
	allowed, err := newLimits(cfg.Limits)
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
	return a, a.build()
}

// listen takes the port; the error says what to do.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s: stop it, or give another port with --listen", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: give a port above 1023 with --listen, or the capability to bind it", address)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %q: give HOST:PORT with --listen, as in 0.0.0.0:8080 (%w)", address, err)
	}
	return l, nil
}

// build makes the parts and joins them.
func (a *Appliance) build() error {
	cfg := a.cfg
	var err error
	if a.archive, err = openArchive(a.store, a.log); err != nil {
		return err
	}
	a.hub = realtime.NewHub(realtime.Config{
		Verify:  a.signer.Verify,
		Rights:  a.policy.Rights,
		Direct:  func(topic string) realtime.Director { return a.hall.direct(topic) },
		Tables:  tables,
		Archive: a.archive,
		Grace:   realtime.DefaultGrace,
		Limits:  a.limits.realtime(),
		Log:     a.log,
	})
	a.hall = newHall(cfg, a.limits, a.store, a.hub, a.log)
	a.sockets = &sockets{
		server: transport.NewServer(a.limits.transport(), a.log),
		frame:  int64(a.limits["frame"]),
		hub:    a.hub, signer: a.signer, log: a.log,
		refused: count.ByReason("key", "version"),
	}
	if err := a.openLanes(); err != nil {
		return err
	}
	sameBoot, err := a.store.SameBoot(context.Background())
	if err != nil {
		return err
	}
	if err := a.hall.load(sameBoot); err != nil {
		return err
	}
	if cfg.Demo != nil {
		if err := a.prepareDemo(); err != nil {
			return err
		}
	}
	supabase, err := a.supabase()
	if err != nil {
		return err
	}
	site, err := web.New(web.Config{
		Version: cfg.Version, Addr: a.listener.Addr().String(), Hosts: cfg.Hosts,
		Rooms: a.hall, Accounts: a.accounts, Signer: a.signer, Files: webui.Files(),
		Sockets: supabase, Metrics: a.metrics(), DemoKey: a.demoKey, FailedCodes: a.limits["failed-codes"], Seats: a.hall.seats, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.server = web.Server(site, a.log)
	return nil
}

// Addr is where the box listens.
func (a *Appliance) Addr() net.Addr { return a.listener.Addr() }

// Signer mints the tokens that the box takes.
func (a *Appliance) Signer() *auth.Signer { return a.signer }

// stopTimeout bounds how long requests may take to end when the box stops.
const stopTimeout = 2 * time.Second

// Run serves until ctx ends or a part cannot go on. It returns nil if ctx
// ended it.
func (a *Appliance) Run(ctx context.Context) error {
	defer a.release()
	defer a.watch()()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.serve(ctx) })
	group.Go(func() error { return a.sockets.server.Run(ctx) })
	group.Go(func() error { return a.hub.Run(ctx) })
	group.Go(func() error { return a.hall.Run(ctx) })
	group.Go(func() error { return a.signin.Run(ctx) })
	group.Go(func() error { return a.archive.Run(ctx) })
	if a.issuer != nil {
		group.Go(func() error { return a.issuer.Run(ctx) })
	}
	a.greet()
	if a.cfg.Demo != nil {
		group.Go(func() error { return a.runDemo(ctx) })
	}
	err := group.Wait()
	a.hall.saver.finish()
	if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// serve answers requests until ctx ends, and lets those under way end.
func (a *Appliance) serve(ctx context.Context) error {
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		last, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		if err := a.server.Shutdown(last); err != nil {
			_ = a.server.Close()
		}
	})
	err := a.server.Serve(a.listener)
	if stop() { // ctx goes on: serving failed by itself
		return fmt.Errorf("serve: %w", err)
	}
	<-stopped
	return context.Cause(ctx)
}

// release lets go of the port and the data.
func (a *Appliance) release() {
	if a.listener != nil {
		_ = a.listener.Close() // closed already if the server ran
	}
	if a.sockets != nil {
		a.sockets.server.CloseLanes()
	}
	if a.store == nil {
		return
	}
	if err := a.store.Close(); err != nil {
		a.log.Error("cannot close the store", "err", err)
	}
}

// greet tells whoever started the box where to find it.
func (a *Appliance) greet() {
	if a.cfg.Demo != nil {
		a.greetDemo()
		return
	}
	for _, address := range web.Addresses(a.Addr().String()) {
		fmt.Fprintf(a.cfg.Out, "Downbeat is at http://%s\n", address)
	}
	if lanes, ok := a.sockets.server.LaneAddr().(*net.UDPAddr); ok {
		fmt.Fprintf(a.cfg.Out, "Notes by WebRTC take UDP port %d\n", lanes.Port)
	}
	if code := a.accounts.ClaimCode(); code != "" {
		fmt.Fprintf(a.cfg.Out, "This box has no teacher yet. Claim it at /teacher with the code %s\n", code)
	}
}

// TempDir makes the folder of a demo; the caller removes it.
func TempDir() (string, error) {
	dir, err := os.MkdirTemp("", "downbeat-demo-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the demo: %w", err)
	}
	return dir, nil
}
