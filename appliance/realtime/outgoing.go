package realtime

import (
	"downbeat.local/appliance/wire"
)

// outgoing is one broadcast on its way to the members of a channel. Each form
// is encoded when the first member needs it.
type outgoing struct {
	topic, event string
	enc          wire.Encoding
	meta         []byte
	payload      []byte
	verbatim     []byte // the payload of a text broadcast, relayed unchanged

	forms [shapes]wire.Packet
	none  [shapes]bool // there is no such form
}

func newOutgoing(topic, event string, enc wire.Encoding, payload []byte) *outgoing {
	return &outgoing{topic: topic, event: event, enc: enc, payload: payload}
}

func newVerbatim(topic string, payload []byte) *outgoing {
	return &outgoing{topic: topic, verbatim: payload}
}

// each sends every member that may read the broadcast the form for their
// client. It skips the sender from, unless they want their own broadcasts back.
func (o *outgoing) each(members []*Member, from *Member, send func(*Member, wire.Packet)) {
	for _, m := range members {
		if m == from && !m.self || !m.rights().BroadcastRead {
			continue
		}
		if p, ok := o.form(m.session.shape()); ok {
			send(m, p)
		}
	}
}

// shape is one of the forms that a broadcast has.
type shape uint8

const (
	textV1   shape = iota // serializer 1
	textV2                // serializer 2 of stock Phoenix, which knows no kind 4
	binaryV2              // serializer 2 of Supabase
	shapes
)

// form returns the message in a shape; false if it has no such form.
func (o *outgoing) form(as shape) (wire.Packet, bool) {
	if o.forms[as].IsZero() && !o.none[as] {
		p, ok := o.encode(as)
		o.forms[as], o.none[as] = p, !ok
	}
	return o.forms[as], !o.none[as]
}

func (o *outgoing) encode(as shape) (wire.Packet, bool) {
	version := wire.V2
	if as == textV1 {
		version = wire.V1
	}
	switch {
	case o.verbatim != nil:
		return wire.Envelope(version, wire.Ref{}, wire.Ref{}, o.topic, "broadcast", o.verbatim), true
	case as == binaryV2:
		p, err := wire.UserBroadcast(o.topic, o.event, o.meta, o.enc, o.payload)
		return p, err == nil
	case o.enc == wire.Binary:
		return wire.Packet{}, false // text cannot carry bytes
	}
	return wire.Envelope(version, wire.Ref{}, wire.Ref{}, o.topic, "broadcast", wire.BroadcastPayload(o.event, o.meta, o.payload)), true
}
