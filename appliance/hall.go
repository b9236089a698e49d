package appliance

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/web"
	"downbeat.local/sync/clock"
)

// hall is every room of the box: it opens and closes them, finds them by
// code, keeps them in the store, and runs their ensembles.
type hall struct {
	store  *store.Store
	hub    *realtime.Hub
	every  time.Duration // between room frames over a line
	lanes  laneConfig
	limits limits
	door   room.Door // of new rooms
	seats  *web.SeatBudget
	log    *slog.Logger
	// latency of the frames of all rooms
	latency prometheus.Histogram

	opened chan *openRoom // waiting for Run to run them
	saver  *saver

	mu     sync.Mutex // guards what follows
	rooms  map[string]*openRoom
	sealed map[string]bool // codes of saved rooms that cannot be read
}

// openRoom is a room with its ensemble.
type openRoom struct {
	*ensemble
	created time.Time
}

// savedRoom is a room as the store keeps it.
type savedRoom struct {
	Created  time.Time     `json:"created_at"`
	Snapshot room.Snapshot `json:"room"`
}

func newHall(cfg Config, allowed limits, st *store.Store, hub *realtime.Hub, log *slog.Logger) *hall {
	h := &hall{
		store: st, hub: hub, every: cfg.FrameInterval, lanes: cfg.lanes(), limits: allowed, door: cfg.Door, seats: web.NewSeatBudget(), log: log,
		opened:  make(chan *openRoom, allowed["rooms"]),
		rooms:   make(map[string]*openRoom),
		sealed:  make(map[string]bool),
		latency: newLatency(),
	}
	h.saver = newSaver(h.write, log)
	return h
}

// load opens every room that the store holds. sameBoot is whether the machine
// has not been restarted since: a timeline of another boot means nothing. A
// room that cannot be read stops nobody else's lesson; its row stays as it is.
func (h *hall) load(sameBoot bool) error {
	rows, err := h.store.List(store.Rooms)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, row := range rows {
		if err := h.restoreLocked(row, sameBoot); err != nil {
			h.sealed[row.Key] = true
			h.log.Warn("cannot open a saved room, leaving it as it is", "room", row.Key, "err", err)
		}
	}
	return nil
}

func (h *hall) restoreLocked(row store.Row, sameBoot bool) error {
	var saved savedRoom
	if err := json.Unmarshal(row.Value, &saved); err != nil {
		return err
	}
	r, err := room.Restore(saved.Snapshot, clock.Now(), sameBoot)
	switch {
	case err != nil:
		return err
	case r.Code() != row.Key:
		return fmt.Errorf("it is room %s", r.Code())
	case len(h.rooms) >= h.limits["rooms"]:
		return web.ErrTooManyRooms
	}
	h.addLocked(r, saved.Created)
	return nil
}

// Run runs the rooms, those that are there and those to come, until ctx ends.
// What changes until all clients are gone is for the saver to finish.
func (h *hall) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { h.saver.run(ctx) })
	defer running.Wait()
	for {
		select {
		case o := <-h.opened:
			running.Go(func() { o.Run(ctx) })
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// addLocked puts a room in the hall, where Run finds it. The caller has made
// sure that there is space for it.
func (h *hall) addLocked(r *room.Room, created time.Time) *openRoom {
	code := r.Code()
	ch := h.hub.Keep(topicOf(code))
	o := &openRoom{created: created}
	o.ensemble = newEnsemble(r, ch, h.every, h.lanes, h.limits, func() { h.saver.poke(code) }, h.log)
	o.latency = h.latency
	h.rooms[code] = o
	h.opened <- o // never more than there may be rooms wait
	return o
}

// find is the room of that code, nil if there is none.
func (h *hall) find(code string) *openRoom {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[code]
}

// list is every room, newest first.
func (h *hall) list() []*openRoom {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*openRoom, 0, len(h.rooms))
	for _, o := range h.rooms {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *openRoom) int { return b.created.Compare(a.created) })
	return all
}

// write puts a room's state into the store, or takes it out if it is closed.
func (h *hall) write(ctx context.Context, code string) error {
	o := h.find(code)
	if o == nil {
		return h.store.Delete(ctx, store.Rooms, code)
	}
	return h.store.Put(ctx, store.Rooms, code, savedRoom{Created: o.created, Snapshot: o.room.Snapshot()})
}

// seat gives somebody a seat and tells the room.
func (e *ensemble) seat(a room.Applicant) (seat room.Seat, err error) {
	err = e.change(func() (changes []room.Change, err error) {
		seat, changes, err = e.room.Sit(e.now(), a)
		return changes, err
	})
	return seat, err
}

// keep opens a room that was made outside, unless there is one of that code.
func (h *hall) keep(r *room.Room) (*openRoom, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o := h.rooms[r.Code()]; o != nil {
		return o, nil
	}
	if err := h.spaceLocked(r.Code()); err != nil {
		return nil, err
	}
	return h.addLocked(r, time.Now().UTC()), nil
}

// spaceLocked says why there cannot be a new room of that code.
func (h *hall) spaceLocked(code string) error {
	switch {
	case h.rooms[code] != nil || h.sealed[code]:
		return web.ErrCodeTaken
	case len(h.rooms) >= h.limits["rooms"]:
		return web.ErrTooManyRooms
	}
	return nil
}
