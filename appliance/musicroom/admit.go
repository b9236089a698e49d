package musicroom

import (
	"context"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// Director finds the director of a topic. It directs the topics of music rooms,
// also of rooms that do not exist. A topic with more behind the code, such as
// music_room:MUSIC-2024:chat, is a plain channel.
func (rs *Rooms) Director(topic string) realtime.Director {
	code, ok := strings.CutPrefix(topic, wire.RoomPrefix)
	if !ok || strings.Contains(code, ":") {
		return nil
	}
	return rs
}

// Join admits a client to a room's channel: a member with their own token, or a
// guest. A guest has no seat yet: a plain Supabase client joins if the door is
// open, one with a teacher's or a service token through any door. A refusal
// does not say whether the room exists.
func (rs *Rooms) Join(m *realtime.Member) (realtime.Participant, error) {
	a, ok := rs.admit(m.Topic(), m.Claims())
	if rs.guesses(m, ok) {
		return nil, errTooManyCodes
	}
	if !ok {
		return nil, realtime.MayNotRead(m.Topic())
	}
	if a.seated {
		return newClient(a.room, m, a.member, a.teacher, false), nil
	}
	if !a.teacher && rs.cfg.Seats.Spend(m.Address()) != nil {
		return nil, errTooManyGuests
	}
	role := room.RoleStudent
	if a.teacher {
		role = room.RoleTeacher
	}
	seat, err := a.room.seat(room.Applicant{Role: role, Guest: true, Address: cost.PayerAt(m.Address(), "", false).Address})
	if err != nil {
		return nil, &realtime.Refusal{Reason: "Unauthorized: " + err.Error()}
	}
	return newClient(a.room, m, seat.Member, a.teacher, true), nil
}

// guesses reports whether a client has to wait because its address has tried too
// many codes, and counts one that was refused. A token for a room, or of staff, is
// no guess. This machine is not slowed: programs run on it.
func (rs *Rooms) guesses(m *realtime.Member, right bool) bool {
	claims, address := m.Claims(), cost.PayerAt(m.Address(), "", false).Address
	if rs.cfg.Codes == nil || address == "" || claims.App.Room != "" || claims.Staff() {
		return false
	}
	if right {
		return rs.cfg.Codes.Wait(m.Address()) > 0
	}
	return rs.cfg.Codes.Guess(m.Address(), m.Topic()) != nil
}

// errTooManyCodes refuses a client whose address guesses. Clients retry by
// themselves.
var errTooManyCodes = &realtime.Refusal{Reason: "ClientJoinRateLimitReached: Too many codes from this address, wait a moment"}

// errTooManyGuests refuses a guest from an address that has had many seats.
// Clients retry by themselves.
var errTooManyGuests = &realtime.Refusal{Reason: "ClientJoinRateLimitReached: Too many guests from this address, wait a moment"}

// admission is a client's permission to join a room: as a member, a guest or a
// teacher.
type admission struct {
	room    *Room
	member  room.Member // if seated
	seated  bool
	teacher bool
}

// admit decides how the bearer of claims may join a topic's room. Topics are
// exact: the forgiving parser of join codes is for what people type.
func (rs *Rooms) admit(topic string, claims auth.Claims) (a admission, ok bool) {
	code := strings.TrimPrefix(topic, wire.RoomPrefix)
	if a.room = rs.find(code); a.room == nil {
		return a, false
	}
	a.teacher = claims.Teacher(code)
	if m, ok := a.room.rules.Member(claims.Subject); ok && (a.teacher || claims.App.Room == code) {
		a.member, a.seated = m, true
		return a, true
	}
	return a, a.teacher || a.room.rules.Door() == room.DoorOpen && claims.App.Room == ""
}

// Post takes a broadcast that came over HTTP. A member with a seat may play on
// it, a teacher may control the room, and no sender speaks for the box.
func (rs *Rooms) Post(topic string, claims auth.Claims, b realtime.Broadcast) (handled bool, err error) {
	a, ok := rs.admit(topic, claims)
	if !ok {
		return true, realtime.ErrUnauthorized
	}
	switch b.Event {
	case wire.EventNotes, wire.EventClock, wire.EventResync: // for sockets only
		return true, realtime.ErrUnauthorized
	case wire.EventPlayNote, wire.EventStopNote:
		if !a.seated {
			return true, realtime.ErrUnauthorized
		}
	}
	c := newClient(a.room, nil, a.member, a.teacher, true)
	c.service = claims.Role == auth.Service
	c.pulse = a.room.pulseOf(a.member.ID)
	handled, err = c.Broadcast(b)
	if err == nil && room.IsControl(b.Event) {
		rs.saver.settle(context.Background(), a.room.rules.Code()) // the sender waits at most saveWithin
	}
	return handled, err
}
