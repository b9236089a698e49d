package midiout

import (
	"math"
	"time"

	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// midiClock turns a room's beat into MIDI clock: 24 ticks a beat, with start, stop,
// continue and song position (MIDI 1.0, "System Real Time"). The zero value has
// not started.
type midiClock struct {
	running bool
	tick    int64 // the last that was sent; 24 a beat
}

const (
	ticksPerBeat = 24
	// ticksPerStep is the unit of song positions, a sixteenth.
	ticksPerStep = 6
	// farBehind is how many ticks late the clock may be before it starts anew:
	// half a beat.
	farBehind = 12
)

// due appends the bytes that are due, and returns when to ask again unless the plan
// changes before.
func (c *midiClock) due(send []byte, plan clock.Plan, now clock.Millis) ([]byte, clock.Millis) {
	plan = plan.Since(now)
	line, changes := plan[0], clock.Never()
	if len(plan) > 1 {
		changes = plan[1].Time0
	}
	if !line.Running {
		return c.stop(send), changes
	}
	send, next := c.follow(send, line, now)
	return send, min(next, changes)
}

// follow appends what is due on a timeline that runs, and returns when to ask again.
func (c *midiClock) follow(send []byte, line clock.Timeline, now clock.Millis) ([]byte, clock.Millis) {
	tick := int64(math.Floor(line.BeatAt(now)*ticksPerBeat + tickGrain))
	if behind := tick - c.tick; c.running && (behind < 0 || behind > farBehind) {
		send = c.stop(send)
	}
	if !c.running {
		return c.start(send, line, now)
	}
	for ; c.tick < tick; c.tick++ {
		send = append(send, midi.Clock)
	}
	return send, timeOfTick(line, c.tick+1)
}

// tickGrain is the fraction of a tick that rounding may lose.
const tickGrain = 1e-6

func timeOfTick(line clock.Timeline, tick int64) clock.Millis {
	return line.TimeOf(float64(tick) / ticksPerBeat)
}

func (c *midiClock) stop(send []byte) []byte {
	if !c.running {
		return send
	}
	c.running = false
	return append(send, midi.Stop)
}

// startWithin is how late a start may be. If it were later, the listener would be
// out of time until the next tick.
const startWithin = 5 * time.Millisecond

// start starts on the next sixteenth, and not while the room counts in.
func (c *midiClock) start(send []byte, line clock.Timeline, now clock.Millis) ([]byte, clock.Millis) {
	soonest := line.BeatAt(now.Add(-startWithin)) * ticksPerBeat / ticksPerStep
	step := max(0, int64(math.Ceil(soonest-tickGrain)))
	tick := step * ticksPerStep
	if at := timeOfTick(line, tick); now < at {
		return send, at
	}
	c.running, c.tick = true, tick
	if step == 0 {
		send = append(send, midi.Start)
	} else {
		position := step % (1 << 14)
		send = append(send, midi.SongPosition, byte(position&0x7F), byte(position>>7), midi.Continue)
	}
	return append(send, midi.Clock), timeOfTick(line, tick+1)
}
