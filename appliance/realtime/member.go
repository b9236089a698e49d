package realtime

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Member is one client in one channel.
type Member struct {
	session  *Session
	channel  *Channel
	director Director
	part     Part // nil in a plain channel

	topic   string // with "realtime:"
	joinRef wire.Ref
	key     string // of its presence
	named   bool   // chose the key
	self    bool   // wants its own broadcasts back
	ack     bool   // wants its broadcasts answered
	private bool
	replay  replay
	changes changes
	ready   bool        // wants to be told that broadcasts from tables come
	watches atomic.Bool // wants to know who is here

	standing atomic.Pointer[standing]
	gone     atomic.Bool
	lost     atomic.Bool // the network took him; he may be back
}

// standing is what a member's token says and lets him do. It is replaced
// whole when he shows another one.
type standing struct {
	claims auth.Claims
	rights auth.Rights
}

func newMember(s *Session, m wire.Message, p joinPayload, claims auth.Claims) *Member {
	member := &Member{
		session: s, topic: m.Topic, joinRef: m.JoinRef,
		key: p.Key, named: p.Named, self: p.Self, ack: p.Ack, private: p.Private,
		ready: p.Ready,
	}
	member.watches.Store(p.Presence)
	member.director = s.hub.director(member.Topic())
	p.Legacy = p.Legacy && member.director == nil
	member.changes = s.parseChanges(m.Topic, p)
	member.rank(claims)
	return member
}

// rank takes a token: what it says, and what it lets the member do.
func (m *Member) rank(claims auth.Claims) {
	m.standing.Store(&standing{claims: claims, rights: m.rightsOf(claims)})
}

// rightsOf asks the policy. Public channels are everybody's, and directed ones
// have rules of their own.
func (m *Member) rightsOf(claims auth.Claims) auth.Rights {
	if !m.private || m.director != nil {
		return auth.AllRights
	}
	return m.session.hub.rights(claims, m.Topic())
}

// channelName is the key of the member's channel in the hub.
func (m *Member) channelName() string {
	return name(m.topic, m.private && m.director == nil)
}

// Claims is what the member's token says.
func (m *Member) Claims() auth.Claims { return m.standing.Load().claims }

// rights is what the member may do in his channel.
func (m *Member) rights() auth.Rights { return m.standing.Load().rights }

// seesPresence reports whether the member wants to know who is here, and may.
func (m *Member) seesPresence() bool { return m.watches.Load() && m.rights().PresenceRead }

// Topic is the channel's topic without "realtime:".
func (m *Member) Topic() string { return subtopic(m.topic) }

// Frames reports whether the client reads room frames.
func (m *Member) Frames() bool { return m.session.hello.Frames }

// Address is where the client's device is, HOST:PORT.
func (m *Member) Address() string { return m.session.hello.Address }

// HearsItself reports whether the client wants its own broadcasts back.
func (m *Member) HearsItself() bool { return m.self }

// Conn is the member's connection, to follow logs with.
func (m *Member) Conn() Conn { return m.session.conn }

// Send sends a broadcast to this member alone. payload is JSON.
func (m *Member) Send(event string, payload []byte) {
	if p, ok := newOutgoing(m.topic, event, wire.JSON, payload).form(m.session.shape()); ok {
		m.session.conn.Reply(p)
	}
}

// SendPassing is Send for what the next of its kind replaces: it is dropped
// when the client does not keep up.
func (m *Member) SendPassing(event string, payload []byte) {
	if p, ok := newOutgoing(m.topic, event, wire.JSON, payload).form(m.session.shape()); ok {
		m.session.conn.Note(p)
	}
}

// SendClock answers a clock ping, to this member alone. payload is the reply
// without its last time, which is stamped when it is written.
func (m *Member) SendClock(payload []byte) {
	p, err := wire.UserBroadcast(m.topic, wire.EventClock, nil, wire.Binary, payload)
	if err == nil && m.session.hello.Version == wire.V2 {
		m.session.conn.ReplyStamped(p)
	}
}

// Expel tells the member why and closes his channel. The client takes this
// as final and does not come back by itself.
func (m *Member) Expel(why string) {
	if m.session.drop(m) {
		m.system("error", why)
		m.sendClose()
	}
}

// system sends a message for the client's developer or user.
func (m *Member) system(status, message string) { m.systemOf("system", status, message) }

// systemOf sends a message about a part of the protocol.
func (m *Member) systemOf(extension, status, message string) {
	payload := mustJSON(map[string]string{
		"extension": extension, "status": status, "message": message, "channel": m.Topic(),
	})
	m.envelope(wire.Ref{}, "system", payload)
}

func (m *Member) sendClose() { m.envelope(m.joinRef, "phx_close", wire.Nothing) }

