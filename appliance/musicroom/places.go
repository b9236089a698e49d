package musicroom

import (
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
)

// The rules say where each member listens: in their group, say, or where everything
// is heard. What a client gets of the notes follows from that, as frames and as
// JSON.

// hears reports whether a participant may have a note that is not heard at some
// places.
func hears(p realtime.Participant, except wire.Places) bool {
	c, ok := p.(*Client)
	return ok && !except.Has(wire.Place(c.place.Load()))
}

// placeLocked gives a client that joins its place.
func (r *Room) placeLocked(c *Client) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	at := r.rules.Places()[c.seat]
	c.place.Store(uint32(at))
	if c.readsFrames() {
		c.listener = r.listeners.Add(c.conn, at)
	}
}

// moveClientsLocked brings every client to the place where the rules say that it
// listens now. A client that has come to another place ends what it hears no longer.
// It reports whether frames have to leave. The caller holds mu and noteMu, so that no
// note is heard where it should not be.
func (r *Room) moveClientsLocked() (moved bool) {
	places := r.rules.Places()
	var movers []*Client
	var to wire.Places
	for _, clients := range r.clients {
		for _, c := range clients {
			if at := places[c.seat]; at != wire.Place(c.place.Load()) {
				movers, to = append(movers, c), to.With(at)
			}
		}
	}
	if len(movers) == 0 {
		return false
	}
	r.lanePacer.Moving(to)
	for _, c := range movers {
		r.move(c, places[c.seat])
	}
	r.lanePacer.Moved(to)
	r.listeners.Wake(to, false)
	return true
}

// move makes a client listen at another place.
func (r *Room) move(c *Client, to wire.Place) {
	from := wire.Place(c.place.Swap(uint32(to)))
	if c.listener != nil {
		c.listener.Move(to)
		return
	}
	for _, held := range r.rules.Held(nil) {
		if c.member == nil || held.Seat == c.seat || held.Except.Has(from) || !held.Except.Has(to) {
			continue
		}
		event, payload := r.noteJSON(wire.NoteEvent{Seat: held.Seat, Seq: held.Seq, Note: held.Note, At: float64(r.now())})
		c.member.SendDroppable(event, payload)
	}
}
