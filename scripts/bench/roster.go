package main

import (
	"slices"
	"sync"
)

// roster is the members of each room of a bare hub.
type roster[P comparable] struct {
	mu    sync.Mutex // guards rooms
	rooms map[string][]P
}

func newRoster[P comparable]() *roster[P] { return &roster[P]{rooms: make(map[string][]P)} }

// add adds a member to a room. Lists in use do not change.
func (r *roster[P]) add(room string, p P) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rooms[room] = append(slices.Clip(r.rooms[room]), p)
}

func (r *roster[P]) leave(room string, gone P) {
	r.mu.Lock()
	defer r.mu.Unlock()
	isGone := func(p P) bool { return p == gone }
	r.rooms[room] = slices.DeleteFunc(slices.Clone(r.rooms[room]), isGone)
}

// each calls send for all members of a room but one.
func (r *roster[P]) each(room string, but P, send func(P)) {
	r.mu.Lock()
	peers := r.rooms[room]
	r.mu.Unlock()
	for _, p := range peers {
		if p != but {
			send(p)
		}
	}
}
