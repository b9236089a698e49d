package realtime

import (
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// Post is a broadcast that comes over HTTP, from a sender in no channel.
type Post struct {
	Topic   string // without "realtime:"
	Private bool   // for the private channel of that topic
	Persist Persist
	Address string         // of the sender's device, HOST:PORT; empty for the box itself
	Request *table.Request // made the change of a row that this is about; nil if it is about none
	Broadcast
}

// Post sends a broadcast of the bearer of claims to a channel. A channel without
// members is no error. A broadcast that is not allowed gives a *Refusal with the
// reason "unauthorized", or with one of the director's.
func (h *Hub) Post(claims auth.Claims, p Post) error {
	err := h.post(claims, p)
	if unauthorized(err) {
		h.denied.Add("post")
	}
	return err
}

func (h *Hub) post(claims auth.Claims, p Post) error {
	topic := wire.TopicPrefix + p.Topic
	if direct := h.director(p.Topic); direct != nil {
		handled, err := direct.Post(p.Topic, claims, p.Broadcast)
		if handled || err != nil {
			return err
		}
		p.Private = false // a director has one channel for both
	} else if p.Private && !h.rights(claims, p.Topic).BroadcastWrite {
		return errMayNotWrite
	}
	if !p.Private {
		p.Persist = Persist{} // only broadcasts of private channels are kept
	}
	channel := name(topic, p.Private)
	kept := Kept{
		Topic: p.Topic, Event: p.Event, Encoding: p.Encoding, Payload: p.Payload,
		Payer: claims.Payer(p.Address), Room: claims.App.Room,
	}
	_, err := h.keeper.keepAndSend(channel, p.Persist, kept, func(id string) { h.relay(channel, topic, p, id) })
	return err
}

// relay sends a broadcast to the members of a channel, if it has any.
func (h *Hub) relay(channel, topic string, p Post, id string) {
	ch := h.channels.find(channel)
	if ch == nil {
		return
	}
	out := newOutgoing(topic, p.Event, p.Encoding, p.Payload)
	if id != "" {
		out.meta = keptMeta(id)
	}
	h.broadcasts.Add(1)
	if p.Request == nil {
		ch.relay(out, nil)
	} else {
		ch.relayChange(out, p.Request)
	}
}

func (h *Hub) director(topic string) Director {
	if h.cfg.Direct == nil {
		return nil
	}
	return h.cfg.Direct(topic)
}

// rights is what the bearer of claims may do in a private channel.
func (h *Hub) rights(claims auth.Claims, topic string) auth.Rights {
	if h.cfg.Rights == nil {
		return auth.AllRights
	}
	return h.cfg.Rights(claims, topic)
}
