package realtime

import (
	"bytes"
	"encoding/json"
	"maps"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// textBroadcast takes a broadcast in the form of serializer 1, which vsn 2
// clients may use as well.
func (m *Member) textBroadcast(msg wire.Message, at clock.Millis) {
	// Names are case-sensitive, as in JavaScript: the payload is relayed as it
	// is, and must mean the same to the other clients.
	b := object(msg.Payload)
	payload, ok := b["payload"]
	if !ok {
		payload = flatPayload(b)
	}
	m.broadcast(msg, Broadcast{
		Event: text(b["event"]), Encoding: wire.JSON, Payload: payload,
		Beside: max(0, len(msg.Payload)-len(payload)), At: at,
	})
}

// flatPayload is the payload of a broadcast whose fields stand beside its event,
// as Flutter's clients send them.
func flatPayload(broadcast map[string]json.RawMessage) []byte {
	fields := maps.Clone(broadcast)
	delete(fields, "type")
	delete(fields, "event")
	if len(fields) == 0 {
		return wire.Nothing
	}
	return mustJSON(fields)
}

// broadcast takes a broadcast and answers it, if the client wants answers.
func (m *Member) broadcast(msg wire.Message, b Broadcast) {
	m.answering = answering{to: msg}
	id, err := m.route(msg, b)
	if unauthorized(err) {
		m.session.hub.denied.Add("broadcast")
	}
	if !m.ack || m.answering.later && err == nil {
		return
	}
	if err != nil {
		m.session.refuse(m.replyTo(msg), err)
		return
	}
	response := wire.Nothing
	if id != "" {
		response = keptMeta(id)
	}
	m.session.reply(m.replyTo(msg), "ok", response)
}

// answering is the broadcast that a participant handles now.
type answering struct {
	to    wire.Message
	later bool // the participant answers it
}

// AnswerLater makes the broadcast that the participant handles now wait for its
// answer: an "ok" with a response, which leaves when the caller calls the
// function, once and from any goroutine. An error that Broadcast returns is
// answered at once all the same.
func (m *Member) AnswerLater() (answer func(response []byte)) {
	m.answering.later = true
	if !m.ack {
		return func([]byte) {}
	}
	to := m.replyTo(m.answering.to)
	to.Payload = nil
	return func(response []byte) { m.session.reply(to, "ok", response) }
}

// route hands a broadcast to the director, or else relays it. It returns the id
// of a broadcast that was kept.
func (m *Member) route(msg wire.Message, b Broadcast) (id string, err error) {
	if m.participant != nil {
		handled, err := m.participant.Broadcast(b)
		if handled || err != nil {
			return "", err
		}
	}
	if !m.rights().BroadcastWrite {
		return "", errMayNotWrite
	}
	if err := m.spend(b); err != nil {
		return "", err
	}
	keep, err := m.persist(msg)
	if err != nil {
		return "", err
	}
	claims := m.Claims()
	kept := Kept{
		Topic: m.Topic(), Event: b.Event, Encoding: b.Encoding, Payload: b.Payload,
		Payer: claims.Payer(m.Address()), Room: claims.App.Room,
	}
	return m.session.hub.keeper.keepAndSend(m.channel.name, keep, kept, func(id string) { m.relay(msg, b, id) })
}

// persist reads whether to keep a broadcast: from its metadata or, in a text
// frame, which has none, from beside its payload. Only those of private channels
// are kept.
func (m *Member) persist(msg wire.Message) (Persist, error) {
	meta := msg.Meta
	if msg.Kind == wire.Text {
		meta = nil
		if bytes.Contains(msg.Payload, []byte(`"persist"`)) {
			meta = msg.Payload
		}
	}
	keep, err := ReadPersist(object(meta)["persist"])
	if !m.private || m.director != nil {
		return Persist{}, err
	}
	return keep, err
}

// spend charges a broadcast to the client's budgets: messages and, in a plain
// channel, bytes. A director has budgets of its own.
func (m *Member) spend(b Broadcast) error {
	limits := m.session.limits
	if !limits.broadcasts.Allow() {
		m.overLimit(tooManyMessages, errTooManyMessages.Reason)
		return errTooManyMessages
	}
	if m.participant != nil || m.Claims().Role == auth.Service {
		return nil
	}
	if !limits.bytes.AllowN(time.Now(), len(b.Payload)+b.Beside) {
		m.overLimit(tooManyBytes, errTooManyBytes.Reason)
		return errTooManyBytes
	}
	return nil
}

// relay sends a broadcast to the channel. id is empty if it is not kept.
func (m *Member) relay(msg wire.Message, b Broadcast, id string) {
	out := newOutgoing(m.topic, b.Event, b.Encoding, b.Payload)
	switch {
	case id != "":
		out.meta = keptMeta(id)
	case msg.Kind == wire.Text:
		out = newVerbatim(m.topic, msg.Payload)
	default:
		out.meta = msg.Meta
	}
	m.session.hub.broadcasts.Add(1)
	m.channel.relay(out, m)
}
