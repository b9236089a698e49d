// Package keyboards joins the MIDI keyboards that are plugged into the box to its
// rooms.
//
// A keyboard is a member of a room like any other, with a seat of its own. With
// one room open it plays there. With several the teacher says where. The box
// remembers that: a keyboard has its seat again after it was unplugged, and after
// a restart.
//
// Whenever something has changed, [Keyboards] compares where each keyboard plays
// with where it should, and moves it. Notes take another way: from the port
// straight to the room. What fails is logged, shown to the teacher and tried
// again. It never stops the music.
package keyboards

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/portmemory"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/midi"
)

// Config is what keyboards need.
type Config struct {
	System midi.System // where the machine shows its MIDI devices
	Rooms  *musicroom.Rooms
	Store  *store.Store
	// IsEcho reports whether a message from a port is what the box has just sent to
	// the device: a keyboard may send that back.
	IsEcho func(id string, m midi.Message) bool
	Log    *slog.Logger
}

// Keyboards are the MIDI keyboards of the box.
type Keyboards struct {
	rooms  *musicroom.Rooms
	ports  *midi.Ports
	isEcho func(id string, m midi.Message) bool
	log    *slog.Logger
	wake   chan struct{} // holds a token when keyboards may have to move

	moving sync.Mutex // held while keyboards move; guards memory
	memory memory

	searches searches
	struck   chan *keyboard // that were at rest, and whose owner may change

	mu      sync.Mutex // guards plugged
	plugged map[string]*keyboard
}

// retry is how long to wait before a keyboard that found no seat asks again.
const retry = 5 * time.Second

// Open reads where keyboards played.
func Open(cfg Config) (*Keyboards, error) {
	remembered, err := portmemory.Open[place](cfg.Store, store.Keyboards, cfg.Log)
	if err != nil {
		return nil, err
	}
	ks := &Keyboards{
		rooms: cfg.Rooms, isEcho: cfg.IsEcho, log: cfg.Log, wake: make(chan struct{}, 1),
		plugged: make(map[string]*keyboard), struck: make(chan *keyboard, maxStruck),
	}
	ks.memory = memory{remembered, func(id string) bool { return ks.find(id) != nil }}
	ks.ports = midi.NewPorts(midi.PortsConfig{System: cfg.System, Plugged: ks.plug, Wanted: ks.wanted, Log: cfg.Log})
	return ks, nil
}

// Run plays the keyboards until ctx ends.
func (ks *Keyboards) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ks.ports.Run(ctx) })
	group.Go(func() error { return ks.settle(ctx) })
	return group.Wait()
}

// settle moves keyboards whenever they may have to, until ctx ends.
func (ks *Keyboards) settle(ctx context.Context) error {
	rooms, leave := ks.rooms.Watch()
	defer leave()
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-again.C:
		case <-ks.wake:
		case <-rooms:
		case k := <-ks.struck:
			ks.lookAt(ctx, k)
			continue
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if !ks.moveAll(ctx) {
			again.Reset(retry)
		}
	}
}

// moveAll gives every keyboard the seat that it should have. It reports false if
// one of them got none.
func (ks *Keyboards) moveAll(ctx context.Context) (ok bool) {
	ks.moving.Lock()
	defer ks.moving.Unlock()
	ok = true
	for _, k := range ks.all() {
		if err := ks.moveLocked(ctx, k); err != nil {
			ok = false
		}
	}
	return ok
}

// plug takes a port that has been opened.
func (ks *Keyboards) plug(p midi.Port) midi.Listener {
	id := p.ID()
	k := newKeyboard(p, ks.unplugged, ks.strike)
	k.isEcho = func(m midi.Message) bool { return ks.isEcho(id, m) }
	ks.mu.Lock()
	ks.plugged[p.ID()] = k
	ks.mu.Unlock()
	poke(ks.wake)
	return k
}

func (ks *Keyboards) unplugged(k *keyboard) {
	ks.mu.Lock()
	defer ks.mu.Unlock()
	if id := k.port.ID(); ks.plugged[id] == k {
		delete(ks.plugged, id)
	}
}

// poke leaves a token, unless there is one already.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (ks *Keyboards) all() []*keyboard {
	ks.mu.Lock()
	defer ks.mu.Unlock()
	return slices.Collect(maps.Values(ks.plugged))
}

// find is the keyboard with an ID, nil if it is not plugged in.
func (ks *Keyboards) find(id string) *keyboard {
	ks.mu.Lock()
	defer ks.mu.Unlock()
	return ks.plugged[id]
}

// List lists the keyboards that are plugged in, also those that cannot be opened.
func (ks *Keyboards) List() []room.Keyboard {
	ports := ks.ports.List()
	all := make([]room.Keyboard, 0, len(ports))
	for _, p := range ports {
		k := ks.find(p.ID())
		if k != nil && k.port.Node != p.Node { // the last file of a keyboard that came back
			continue
		}
		shown := room.Keyboard{ID: p.ID(), Name: p.Name, Problem: p.Problem, LeftAlone: p.LeftAlone}
		if k != nil {
			k.describe(&shown)
		}
		all = append(all, shown)
	}
	return all
}

// PlaysAs is the member that the keyboard of a port plays as, and the code of their
// room. Both are empty if it plays nowhere.
func (ks *Keyboards) PlaysAs(id string) (code, studentID string) {
	k := ks.find(id)
	if k == nil {
		return "", ""
	}
	seat := k.seated()
	if seat == nil {
		return "", ""
	}
	return seat.Room(), seat.StudentID()
}

// Problem says in one sentence why devices may be found late or not at all; empty
// if they are found at once.
func (ks *Keyboards) Problem() string {
	if err := ks.ports.Problem(); err != nil {
		return err.Error()
	}
	return ""
}
