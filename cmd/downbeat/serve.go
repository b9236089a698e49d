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
)

// boxFlags are the flags of a box, for serve and for demo.
type boxFlags struct {
	Listen        string         `default:"${listen}" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	Data          string         `placeholder:"DIR" help:"The folder where the box keeps everything."`
	Config        configFile     `placeholder:"FILE" help:"A file of settings: lines of the form key: value, or a JSON object."`
	JWTSecret     string         `name:"jwt-secret" placeholder:"S" help:"The HS256 key of the box's tokens; by default one of its own."`
	JWKS          string         `name:"jwks" placeholder:"URL|FILE" help:"Public keys of another issuer whose tokens the box takes too, such as a school's Supabase Auth."`
	Door          string         `default:"${door}" enum:"open,token" placeholder:"DOOR" help:"Who may join new rooms: open lets in whoever knows the code, token only with a member's token (${default})."`
	FrameInterval time.Duration  `default:"2ms" placeholder:"D" help:"The least time between two frames of notes; 0 on a wire, 5ms to 25ms on busy Wi-Fi (${default})."`
	LaneInterval  *time.Duration `placeholder:"D" help:"The same over WebRTC; by default the box chooses for each device, by how its network queues."`
	LaneOnce      bool           `help:"Send every note once over WebRTC, to measure what repeats heal."`
	Host          []string       `placeholder:"NAME" help:"Names the box answers to beside its addresses, localhost and *.local."`
	Limit         map[string]int `placeholder:"NAME=N" help:"What clients may do, with semicolons between several; as usual: ${limits}."`
	Policy        string         `placeholder:"TABLE" help:"Who may use private channels: rows of the form topic-pattern who rights, with semicolons between them."`
	Upstream      string         `placeholder:"URL" help:"The school's Postgres; not in this version yet."`
	MDNS          bool           `name:"mdns" placeholder:"BOOL" help:"Announce the box as downbeat.local; not in this version yet."`
	RTCPort       uint16         `name:"rtc-port" placeholder:"N" help:"The UDP port for WebRTC; by default that of --listen."`
}

// serveCmd runs the box.
type serveCmd struct {
	boxFlags `embed:""`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(w *world) error {
	if c.Data == "" {
		return errNoData
	}
	return c.box(w, c.Data, nil)
}

// demoCmd runs a box with a class in it.
type demoCmd struct {
	Students int `default:"8" placeholder:"N" help:"How many robots play (${default})."`
	boxFlags `embed:""`
}

// maxRobots leaves seats in the room for people.
const maxRobots = 40

// Run serves until a signal comes, and leaves no folder behind that it made.
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
	return c.box(w, dir, &appliance.Demo{Students: c.Students})
}

// box opens the box and runs it until a signal comes.
func (c *boxFlags) box(w *world, dir string, demo *appliance.Demo) error {
	c.warn(w)
	a, err := appliance.Open(appliance.Config{
		Listen: c.Listen, DataDir: dir, JWTSecret: c.JWTSecret, JWKS: c.JWKS, FrameInterval: c.FrameInterval,
		Door: room.Door(c.Door), Policy: c.Policy, Limits: c.Limit, Hosts: c.Host, RTCPort: c.RTCPort, LaneInterval: c.LaneInterval, LaneOnce: c.LaneOnce, Version: versionText(), Demo: demo, Out: w.stdout, Log: w.log,
	})
	if err != nil {
		return err
	}
	return within(w.ctx, stopWithin, a.Run)
}

// warn tells what was asked for and will not happen, or not well.
func (c *boxFlags) warn(w *world) {
	for flag, set := range map[string]bool{
		"upstream": c.Upstream != "", "mdns": c.MDNS,
	} {
		if set {
			w.log.Warn("this version does not do this yet", "flag", "--"+flag)
		}
	}
	if n := len(c.JWTSecret); n > 0 && n < auth.StrongSecret {
		w.log.Warn("the JWT secret is short and can be guessed", "bytes", n, "better", auth.StrongSecret)
	}
}

// stopWithin bounds how long the box may take to stop after a signal.
const stopWithin = 4500 * time.Millisecond

// within runs the box and gives up on it when it has not stopped so long
// after ctx has ended.
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
