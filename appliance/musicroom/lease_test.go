package musicroom

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/wire"
)

// say sends one message of a member by their stream: a clock ping, or a message
// that means nothing here, as a heartbeat does.
func (r *radio) say(event string) {
	payload := wire.AppendClockPing(nil, wire.ClockPing{})
	frame, err := wire.AppendPush(nil, wire.Message{JoinRef: wire.TextRef("1"), Topic: topicOf(airCode), Event: event, Encoding: wire.Binary, Payload: payload})
	if err != nil {
		r.air.t.Error(err)
	}
	r.receive(frame)
}

// repeatedly says something at an interval until a time, and returns when it has
// said it last.
func (r *radio) repeatedly(interval, until time.Duration, event string) (last time.Duration) {
	start := time.Now()
	for ; time.Since(start) < until; time.Sleep(interval) {
		last = time.Since(start)
		r.say(event)
	}
	return last
}

// runOnAir makes a room of two members run in a bubble.
func runOnAir(t *testing.T) (a *onAir, player *radio) {
	t.Helper()
	a = newOnAir(t, 2, airConfig{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); a.run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return a, a.radios[0]
}

// strike begins a note, and waits until it has begun.
func (r *radio) strike(t *testing.T) {
	t.Helper()
	r.play(wire.AppendNotesUp(nil, []wire.NoteEvent{{Seq: 1, Note: 60, Velocity: 90}}))
	time.Sleep(10 * time.Millisecond)
	if held := r.air.rules.Held(nil); len(held) != 1 {
		t.Fatalf("%d notes sound, want 1", len(held))
	}
}

// soundsFor waits until nothing sounds, for at most ten minutes, and returns how
// long that took.
func (a *onAir) soundsFor() time.Duration {
	start := time.Now()
	for len(a.rules.Held(nil)) > 0 && time.Since(start) < 10*time.Minute {
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(start)
}

// TestANoteEndsWithItsPlayersSignsOfLife holds a key on devices that vanish in
// different ways. lives is how long each shows signs of life.
func TestANoteEndsWithItsPlayersSignsOfLife(t *testing.T) {
	for name, tt := range map[string]struct {
		device      func(r *radio) (lives time.Duration)
		least, most time.Duration // after the last sign
	}{
		"a page that vanishes at once": {func(r *radio) time.Duration {
			r.say(wire.EventClock)
			return 0
		}, 3900 * time.Millisecond, 4100 * time.Millisecond},
		"a page that vanishes after a minute": {func(r *radio) time.Duration {
			return r.repeatedly(2*time.Second, time.Minute, wire.EventClock)
		}, 3900 * time.Millisecond, 4100 * time.Millisecond},
		"a page whose network stalls": {func(r *radio) time.Duration {
			r.say(wire.EventClock)
			time.Sleep(3500 * time.Millisecond)
			return 3500*time.Millisecond + r.repeatedly(2*time.Second, 10*time.Second, wire.EventClock)
		}, 3900 * time.Millisecond, 4100 * time.Millisecond},
		"a frozen page whose browser answers": {func(r *radio) time.Duration {
			r.browser.Store(true)
			r.say(wire.EventClock)
			return 0
		}, 3900 * time.Millisecond, 4100 * time.Millisecond},
		"a program whose device vanishes": {func(r *radio) time.Duration {
			r.browser.Store(true)
			r.repeatedly(25*time.Second, 2*time.Minute, "heartbeat")
			r.browser.Store(false)
			return 2*time.Minute + 5*time.Second
		}, 2900 * time.Millisecond, 4100 * time.Millisecond},
		"a frozen program whose browser answers": {func(r *radio) time.Duration {
			r.browser.Store(true)
			return r.repeatedly(30*time.Second, 3*time.Minute, "heartbeat")
		}, 34900 * time.Millisecond, 35100 * time.Millisecond},
		"a program that asks for the clock on its lane alone": {func(r *radio) time.Duration {
			r.say(wire.EventClock)
			r.off.Store(true)
			r.browser.Store(true)
			return r.repeatedly(25*time.Second, 2*time.Minute, "heartbeat")
		}, 34900 * time.Millisecond, 35100 * time.Millisecond},
		"a peer without a WebSocket": {func(r *radio) time.Duration {
			r.lone = true
			return r.repeatedly(25*time.Second, 2*time.Minute, "heartbeat")
		}, 34900 * time.Millisecond, 35100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, player := runOnAir(t)
				player.off.Store(name != "a program that asks for the clock on its lane alone")
				player.strike(t)
				start := time.Now()
				var lives time.Duration
				go func() { lives = tt.device(player) }()
				took := a.soundsFor()
				time.Sleep(5 * time.Minute) // the device says its last
				synctest.Wait()
				if after := took - lives; after < tt.least || after > tt.most {
					t.Errorf("it sounded for %v, %v after the last sign, want %v to %v", took, after, tt.least, tt.most)
				}
				if seconds := time.Since(start).Seconds(); float64(player.probes.Load()) > seconds {
					t.Errorf("%d probes in %.0f s", player.probes.Load(), seconds)
				}
			})
		})
	}
}

