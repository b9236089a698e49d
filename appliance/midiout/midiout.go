// Package midiout plays the rooms' music on the MIDI outputs of the box: the notes
// of a room, of all its members or of some, and its beat as MIDI clock.
//
// The teacher says for each output which room it plays, whose notes, and whether it
// gets the beat. [Outputs] keeps that, also across restarts, and gives each output
// that has something to play a sender of its own: a slow device delays no other.
// A sender sleeps until the next message is due, on an alarm of the box clock.
//
// Notes leave when they are due in the room's mode (package schedule). Each member
// has a channel while there are enough. Whatever happens, a note that an output was
// sent is ended there: by its own end, when the room closes, when the teacher
// chooses otherwise, and when the box stops. A keyboard is never sent its own notes.
//
// An output that fails is logged, shown to the teacher and tried again. It never
// stops the music.
package midiout

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/portmemory"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/midi"
)

// Config is what outputs need.
type Config struct {
	System midi.System // where the machine shows its MIDI devices
	Rooms  *musicroom.Rooms
	Store  *store.Store
	// PlaysAs is the member that the keyboard beside an output plays as, and the
	// code of their room. Both are empty if it plays nowhere.
	PlaysAs func(id string) (code, studentID string)
	Log     *slog.Logger
}

// Outputs are the MIDI outputs of the box.
type Outputs struct {
	cfg   Config
	ports *midi.Outputs
	wake  chan struct{} // holds a token when outputs may have something else to play

	choosing sync.Mutex // held while the teacher chooses; guards memory
	memory   *portmemory.Memory[choice]

	mu      sync.Mutex // guards senders
	senders map[string]*sender
}

// choice is what the teacher has chosen for an output, as the store keeps it.
type choice struct {
	Room    string     `json:"room,omitempty"` // empty: the only one that is open
	Clock   bool       `json:"clock,omitempty"`
	Notes   room.Whose `json:"notes,omitempty"`
	Members []string   `json:"members,omitempty"` // their ids, for room.WhoseChosen
	// LocalOff says that the keys of a keyboard do not sound on the keyboard itself.
	LocalOff bool `json:"local_off,omitempty"`
}

// Open reads what the teacher has chosen.
func Open(cfg Config) (*Outputs, error) {
	memory, err := portmemory.Open[choice](cfg.Store, store.Outputs, cfg.Log)
	if err != nil {
		return nil, err
	}
	o := &Outputs{cfg: cfg, memory: memory, wake: make(chan struct{}, 1), senders: make(map[string]*sender)}
	o.ports = midi.NewOutputs(midi.OutputsConfig{System: cfg.System, Changed: o.poke, Log: cfg.Log})
	return o, nil
}

// Run plays until ctx ends.
func (o *Outputs) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return o.ports.Run(ctx) })
	group.Go(func() error { return o.settle(ctx) })
	return group.Wait()
}

func (o *Outputs) poke() {
	select {
	case o.wake <- struct{}{}:
	default: // there is one already
	}
}

// settle tells every output what to play whenever that may have changed, until ctx
// ends.
func (o *Outputs) settle(ctx context.Context) error {
	rooms, leave := o.cfg.Rooms.Watch()
	defer leave()
	var sending sync.WaitGroup
	defer sending.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // senders end before settle does
	for {
		ports := o.ports.List()
		o.dropGone(ports)
		for _, p := range ports {
			if s := o.sender(ctx, p, &sending); s != nil {
				o.assign(s, p)
			}
		}
		select {
		case <-o.wake:
		case <-rooms:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// sender is the sender of a port. It starts a new one. Without timers of the kernel
// there is none, and the port is not in the list.
func (o *Outputs) sender(ctx context.Context, p midi.Port, sending *sync.WaitGroup) *sender {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := p.ID()
	s := o.senders[id]
	if s != nil {
		return s
	}
	ctx, cancel := context.WithCancel(ctx)
	s, err := newSender(p, cancel, o.cfg)
	if err != nil {
		cancel()
		o.cfg.Log.Warn("cannot play a MIDI output", "port", p.Name, "err", err)
		return nil
	}
	o.senders[id] = s
	sending.Go(func() { s.run(ctx) })
	return s
}

// dropGone ends the senders of ports that are not plugged in any more, or whose
// device has another file now.
func (o *Outputs) dropGone(ports []midi.Port) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, s := range o.senders {
		if !slices.Contains(ports, s.port) {
			s.cancel()
			delete(o.senders, id)
		}
	}
}

// assign tells a sender what to play.
func (o *Outputs) assign(s *sender, p midi.Port) {
	o.choosing.Lock()
	defer o.choosing.Unlock()
	s.assign(o.inForce(o.chosen(p)))
}

// chosen is what the teacher has chosen for a port. The caller holds choosing.
func (o *Outputs) chosen(p midi.Port) choice {
	c, _ := o.memory.Find(p, o.isPlugged)
	c.Notes = cmp.Or(c.Notes, room.WhoseNone)
	return c
}

func (o *Outputs) isPlugged(id string) bool { return o.find(id) != nil }

func (o *Outputs) find(id string) *sender {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.senders[id]
}

// inForce is a choice with the room that it means now: the chosen one while it is
// open, else the only one.
func (o *Outputs) inForce(c choice) choice {
	open := o.cfg.Rooms.Codes()
	switch {
	case slices.Contains(open, c.Room):
	case len(open) == 1:
		c.Room = open[0]
	default:
		c.Room = ""
	}
	return c
}

// Change changes what an output plays, and remembers it. The errors are
// room.ErrNoOutput, room.ErrNoRoom and room.ErrBadOutput.
func (o *Outputs) Change(ctx context.Context, id string, wish room.OutputWish) error {
	o.choosing.Lock()
	defer o.choosing.Unlock()
	s := o.find(id)
	if s == nil {
		return room.ErrNoOutput
	}
	if err := wish.Validate(); err != nil {
		return err
	}
	c := o.chosen(s.port)
	if wish.Room != nil {
		if *wish.Room != "" && !slices.Contains(o.cfg.Rooms.Codes(), *wish.Room) {
			return room.ErrNoRoom
		}
		c.Room = *wish.Room
	}
	if wish.Clock != nil {
		c.Clock = *wish.Clock
	}
	if wish.Notes != nil {
		c.Notes = *wish.Notes
	}
	if wish.Members != nil {
		c.Members = slices.Clone(*wish.Members)
	}
	if wish.LocalOff != nil {
		c.LocalOff = *wish.LocalOff
	}
	o.memory.Set(ctx, s.port, c, func(earlier string, _ choice) bool { return !o.isPlugged(earlier) })
	s.assign(o.inForce(c))
	return nil
}

// List lists the outputs that are plugged in, by card.
func (o *Outputs) List() []room.Output {
	o.choosing.Lock()
	defer o.choosing.Unlock()
	all := []room.Output{}
	for _, p := range o.ports.List() {
		s := o.find(p.ID())
		if s == nil {
			continue // it has just been plugged in
		}
		c := o.inForce(o.chosen(p))
		shown := room.Output{
			ID: p.ID(), Name: p.Name, Room: c.Room, Clock: c.Clock, Notes: c.Notes, Members: c.Members,
			LocalOff: c.LocalOff,
		}
		if shown.Members == nil {
			shown.Members = []string{}
		}
		s.describe(&shown)
		all = append(all, shown)
	}
	return all
}
