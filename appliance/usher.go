package appliance

import (
	"strings"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// usher admits clients to the channels of the hall's rooms.
type usher struct{ *hall }

// direct finds the director of a topic: the usher, for music rooms.
func (h *hall) direct(topic string) realtime.Director {
	if strings.HasPrefix(topic, wire.RoomPrefix) {
		return usher{h}
	}
	return nil
}

// Join admits a client to a room's channel: a member with his own token, or a
// guest. Guests are whoever comes without a seat: a plain Supabase client
// where the door is open, and one with a teacher's or a service token through
// any door. Who may not come in is not told whether the room exists.
func (u usher) Join(m *realtime.Member) (realtime.Part, error) {
	code := strings.TrimPrefix(m.Topic(), wire.RoomPrefix)
	closed := realtime.MayNotRead(m.Topic())
	o := u.find(code)
	if o == nil {
		return nil, closed
	}
	claims := m.Claims()
	teacher := claims.Teacher(code)
	if who, ok := o.room.Member(claims.Subject); ok && (teacher || claims.App.Room == code) {
		return newPart(o.ensemble, m, who, teacher, false), nil
	}
	if !teacher && (o.room.Door() != room.DoorOpen || claims.App.Room != "") {
		return nil, closed
	}
	role := room.RoleStudent
	if teacher {
		role = room.RoleTeacher
	}
	seat, err := o.seat(room.Applicant{Role: role, Guest: true})
	if err != nil {
		return nil, &realtime.Refusal{Reason: "Unauthorized: " + err.Error()}
	}
	return newPart(o.ensemble, m, seat.Member, teacher, true), nil
}