// TestANoteThatALeaseEndedDoesNotBeginAgain stalls a page that holds a key for
// longer than its lease. Then the page goes on as pages do: over the lane it
// repeats its last notes and lists the key, over the WebSocket it lists the key.
// A note that began again would be a stroke that nobody played. The next press
// plays.
func TestANoteThatALeaseEndedDoesNotBeginAgain(t *testing.T) {
	press := func(seq uint16, velocity uint8) []wire.NoteEvent {
		return []wire.NoteEvent{{Seq: seq, Note: 60, Velocity: velocity}}
	}
	for name, repeated := range map[string][]wire.NoteEvent{"lane": press(1, 90), "WebSocket": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, player := runOnAir(t)
				player.off.Store(name == "WebSocket")
				player.say(wire.EventClock)
				player.strike(t)
				if took := a.soundsFor(); took > leaseTime+100*time.Millisecond {
					t.Fatalf("the note sounded for %v without a sign of life", took)
				}
				send := func(notes []wire.NoteEvent, held []uint8, want int) {
					t.Helper()
					player.play(wire.AppendHeldUp(wire.AppendNotesUp(nil, notes), held))
					player.say(wire.EventClock)
					time.Sleep(time.Second)
					if sound := a.rules.Held(nil); len(sound) != want {
						t.Errorf("%d notes sound, want %d", len(sound), want)
					}
				}
				send(repeated, []uint8{60}, 0)
				send(press(2, 0), nil, 0)
				send(press(3, 90), []uint8{60}, 1)
				send(press(4, 0), nil, 0)
			})
		})
	}
}

// TestAProgramIsProbedSoonAfterItsNoteBegins holds a note of a program beside that
// of a page, whose lease is looked at every four seconds only.
func TestAProgramIsProbedSoonAfterItsNoteBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, page := runOnAir(t)
		program := a.radios[1]
		program.off.Store(true)
		program.browser.Store(true)
		page.say(wire.EventClock)
		page.strike(t)
		program.play(wire.AppendNotesUp(nil, []wire.NoteEvent{{Seq: 1, Note: 62, Velocity: 90}}))
		page.repeatedly(2*time.Second, 20*time.Second, wire.EventClock)
		if held := a.rules.Held(nil); len(held) != 2 {
			t.Errorf("%d notes sound, want 2", len(held))
		}
	})
}

// TestANoteWithADurationNeedsNoLease plays a note of a given length and vanishes.
func TestANoteWithADurationNeedsNoLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, player := runOnAir(t)
		player.say(wire.EventClock)
		note := []byte(`{"type":"broadcast","event":"play_note","payload":{"midi":60,"duration":20000}}`)
		push := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("2"), topicOf(airCode), "broadcast", note)
		player.receiving.Lock()
		player.session.Receive(push.Payload(), false, a.now())
		player.receiving.Unlock()
		if took := a.soundsFor(); took < 19900*time.Millisecond || took > 20100*time.Millisecond {
			t.Errorf("a note of 20 s sounded for %v", took)
		}
	})
}
