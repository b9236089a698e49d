// Package classroom simulates a class: students or robots that join a box over
// the network.
//
// [Run] measures a network, for `downbeat classroom` and the Wi-Fi check. It
// counts lost and duplicated notes, and measures latency and clock error. [Band]
// plays the music of the demo. Each student and each robot is a member of the
// room with a [client.Client] of its own.
//
// The package sends only to the given box and does not import the packages that
// run one. It stops when its context ends.
package classroom
