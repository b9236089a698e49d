package musicroom

import (
	"encoding/json"
	"errors"
	"sync/atomic"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Client is one client's connection in a room. A member with two tabs has two
// clients and one seat.
type Client struct {
	room    *Room
	member  *realtime.Member // nil for one broadcast over HTTP
	conn    frames.Conn      // of the member; nil if it knows neither frames nor lanes
	id      string
	seat    uint8
	guest   bool // has no token of their own: their seat is freed when they leave
	service bool // came over HTTP with a service key

	stage bool // shows the room to the class

	place    atomic.Uint32    // a wire.Place: where it listens
	listener *frames.Listener // nil if it reads no frames, or has not joined; guarded by Room.mu

	teacher      bool // may control; guarded by Room.mu, like what follows up to the blank line
	joined, left bool
	lobby        []byte       // what was sent of the lobby last
	lobbyAt      clock.Millis // and when

	*budget
	*pulse
	numbers wire.SeqWindow    // of the notes that came: over a lane they come several times
	tracked string            // the name that the client tracked last
	queue   frames.QueueWatch // of the client's network
	notesUp []wire.NoteEvent  // scratch for decoding
}

func newClient(r *Room, m *realtime.Member, who room.Member, teacher, guest bool) *Client {
	c := &Client{
		room: r, member: m, id: who.ID, seat: who.Seat, guest: guest, teacher: teacher, stage: who.Role == room.RoleStage,
		budget: r.budgets.of(who),
	}
	if m == nil {
		c.pulse = newPulse(nil)
		return c
	}
	c.conn, _ = m.Conn().(frames.Conn)
	c.pulse = newPulse(m.Conn())
	return c
}

// Joined tells the room that the member is here, and sends the member its state.
// If the seat or the room has gone since the member was admitted, it closes
// their channel.
func (c *Client) Joined() {
	if !c.join() {
		c.member.Expel("You are not in this room any more")
	}
}

func (c *Client) join() bool {
	r := c.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.left {
		return true // the token ended before the member was in
	}
	if _, seated := r.rules.Member(c.id); !seated || r.isClosed() {
		return false
	}
	c.joined = true
	r.placeLocked(c)
	r.clients[c.id] = append(r.clients[c.id], c)
	r.cameLocked(c.id)
	r.sendStateLocked(c) // first: changes mean nothing without a state
	_ = r.changeLocked(func() ([]room.Change, error) { return r.rules.Connect(r.now(), c.id), nil })
	r.updateRoleLocked(c.id)
	return true
}

// Left tells the room that the client is gone.
func (c *Client) Left() {
	r := c.room
	r.mu.Lock()
	defer r.mu.Unlock()
	c.left = true
	if c.joined {
		r.release(c) // the member may go on in another tab
		if c.listener != nil {
			r.listeners.Remove(c.listener)
		}
		if r.clients[c.id] = without(r.clients[c.id], c); len(r.clients[c.id]) == 0 {
			delete(r.clients, c.id)
			r.wentLocked(c.id, c.member != nil && c.member.Lost())
		}
		_ = r.changeLocked(func() ([]room.Change, error) { return r.rules.Disconnect(r.now(), c.id), nil })
		r.updateRoleLocked(c.id)
	}
	if c.guest {
		_ = r.changeLocked(func() ([]room.Change, error) { return r.rules.Free(r.now(), c.id), nil })
	}
}

// readsFrames reports whether notes leave for this client as room frames.
func (c *Client) readsFrames() bool { return c.conn != nil && c.member.Frames() }

func without(clients []*Client, gone *Client) []*Client {
	kept := make([]*Client, 0, len(clients))
	for _, c := range clients {
		if c != gone {
			kept = append(kept, c)
		}
	}
	return kept
}

// Meta is what presence shows of the member.
func (c *Client) Meta() map[string]any {
	who, ok := c.room.rules.Member(c.id)
	if !ok {
		return nil
	}
	shown := map[string]any{
		"student_id": who.ID, "seat": who.Seat, "name": who.Name,
		"role": who.Role, "muted": who.Muted, "beats": who.Beats, "group": who.Group, "midi": nil,
	}
	if who.MIDI != "" {
		shown["midi"] = who.MIDI
	}
	return shown
}

// Tracked takes the name that the client tracks as the member's own. The member
// keeps the name they have if the new one cannot be used, and the client is told.
func (c *Client) Tracked(fields map[string]json.RawMessage) {
	var name string
	if json.Unmarshal(fields["name"], &name) != nil || name == "" || name == c.tracked {
		return
	}
	r := c.room
	if who, ok := r.rules.Member(c.id); !ok || who.Name == name {
		return
	}
	if r.names.Spend(c.id, 1) != nil {
		c.member.OverLimit()
		return
	}
	c.tracked = name
	err := r.change(func() ([]room.Change, error) { return r.rules.Rename(c.id, name) })
	if errors.Is(err, names.ErrName) {
		c.member.Inform("You keep your name: " + err.Error())
	}
}

// SetClaims takes a new token, which may make the member a teacher or no
// longer one.
func (c *Client) SetClaims(claims auth.Claims) {
	r := c.room
	r.mu.Lock()
	defer r.mu.Unlock()
	c.teacher = claims.Teacher(r.rules.Code())
	r.updateRoleLocked(c.id)
}

// Resync sends the client the whole state again.
func (c *Client) Resync() { c.room.sendState(c) }
