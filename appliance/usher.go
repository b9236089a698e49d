package appliance

import (
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// usher admits clients to the channels of the hall's rooms.
type usher struct{ *hall }

// direct finds the director of a topic: the usher, for music rooms, whether
// there is such a room or not. What has more behind the code, as in
// music_room:MUSIC-2024:chat, is a plain channel.
func (h *hall) direct(topic string) realtime.Director {
	code, ok := strings.CutPrefix(topic, wire.RoomPrefix)
	if !ok || strings.Contains(code, ":") {
		return nil
	}
	return usher{h}
}

// Join admits a client to a room's channel: a member with his own token, or a
// guest. Guests are whoever comes without a seat: a plain Supabase client
// where the door is open, and one with a teacher's or a service token through
// any door. Who may not come in is not told whether the room exists.
func (u usher) Join(m *realtime.Member) (realtime.Part, error) {
	v, ok := u.admit(m.Topic(), m.Claims())
	if !ok {
		return nil, realtime.MayNotRead(m.Topic())
	}
	if v.seated {
		return newPart(v.room.ensemble, m, v.who, v.teacher, false), nil
	}
	if !v.teacher && u.seats.Spend(m.Address()) != nil {
		return nil, errTooManyGuests
	}
	role := room.RoleStudent
	if v.teacher {
		role = room.RoleTeacher
	}
	seat, err := v.room.seat(room.Applicant{Role: role, Guest: true})
	if err != nil {
		return nil, &realtime.Refusal{Reason: "Unauthorized: " + err.Error()}
	}
	return newPart(v.room.ensemble, m, seat.Member, v.teacher, true), nil
}

// errTooManyGuests refuses a guest whose device has had many seats. Clients try
// again by themselves.
var errTooManyGuests = &realtime.Refusal{Reason: "ClientJoinRateLimitReached: Too many guests from this address, wait a moment"}

// visitor is somebody who may come into a room.
type visitor struct {
	room    *openRoom
	who     room.Member // if he is seated
	seated  bool
	teacher bool
}

// admit says as whom the bearer of claims may come into a topic's room.
func (u usher) admit(topic string, claims auth.Claims) (v visitor, ok bool) {
	code := strings.TrimPrefix(topic, wire.RoomPrefix)
	if v.room = u.find(code); v.room == nil {
		return v, false
	}
	v.teacher = claims.Teacher(code)
	if who, ok := v.room.room.Member(claims.Subject); ok && (v.teacher || claims.App.Room == code) {
		v.who, v.seated = who, true
		return v, true
	}
	return v, v.teacher || v.room.room.Door() == room.DoorOpen && claims.App.Room == ""
}

// Post takes a broadcast that came over HTTP by the rules of the room: who has
// a seat plays on it, a teacher controls, and nobody speaks for the box.
func (u usher) Post(topic string, claims auth.Claims, b realtime.Broadcast) (handled bool, err error) {
	v, ok := u.admit(topic, claims)
	if !ok {
		return true, realtime.ErrUnauthorized
	}
	switch b.Event {
	case wire.EventNotes, wire.EventClock, wire.EventResync: // for sockets only
		return true, realtime.ErrUnauthorized
	case wire.EventPlayNote, wire.EventStopNote:
		if !v.seated {
			return true, realtime.ErrUnauthorized
		}
	}
	p := newPart(v.room.ensemble, nil, v.who, v.teacher, true)
	p.service = claims.Role == auth.Service
	return p.Broadcast(b)
}
