// Package wire encodes and decodes the bytes between a client and the box: the
// two Phoenix serializers of Supabase clients, the binary notes and clock stamps
// inside them, the names of a music room's events, and the limits on all of it.
//
// It holds no state, starts no goroutine and knows no sockets. Every decoder
// takes bytes from strangers: it is bounded, returns an error instead of
// guessing, and is fuzzed. The files in testdata are the one definition of every
// kind of frame. The tests of the web engine read the same files.
//
// # Glossary
//
// The words below mean one thing in Downbeat. A package that narrows one says so:
// realtime calls a client in one channel a member.
//
//	beat       a position on the timeline, counted from 0 at the tempo's
//	           origin; fractional between beats, negative while counting in
//	bar        meter beats; the first beat of a bar is its downbeat
//	meter      beats in a bar
//	step       the grid of snap mode: a beat divided by the room's grid
//	tick       1/24 beat, MIDI clock only
//	note       a MIDI key number, 0-127; 60 is middle C
//	velocity   how hard a note is struck, 1-127; 0 ends the note
//	box clock  CLOCK_BOOTTIME of the box in milliseconds
//	at         a moment on the box clock
//	offset     box clock minus a device's clock
//	skew       how much faster the box clock runs than a device's
//	seat       0-71, a member's place in the ring, its colour and shape
//	seq        the number of a note event within its seat, wrapping at 65536
//	topic      what a channel is called; on the wire with "realtime:" before
//	ref        a client's number for one push; join_ref for the join that
//	           the push belongs to
//	presence   the members present in a channel, by key, with one meta each
//	room frame every note of a room since the last frame, in one message
//	summary    the list of all held notes at the end of a room frame
//	push       a message from a client
//	broadcast  a message to all members of a channel, up to the box or down
//	envelope   the text form of a message: topic, event, payload and refs
//	member     a client with a seat in a room, over all of their connections
//	lane       WebRTC data channels beside a client's WebSocket, on which a lost
//	           packet never delays the notes and clock pings behind it
//	link       on the wire, the name of a WebSocket, by which its lane finds it; in
//	           the web app, the connection that comes back by itself
//	ping       a question for the box clock; its answer has four times
package wire
