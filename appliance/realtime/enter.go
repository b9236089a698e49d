package realtime

import (
	"errors"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// Enter makes a participant of the box's own a member of a directed topic, given
// with "realtime:". The participant has no client: a keyboard that is plugged
// into the box is one. Presence shows it like every member, and nothing is sent
// to it. join makes it, as [Director.Join] does. It stays until [Member.Exit] or
// [Member.Expel].
func (h *Hub) Enter(topic string, join func(*Member) Participant) (*Member, error) {
	s := h.Open(deaf{}, Hello{Version: wire.V2, Frames: true})
	msg := wire.Message{Topic: topic}
	m := newMember(s, msg, joinPayload{Key: uuid.NewString()}, auth.Claims{})
	if m.director == nil {
		s.Closed(true)
		return nil, errors.New("only a directed topic takes members of the box's own")
	}
	m.participant = join(m)
	s.complete(m, msg)
	m.participant.Joined()
	return m, nil
}

// Exit ends what [Hub.Enter] began.
func (m *Member) Exit() { m.session.Closed(true) }

// deaf is the connection of a member without a client. It drops everything.
type deaf struct{}

func (deaf) Reply(wire.Packet)                        {}
func (deaf) ReplyStamped(wire.Packet)                 {}
func (deaf) Note(wire.Packet)                         {}
func (deaf) State(wire.Packet, interface{ Resync() }) {}
func (deaf) Echo(heard func())                        { heard() }
func (deaf) Greeted()                                 {}
func (deaf) SetReadLimit(int64)                       {}
