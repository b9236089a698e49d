// Package names decides what may be written where a class reads it: nicknames,
// the names of rooms, and join codes such as MUSIC-2024. It keeps no state and
// knows no rooms.
package names
