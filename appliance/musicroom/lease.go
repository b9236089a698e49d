package musicroom

import (
	"sync/atomic"
	"time"

	"downbeat.local/sync/clock"
)

// A key that is down holds its note on a lease, which the client's signs of life
// renew. When the lease is over, the note ends: a lid was shut, a battery is
// empty, or a page is frozen. A note with a duration ends by itself and needs no
// lease.
const (
	// leaseTime is how long a note sounds after the last sign of life. It is
	// twice as long as a page waits between two bursts of clock pings, so that a
	// stall of two seconds ends no note, and leaves a second of the five in which
	// others have to hear the end.
	leaseTime = 4 * time.Second
	// programLease is how long a program that does not ask for the clock may
	// send nothing: Phoenix and Supabase clients send a heartbeat every 25 or 30
	// seconds. Meanwhile its WebSocket has to answer the probes.
	programLease = 35 * time.Second
	// probeEvery is how often such a client is probed while it holds a note.
	probeEvery = time.Second
)

// lifeline is a client's connection, as far as leases use it.
type lifeline interface {
	// Heard returns when a message of the client was last read.
	Heard() clock.Millis
	// Answered returns when the client's WebSocket last answered a probe.
	Answered() clock.Millis
	// Probe asks the client's WebSocket for an answer. It reports false if there
	// is no WebSocket.
	Probe() bool
	// OnLane reports whether the client has a lane.
	OnLane() (every time.Duration, ok bool)
}

// pulse is what a room knows of a client's signs of life. A keyboard on the
// box has no lifeline: its notes need no lease.
type pulse struct {
	line lifeline // nil without a connection
	// The client asks for the clock every two seconds or, on a lane, lists what
	// it holds every 250 ms. It has to go on doing so: always, or while it has a
	// lane.
	talks, talksOnLane atomic.Bool

	probed clock.Millis // when it was last probed; guarded by Room.noteMu
}

// newPulse returns the pulse of a connection, which may be nil.
func newPulse(conn any) *pulse {
	line, _ := conn.(lifeline)
	return &pulse{line: line}
}

// pulseOf is the pulse of the connection that a member opened last. A note that
// came over HTTP sounds for as long as that one lives.
func (r *Room) pulseOf(id string) *pulse {
	r.mu.Lock()
	defer r.mu.Unlock()
	if clients := r.clients[id]; len(clients) > 0 {
		return clients[len(clients)-1].pulse
	}
	return newPulse(nil) // the rules refuse their notes
}

// asked records that the client has asked for the clock.
func (p *pulse) asked() {
	if !p.listed() {
		p.talks.Store(true)
	}
}

// listed records that the client has listed what it holds. It reports false if
// that was not on a lane: only there the list is repeated.
func (p *pulse) listed() bool {
	onLane := p.onLane()
	if onLane {
		p.talksOnLane.Store(true)
	}
	return onLane
}

func (p *pulse) onLane() bool {
	if p.line == nil {
		return false
	}
	_, ok := p.line.OnLane()
	return ok
}

// needsProbes reports whether the client has to be probed while it holds a note:
// it need not send anything by itself.
func (p *pulse) needsProbes() bool {
	return p.line != nil && !p.talks.Load() && !(p.talksOnLane.Load() && p.onLane())
}

// check returns when the client last showed that it is there, and when the lease
// of a note that began at some time is over unless another sign comes. It probes
// the client if that is due. again is when to check again. The caller holds
// Room.noteMu.
func (p *pulse) check(now, began clock.Millis) (alive, over, again clock.Millis) {
	heard := max(began, p.line.Heard())
	if !p.needsProbes() {
		over = heard.Add(leaseTime)
		return heard, over, over
	}
	alive, over = max(heard, p.line.Answered()), heard.Add(programLease)
	if now >= max(alive, p.probed).Add(probeEvery) { // as again is computed: another rounding would look for ever
		if !p.line.Probe() {
			return heard, over, over // nothing but its own messages tells
		}
		p.probed = now
	}
	over = min(over, alive.Add(leaseTime))
	return alive, over, min(over, max(alive, p.probed).Add(probeEvery))
}

// hold is a note that a client's key holds.
type hold struct {
	by         *Client
	seat, note uint8
	began      clock.Millis
	listed     bool // over a lane the client lists it
}

// holds are the notes of a room that keys hold. Room.noteMu guards them.
type holds []hold

// end forgets a note that has ended. It need not be held.
func (h *holds) end(seat, note uint8) {
	for i, n := range *h {
		if n.seat == seat && n.note == note {
			(*h)[i] = (*h)[len(*h)-1]
			(*h)[len(*h)-1] = hold{} // forgets its client
			*h = (*h)[:len(*h)-1]
			return
		}
	}
}

// listedBy returns the notes that a client holds and has to list.
func (r *Room) listedBy(c *Client) (notes []uint8) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	for _, h := range r.holds {
		if h.by == c && h.listed {
			notes = append(notes, h.note)
		}
	}
	return notes
}

// endLeases ends the notes of clients that show no sign of life. It returns when
// to look again: never while no key holds a note.
func (r *Room) endLeases() (ended bool, next clock.Millis) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	now := r.now()
	next = clock.Never()
	for i := len(r.holds) - 1; i >= 0; i-- { // ending a note moves the last one into its place
		h := r.holds[i]
		if h.by.pulse.line == nil {
			continue
		}
		alive, over, again := h.by.pulse.check(now, h.began)
		if now < over {
			next = min(next, again)
			continue
		}
		r.endHeldLocked(now, alive, h)
		ended = true
	}
	r.watching = next < clock.Never()
	return ended, next
}

// release ends the notes that a client's keys hold: it is gone.
func (r *Room) release(c *Client) {
	if r.releaseHeld(c, r.now()) {
		r.sendFrames()
	}
}

func (r *Room) releaseHeld(c *Client, now clock.Millis) (ended bool) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	for i := len(r.holds) - 1; i >= 0; i-- {
		if h := r.holds[i]; h.by == c {
			r.endHeldLocked(now, now, h)
			ended = true
		}
	}
	return ended
}

// endHeldLocked ends a note that sounds, as if its key had been released at a
// time. The caller holds noteMu.
func (r *Room) endHeldLocked(now, at clock.Millis, h hold) {
	sounded, err := r.rules.Play(now, h.seat, h.note, 0, at, 0)
	if err != nil { // it has ended with its member
		r.holds.end(h.seat, h.note)
		return
	}
	r.sendNoteLocked(sounded, nil)
}
