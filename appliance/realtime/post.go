package realtime

import (
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// Post is a broadcast of somebody who is in no channel: it comes over HTTP.
type Post struct {
	Topic   string // without "realtime:"
	Private bool   // for the private channel of that topic
	Persist Persist
	Broadcast
}

// Post broadcasts as the bearer of claims to whoever is in the channel; that
// nobody is there is no error. A *Refusal says why it may not be: Reason
// "unauthorized", or a director's own.
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
		p.Private = false // it is one channel
	} else if p.Private && !h.rights(claims, p.Topic).BroadcastWrite {
		return errMayNotWrite
	}
	if !p.Private {
		p.Persist = Persist{} // what is public is not kept
	}
	channel := name(topic, p.Private)
	kept := Kept{Topic: p.Topic, Event: p.Event, Encoding: p.Encoding, Payload: p.Payload}
	_, err := h.keep(channel, p.Persist, kept, func(id string) { h.relay(channel, topic, p.Broadcast, id) })
	return err
}

// relay sends a broadcast to everybody in a channel, if there is anybody.
func (h *Hub) relay(channel, topic string, b Broadcast, id string) {
	ch := h.find(channel)
	if ch == nil {
		return
	}
	out := newOutgoing(topic, b.Event, b.Encoding, b.Payload)
	if id != "" {
		out.meta = keptMeta(id)
	}
	h.broadcasts.Add(1)
	ch.relay(out, nil)
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

// find is a channel that somebody is in, or that is kept; nil if there is none.
func (h *Hub) find(name string) *Channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.channels[name]
}
