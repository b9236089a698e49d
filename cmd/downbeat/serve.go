package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
)

// boxFlags are the flags of a box, for serve and demo.
type boxFlags struct {
	Listen          string         `default:"${listen}" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	Data            string         `placeholder:"DIR" help:"The folder where the box keeps everything."`
	Config          configFile     `placeholder:"FILE" help:"A file of settings: lines of the form key: value, or a JSON object."`
	JWTSecret       string         `name:"jwt-secret" placeholder:"S" help:"The HS256 key of the box's tokens; by default one of its own."`
	JWKS            string         `name:"jwks" placeholder:"URL|FILE" help:"Public keys of another issuer whose tokens the box takes too, such as a school's Supabase Auth."`
	EmailSignup     bool           `help:"Everybody may sign up with an email address and a password; by default the service key makes users."`
	Door            string         `default:"${door}" enum:"open,token" placeholder:"DOOR" help:"Who may join new rooms: open admits anyone with the code, token only a member's token (${default})."`
	FrameInterval   time.Duration  `default:"2ms" placeholder:"D" help:"The least time between two frames of notes; 0 on a wire, 5ms to 25ms on busy Wi-Fi (${default})."`
	LaneInterval    *time.Duration `placeholder:"D" help:"The same over WebRTC; by default the box chooses for each device, by how its network queues."`
	LaneOnce        bool           `help:"Send every note once over WebRTC, to measure what repeats heal."`
	Host            []string       `placeholder:"NAME" help:"Names the box answers to beside its addresses, localhost and *.local."`
	Limit           map[string]int `placeholder:"NAME=N" help:"What clients may do, with semicolons between several; defaults: ${limits}."`
	Policy          string         `placeholder:"TABLE" help:"Who may use private channels: rows of the form topic-pattern who rights, with semicolons between them."`
	Upstream        string         `placeholder:"URL" help:"The school's Postgres, as postgres://name:password@host/database."`
	UpstreamTables  []string       `placeholder:"NAME" help:"What goes to the school's Postgres, with commas between; by default ${carried}; ${optional} only if named. Reflections that are not shared and check-ins go there sealed."`
	KeepDays        int            `default:"180" placeholder:"N" help:"After how many days reflections are deleted, once a time server has set the clock (${default}); 0 keeps them."`
	KeepCheckInDays int            `default:"30" placeholder:"N" help:"The same for check-ins (${default})."`
	MDNS            bool           `name:"mdns" placeholder:"BOOL" default:"true" help:"Announce the box on the network as downbeat.local (${default})."`
	MIDIDevices     string         `name:"midi-devices" default:"/dev/snd" placeholder:"DIR" help:"Where MIDI keyboards appear that are plugged into the box (${default}); none leaves them alone."`
	RTCPort         uint16         `name:"rtc-port" placeholder:"N" help:"The UDP port for WebRTC; by default that of --listen."`
}

// serveCmd runs the box.
type serveCmd struct {
	boxFlags `embed:""`
}

// Run serves until a signal arrives.
func (c *serveCmd) Run(w *world) error {
	if c.Data == "" {
		return errNoData
	}
	return c.box(w, appliance.Config{DataDir: c.Data, ShortPort: true})
}

// demoCmd runs a box with a class in it.
type demoCmd struct {
	Students int `default:"8" placeholder:"N" help:"How many robots play (${default})."`
	boxFlags `embed:""`
}

// maxRobots leaves seats in the room for people.
const maxRobots = 40

// Run serves until a signal arrives, and removes a folder that it made.
func (c *demoCmd) Run(w *world) (err error) {
	if c.Students < 0 || c.Students > maxRobots {
		return fmt.Errorf("--students is %d, give a number from 0 to %d", c.Students, maxRobots)
	}
	dir := c.Data
	if dir == "" {
		if dir, err = appliance.TempDir(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	return c.box(w, appliance.Config{DataDir: dir, Demo: &appliance.Demo{Students: c.Students}})
}

// box opens the box with these settings and runs it until a signal arrives.
func (c *boxFlags) box(w *world, cfg appliance.Config) error {
	c.warn(w)
	cfg.Listen, cfg.Hosts, cfg.RTCPort, cfg.MDNS, cfg.MIDI = c.Listen, c.Host, c.RTCPort, c.MDNS, c.midi()
	cfg.JWTSecret, cfg.JWKS, cfg.EmailSignUp, cfg.Policy, cfg.Door, cfg.Limits = c.JWTSecret, c.JWKS, c.EmailSignup, c.Policy, room.Door(c.Door), c.Limit
	cfg.Upstream, cfg.UpstreamTables = c.Upstream, c.UpstreamTables
	cfg.KeepReflections, cfg.KeepCheckIns = keepFor(c.KeepDays), keepFor(c.KeepCheckInDays)
	cfg.FrameInterval, cfg.LaneInterval, cfg.LaneOnce = c.FrameInterval, c.LaneInterval, c.LaneOnce
	cfg.Version, cfg.Out, cfg.Log = versionText(), w.stdout, w.log
	appliance.LimitMemory(w.log)
	a, err := appliance.Open(cfg)
	if err != nil {
		return err
	}
	return within(w.ctx, stopWithin, a.Run)
}

// keepFor is how long something stays; below 0 for ever.
func keepFor(days int) time.Duration {
	if days <= 0 {
		return -1
	}
	return time.Duration(days) * 24 * time.Hour
}

// midi says where the box finds MIDI devices; nil for a box that leaves them
// alone.
func (c *boxFlags) midi() *midi.System {
	if c.MIDIDevices == "none" {
		return nil
	}
	return &midi.System{Devices: c.MIDIDevices}
}

// warn logs the settings that will not work, or not well.
func (c *boxFlags) warn(w *world) {
	if n := len(c.JWTSecret); n > 0 && n < auth.StrongSecret {
		w.log.Warn("the JWT secret is short and can be guessed", "bytes", n, "better", auth.StrongSecret)
	}
}

// stopWithin bounds how long the box may take to stop after a signal.
const stopWithin = 4500 * time.Millisecond

// within runs the box, and gives up if it has not stopped that long after ctx
// has ended.
func within(ctx context.Context, limit time.Duration, run func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("the box did not stop within %v", limit)
	}
}
