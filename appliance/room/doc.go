// Package room is one ensemble: who sits where, who may play what and when,
// the beat they share, and how they listen to each other.
//
// A [Room] is pure. It does no I/O, starts nothing, has no timer and logs
// nothing; whoever owns it tells it the time with every call and sends what
// the calls return. Its methods may be called from any goroutine and never
// wait for anything but each other.
//
// Every change of the room raises its revision by one and is returned as a
// [Change], to be told to everybody in that order: who has the [State] and
// every change since has the state now, and who misses one sees the gap. Notes
// are not state; [Room.Play] numbers them by seat and leaves the rest to the
// [Log].
//
// The box gives out identity. A member is known by the seat in which a note
// arrives, so no message carries a name that its sender chose. A seat is kept
// for the life of the room by a secret that only the member's browser has; it
// goes to somebody else only when the room is full and its holder away. Only a
// teacher controls, and what may be controlled is listed in controls.
//
// A note that has begun always ends: by its player, by its duration, or
// because he was muted, went offline, changed instrument or left. The room
// returns those endings with the change that caused them.
//
// The owner must call [Room.Advance] when it said it wants to be, and keep the
// [Snapshot] after changes.
package room
