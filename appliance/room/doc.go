// Package room holds the rules of one music room: seats, permission to play,
// the beat that the members share, and how they listen to each other.
//
// A [Room] is pure. It does no I/O, starts no goroutine, has no timer and logs
// nothing. Its owner passes the time with every call and sends what the calls
// return. Its methods are safe for concurrent use and wait only for each other.
//
// Every change raises the room's revision by one and is returned as a
// [Change]. The owner sends the changes to everyone, in that order. A client
// that has a [State] and every change since has the state now; one that missed
// a change sees a gap. Notes are not state: [Room.Play] numbers them by seat.
//
// The box assigns identity. A note belongs to the member in the seat where it
// arrives, so no message carries a name that its sender chose. A seat is kept
// for the life of the room by a secret that only the member's browser has. It
// goes to another student only when the room is full and its holder is away.
// Only a teacher controls a room; the table controls lists what can be
// controlled.
//
// A note that has begun always ends: by its player or its duration, or because
// the player was muted, went offline, changed instruments or left. The room
// returns those endings with the change that caused them.
//
// The owner must call [Room.Advance] at the time that the last call returned,
// and store the [Snapshot] after changes.
package room