func (m *Member) envelope(ref wire.Ref, event string, payload []byte) {
	m.session.conn.Reply(wire.Envelope(m.session.hello.Version, m.joinRef, ref, m.topic, event, payload))
}

// leave takes the member out of his channel.
func (m *Member) leave() {
	m.gone.Store(true)
	m.session.hub.deafen(m)
	m.channel.remove(m)
	if m.part != nil {
		m.part.Leave()
	}
	m.session.hub.release(m.channel)
}

// textBroadcast takes the broadcast form of serializer 1, which vsn 2 clients
// may use as well.
func (m *Member) textBroadcast(msg wire.Message, at clock.Millis) {
	// Names are read as JavaScript reads them, case and all: what is relayed
	// must mean to others what it means here.
	b := object(msg.Payload)
	payload := b["payload"]
	if payload == nil {
		payload = wire.Nothing
	}
	m.broadcast(msg, Broadcast{
		Event: text(b["event"]), Encoding: wire.JSON, Payload: payload,
		Beside: max(0, len(msg.Payload)-len(payload)), At: at,
	})
}

// broadcast relays a broadcast, unless it means something to the director.
func (m *Member) broadcast(msg wire.Message, b Broadcast) {
	id, err := m.deliver(msg, b)
	if unauthorized(err) {
		m.session.hub.denied.Add("broadcast")
	}
	if !m.ack {
		return
	}
	if err != nil {
		m.session.refuse(m.answering(msg), err)
		return
	}
	response := wire.Nothing
	if id != "" {
		response = keptMeta(id)
	}
	m.session.reply(m.answering(msg), "ok", response)
}

// answering is the message with the refs that a reply to it should carry:
// clients may leave the join's out, or spell the topic wrongly.
func (m *Member) answering(msg wire.Message) wire.Message {
	msg.Topic = m.topic
	if msg.JoinRef.IsNull() {
		msg.JoinRef = m.joinRef
	}
	return msg
}

// deliver relays a broadcast, and gives its id if it was kept.
func (m *Member) deliver(msg wire.Message, b Broadcast) (id string, err error) {
	if m.part != nil {
		handled, err := m.part.Broadcast(b)
		if handled || err != nil {
			return "", err
		}
	}
	if !m.rights().BroadcastWrite {
		return "", errMayNotWrite
	}
	if err := m.afford(b); err != nil {
		return "", err
	}
	keep, err := parsePersist(msg.Meta)
	if err != nil {
		return "", err
	}
	if !m.private || m.director != nil {
		keep = Persist{} // what is public is not kept
	}
	kept := Kept{Topic: m.Topic(), Event: b.Event, Encoding: b.Encoding, Payload: b.Payload}
	return m.session.hub.keep(m.channel.name, keep, kept, func(id string) { m.relay(msg, b, id) })
}

// afford takes a broadcast from the client's budgets: of messages, and in a
// plain channel of bytes. A director has budgets of his own.
func (m *Member) afford(b Broadcast) error {
	limits := m.session.limits
	if !limits.broadcasts.Allow() {
		m.overLimit(tooManyMessages, errTooManyMessages.Reason)
		return errTooManyMessages
	}
	if m.part != nil || m.Claims().Role == auth.Service {
		return nil
	}
	if !limits.bytes.AllowN(time.Now(), len(b.Payload)+b.Beside) {
		m.overLimit(tooManyBytes, errTooManyBytes.Reason)
		return errTooManyBytes
	}
	return nil
}

// relay sends a broadcast to the others; id is what it is kept under, if it is.
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

// overLimit tells the client that it is too fast, at most once a second. reason
// is what that counts as.
func (m *Member) overLimit(reason, message string) {
	m.session.hub.ignored.Add(reason)
	if m.session.limits.warnings.Allow() {
		m.system("error", message)
	}
}

// OverLimit tells the client that what it sent was dropped because it sends
// too much; it is told at most once a second.
func (m *Member) OverLimit() { m.overLimit(tooManyOfMember, "Too many messages per second") }

func (m *Member) accessToken(msg wire.Message) {
	var p struct {
		Token *string `json:"access_token"`
	}
	if json.Unmarshal(msg.Payload, &p) != nil || p.Token == nil {
		return
	}
	if strings.HasPrefix(*p.Token, auth.KeyPrefix) {
		return // a key, not a token
	}
	claims, err := m.session.hub.cfg.Verify(*p.Token)
	if err != nil {
		m.Expel(err.Error())
		return
	}
	m.claim(claims)
}

// claim gives the member a new token. One that lets him read nothing ends his
// membership.
func (m *Member) claim(claims auth.Claims) {
	m.channel.rank(m, claims)
	if !m.rights().Read() {
		m.Expel("You no longer have permission to read from this Channel topic: " + m.Topic())
		return
	}
	if m.part != nil {
		m.part.Reclaim(claims)
	}
}
