package musicroom

import (
	"slices"
	"sync"
	"sync/atomic"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Follower reads the notes of a room for a device on the box, which has neither a
// seat nor a client. It reads them from the room's own log, so that it never makes
// a note wait: one that falls behind by more than the log holds misses notes, and
// is told so. One goroutine at a time may use it.
type Follower struct {
	room   *Room
	wake   func()
	cursor uint64
}

// Follow follows a room from now on. wake is called when the room has new notes, has
// changed or is closed; it must not block. The error is room.ErrNoRoom.
func (rs *Rooms) Follow(code string, wake func()) (*Follower, error) {
	r := rs.find(code)
	if r == nil {
		return nil, room.ErrNoRoom
	}
	f := &Follower{room: r, wake: wake}
	f.cursor, _ = r.notes.Newest(wire.PlaceAll)
	r.followers.add(f)
	return f, nil
}

// Notes appends the notes since the last call, as far as the capacity of notes. It
// reports whether none was missed.
func (f *Follower) Notes(notes []wire.NoteEvent) (all []wire.NoteEvent, whole bool) {
	all, f.cursor, whole = f.room.notes.Events(f.cursor, notes)
	return all, whole
}

// Held appends every note that sounds in the room.
func (f *Follower) Held(held []wire.HeldNote) []wire.HeldNote { return f.room.rules.Held(held) }

// Conduct fills in how the notes of the room sound now.
func (f *Follower) Conduct(now clock.Millis, c *room.Conduct) { f.room.rules.Conduct(now, c) }

// Closed reports whether the room is over.
func (f *Follower) Closed() bool { return f.room.isClosed() }

// Leave ends following.
func (f *Follower) Leave() { f.room.followers.remove(f) }

// followers are the followers of one room.
type followers struct {
	mu   sync.Mutex                  // held while the list is replaced
	list atomic.Pointer[[]*Follower] // never changed, so that a note needs no lock
}

func (fs *followers) add(f *Follower) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	next := append(slices.Clone(fs.all()), f)
	fs.list.Store(&next)
}

func (fs *followers) remove(f *Follower) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	next := slices.DeleteFunc(slices.Clone(fs.all()), func(other *Follower) bool { return other == f })
	fs.list.Store(&next)
}

func (fs *followers) all() []*Follower {
	if list := fs.list.Load(); list != nil {
		return *list
	}
	return nil
}

func (fs *followers) poke() {
	for _, f := range fs.all() {
		f.wake()
	}
}
