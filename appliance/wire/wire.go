// Package wire holds the bytes between a client and the box: the two Phoenix
// serializers that Supabase clients speak, the binary notes and clock stamps
// that ride inside them, the names of the events that mean something in a
// music room, and the limits on all of it.
//
// It encodes and decodes, and does nothing else: it holds no state, starts
// nothing and knows no sockets. Every decoder takes bytes from a stranger: it
// is bounded, returns an error instead of guessing, and is fuzzed. The files
// in testdata are the one definition of every frame kind; the web engine's
// tests read the same files.
//
// # Glossary
//
// The words below mean one thing everywhere in Downbeat.
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
//	presence   who is in a channel, by key, with one meta a connection
//	room frame every note of a room since the last frame, in one message
package wire
