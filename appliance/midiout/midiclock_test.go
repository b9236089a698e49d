package midiout

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// clocked is what a MIDI clock sends from one time to another, when it is asked as
// it wishes: "FA" or "F8" and so on, with "|" at each beat.
func clocked(c *midiClock, line clock.Timeline, from, to clock.Millis) string {
	var all []string
	for now := from; now < to; {
		send, next := c.due(nil, clock.Plan{line}, now)
		for _, b := range send {
			all = append(all, fmt.Sprintf("%X", b))
		}
		if next <= now {
			return fmt.Sprintf("%v, and it asks again at %v, which is over", all, next)
		}
		now = next
	}
	return strings.Join(all, " ")
}

var ticks24 = strings.TrimSpace(strings.Repeat("F8 ", ticksPerBeat))

func TestMIDIClock(t *testing.T) {
	at120 := clock.Timeline{Running: true, BPM: 120, Meter: 4, Time0: 1000}
	countIn := at120
	countIn.Beat0 = -4
	var c midiClock
	if got, want := clocked(&c, at120, 900, 1499), "FA "+ticks24; got != want {
		t.Errorf("from the start of the beat: %s", got)
	}
	stopped := at120
	stopped.Running = false
	if got := clocked(&c, stopped, 1499, 3000); got != "FC" {
		t.Errorf("when the beat stops: %s", got)
	}
	if got := clocked(&c, countIn, 1000, 2990); got != "" {
		t.Errorf("while the room counts in: %s", got)
	}
	if got, want := clocked(&c, countIn, 2990, 3490), "FA "+ticks24; got != want {
		t.Errorf("after the count-in: %s", got)
	}
	late := midiClock{}
	// At 5010 ms it is beat 8.02: the next sixteenth is number 33 = 0x21.
	if got := clocked(&late, at120, 5010, 5126); got != "F2 21 0 FB F8" {
		t.Errorf("into a running beat: %s", got)
	}
}

// A change of tempo goes on without a break, and the ticks stay 24 a beat.
func TestMIDIClockThroughAChangeOfTempo(t *testing.T) {
	first := clock.Timeline{Running: true, BPM: 120, Meter: 4, Time0: 1000}
	second := first.Change(1100, clock.Wish{BPM: 60, Meter: 4, Running: true})
	var c midiClock
	sent := clocked(&c, first, 1000, second.Time0) + " " + clocked(&c, second, second.Time0, second.TimeOf(second.Beat0+4)-1)
	beats := second.Beat0 + 4
	if got, want := strings.Count(sent, "F8"), int(beats*ticksPerBeat); got != want || strings.Count(sent, "F") != want+1 {
		t.Errorf("%d ticks in %v beats, want %d: %s", got, beats, want, sent)
	}
}

// A clock that could not send for a while does not flood its listener.
func TestMIDIClockThatFellBehind(t *testing.T) {
	line := clock.Timeline{Running: true, BPM: 120, Meter: 4, Time0: 0}
	var c midiClock
	clocked(&c, line, 0, 100)
	send, _ := c.due(nil, clock.Plan{line}, 60_000)
	if want := []byte{midi.Stop, midi.SongPosition, 480 & 0x7F, 480 >> 7, midi.Continue, midi.Clock}; !bytes.Equal(send, want) {
		t.Errorf("after a minute it sends % X, want % X", send, want)
	}
}
