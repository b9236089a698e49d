// Package musicroom runs the music rooms of a box.
//
// [Rooms] is the registry of open rooms: it opens and closes them, finds them by
// code, admits clients to them and keeps them in the store. A [Room] is one of
// them. It joins the rules of package room to a channel of package realtime. A
// [Client] is one client's connection in a room.
//
// A note comes in through [Client.Broadcast]. The client decodes it, drops
// copies and takes it from its seat's budget. The room asks the rules whether it
// may sound, gives it a number and appends it to the log of package frames,
// which sends it to every listener.
//
// The package knows no pages and no sockets. It is what the pages of package web
// and the channels of package realtime call.
package musicroom

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/lesson"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/sync/clock"
)

// Rooms is the registry of a box's open rooms. Its methods may be called from
// any goroutine.
type Rooms struct {
	store  *store.Store
	hub    *realtime.Hub
	cfg    Config
	limits limits.Limits
	log    *slog.Logger
	// Latency is that of the frames of all rooms, for /metrics.
	Latency prometheus.Histogram

	toRun chan *Room // for Run
	saver *saver

	register
	watchers
}

// Config is what the rooms of a box need.
type Config struct {
	Store *store.Store
	Hub   *realtime.Hub
	// FrameInterval is how far apart frames leave over sockets, at least.
	FrameInterval time.Duration
	// Lanes says how frames leave over lanes.
	Lanes  frames.LaneConfig
	Limits limits.Limits
	// Door says who may join new rooms.
	Door room.Door
	// Codes slows addresses whose clients try codes without a room. Nil slows none.
	Codes *ratelimit.Throttle
	// Seats bounds how many seats guests of one address take.
	Seats *ratelimit.SeatBudget
	// Names bounds how often a member takes another name.
	Names *ratelimit.Budget
	// Visitors are the devices that have the page and no seat. Nil means a lobby
	// that nobody enters.
	Visitors *lobby.Visitors
	// Plans finds the lesson plan with an id. Its errors are ErrNoPlan, those of
	// package lesson, and faults of the box. Nil finds none.
	Plans func(id string) (lesson.Plan, error)
	// Sessions keeps what a session has become. Nil keeps none.
	Sessions func(context.Context, Session) error
	Log      *slog.Logger
}

// New returns a registry without rooms.
func New(cfg Config) *Rooms {
	if cfg.Visitors == nil {
		cfg.Visitors = lobby.New()
	}
	if cfg.Plans == nil {
		cfg.Plans = func(string) (lesson.Plan, error) { return lesson.Plan{}, ErrNoPlan }
	}
	if cfg.Sessions == nil {
		cfg.Sessions = func(context.Context, Session) error { return nil }
	}
	rs := &Rooms{
		store: cfg.Store, hub: cfg.Hub, cfg: cfg, limits: cfg.Limits, log: cfg.Log,
		toRun:    make(chan *Room, cfg.Limits["rooms"]),
		register: newRegister(cfg.Limits["rooms"]),
		watchers: newWatchers(),
		Latency:  newLatency(),
	}
	rs.saver = newSaver(rs.write, cfg.Log)
	return rs
}

// Run runs the rooms, those that are open and those that open later, until ctx
// ends. [Rooms.Finish] saves what changes after it.
func (rs *Rooms) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { rs.saver.run(ctx) })
	running.Go(func() { rs.tellLobbies(ctx) })
	defer running.Wait()
	for {
		select {
		case r := <-rs.toRun:
			running.Go(func() { r.run(ctx) })
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// addLocked adds a room and hands it to Run. The caller has checked that it may.
func (rs *Rooms) addLocked(rules *room.Room, created time.Time) *Room {
	code := rules.Code()
	r := newRoom(rules, rs.hub.Pin(topicOf(code)), roomConfig{
		frameInterval: rs.cfg.FrameInterval, lanes: rs.cfg.Lanes, limits: rs.limits,
		latency: rs.Latency, names: rs.cfg.Names, visitors: rs.cfg.Visitors, plans: rs.cfg.Plans, now: clock.Now, log: rs.log,
		save:        func(then ...func(kept bool)) { rs.saver.poke(code, then...) },
		expelBearer: func(id, why string) { rs.hub.ExpelBearer(code, id, why) },
	})
	r.created = created
	rs.rooms[code] = r
	rs.toRun <- r // never blocks: it holds as many as there may be rooms
	rs.noteChange()
	return r
}

// poke leaves a token, unless there is one already.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Add opens a room that the caller made. If there is one with its code already,
// that one is returned.
func (rs *Rooms) Add(rules *room.Room) (*Room, error) {
	rs.register.mu.Lock()
	defer rs.register.mu.Unlock()
	if r := rs.rooms[rules.Code()]; r != nil {
		return r, nil
	}
	if err := rs.checkNewLocked(rules.Code()); err != nil {
		return nil, err
	}
	return rs.addLocked(rules, time.Now().UTC()), nil
}

// Finish saves what is not saved yet. Call it after Run, when all clients are
// gone.
func (rs *Rooms) Finish() { rs.saver.finish() }
