package realtime

import (
	"downbeat.local/appliance/wire"
)

// recipient is a client as one of its channels addresses it: the connection, and
// what stands before every message.
type recipient struct {
	session *Session
	topic   string // with "realtime:"
	joinRef wire.Ref
}

// Topic is the channel's topic without "realtime:".
func (r *recipient) Topic() string { return subtopic(r.topic) }

// Frames reports whether the client reads room frames.
func (r *recipient) Frames() bool { return r.session.hello.Frames }

// Address is the address of the client's device, HOST:PORT.
func (r *recipient) Address() string { return r.session.hello.Address }

// Conn is the member's connection. Its type may have more methods than a
// session uses.
func (r *recipient) Conn() Conn { return r.session.conn }

// Send sends a broadcast to this member alone. payload is JSON.
func (r *recipient) Send(event string, payload []byte) {
	if p, ok := newOutgoing(r.topic, event, wire.JSON, payload).form(r.session.shape()); ok {
		r.session.conn.Reply(p)
	}
}

// SendDroppable is Send for a message that the next of its kind replaces. It is
// dropped when the client does not keep up.
func (r *recipient) SendDroppable(event string, payload []byte) {
	if p, ok := newOutgoing(r.topic, event, wire.JSON, payload).form(r.session.shape()); ok {
		r.session.conn.Note(p)
	}
}

// SendClock answers a clock ping of this member. payload is the reply without
// its last time, which the connection fills in when it writes the reply.
func (r *recipient) SendClock(payload []byte) {
	p, err := wire.UserBroadcast(r.topic, wire.EventClock, nil, wire.Binary, payload)
	if err == nil && r.session.hello.Version == wire.V2 {
		r.session.conn.ReplyStamped(p)
	}
}

// resend sends the member a kept broadcast. JSON goes as text, which both
// serializers have. Bytes go only to clients that can read them.
func (r *recipient) resend(k Kept) {
	meta := mustJSON(map[string]any{"id": k.ID, "replayed": true})
	if k.Encoding == wire.JSON {
		r.envelope(wire.Ref{}, "broadcast", wire.BroadcastPayload(k.Event, meta, k.Payload))
		return
	}
	out := newOutgoing(r.topic, k.Event, k.Encoding, k.Payload)
	out.meta = meta
	if p, ok := out.form(r.session.shape()); ok {
		r.session.conn.Reply(p)
	}
}

// system sends a message for the client's developer or user.
func (r *recipient) system(status, message string) { r.systemOf("system", status, message) }

// systemOf sends a message about a part of the protocol.
func (r *recipient) systemOf(extension, status, message string) {
	payload := mustJSON(map[string]string{
		"extension": extension, "status": status, "message": message, "channel": r.Topic(),
	})
	r.envelope(wire.Ref{}, "system", payload)
}

func (r *recipient) sendClose() { r.envelope(r.joinRef, "phx_close", wire.Nothing) }

func (r *recipient) envelope(ref wire.Ref, event string, payload []byte) {
	r.session.conn.Reply(wire.Envelope(r.session.hello.Version, r.joinRef, ref, r.topic, event, payload))
}

// replyTo fills in the refs that a reply must have: clients may leave out the
// ref of the join, or garble the topic.
func (r *recipient) replyTo(msg wire.Message) wire.Message {
	msg.Topic = r.topic
	if msg.JoinRef.IsNull() {
		msg.JoinRef = r.joinRef
	}
	return msg
}

// stale reports whether a message names an earlier membership of the topic. What
// it adds counts for this one, as with supabase/realtime, for some clients name
// their first join for ever. But it ends nothing of this one.
func (r *recipient) stale(msg wire.Message) bool {
	return !msg.JoinRef.IsNull() && !r.joinRef.IsNull() && !msg.JoinRef.Same(r.joinRef)
}

// overLimit counts a message as dropped for a reason, and tells the client so
// at most once a second.
func (r *recipient) overLimit(reason, message string) {
	r.session.hub.ignored.Add(reason)
	r.Inform(message)
}

// Inform tells the client in a system message what went wrong, at most once a
// second.
func (r *recipient) Inform(message string) {
	if r.session.limits.warnings.Allow() {
		r.system("error", message)
	}
}

// OverLimit tells the client that a message was dropped because it sends too
// many, at most once a second.
func (r *recipient) OverLimit() { r.overLimit(tooManyOfMember, "Too many messages per second") }
