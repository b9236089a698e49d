package wire

import (
	"encoding/json"
	"fmt"
)

// Nothing is the empty JSON object, the response of most replies.
var Nothing = json.RawMessage("{}")

// Envelope encodes one text frame for clients of serializer v. Empty refs
// become null; vsn 1.0.0 frames carry no join_ref. payload must be JSON.
func Envelope(v Version, joinRef, ref, topic, event string, payload []byte) Packet {
	buf := Buffer(len(topic) + len(event) + len(payload) + 64)
	if v == V1 {
		buf = append(buf, `{"topic":`...)
		buf = appendString(buf, topic)
		buf = append(buf, `,"event":`...)
		buf = appendString(buf, event)
		buf = append(buf, `,"payload":`...)
		buf = append(buf, payload...)
		buf = append(buf, `,"ref":`...)
		buf = appendRef(buf, ref)
		return Seal(append(buf, '}'), false)
	}
	buf = append(buf, '[')
	buf = append(appendRef(buf, joinRef), ',')
	buf = append(appendRef(buf, ref), ',')
	buf = append(appendString(buf, topic), ',')
	buf = append(appendString(buf, event), ',')
	buf = append(buf, payload...)
	return Seal(append(buf, ']'), false)
}

// Reply answers a push: status is "ok" or "error".
func Reply(v Version, joinRef, ref, topic, status string, response []byte) Packet {
	payload := make([]byte, 0, len(response)+32)
	payload = append(payload, `{"status":`...)
	payload = appendString(payload, status)
	payload = append(payload, `,"response":`...)
	payload = append(payload, response...)
	return Envelope(v, joinRef, ref, topic, "phx_reply", append(payload, '}'))
}

// UserBroadcast encodes a kind 4 frame: a broadcast as vsn 2 clients get it.
// It fails when topic, event or meta is longer than the 255 bytes that the
// frame's length fields can say.
func UserBroadcast(topic, event string, meta []byte, enc Encoding, payload []byte) (Packet, error) {
	buf, err := BeginUserBroadcast(topic, event, meta, enc, len(payload))
	if err != nil {
		return Packet{}, err
	}
	return Seal(append(buf, payload...), true), nil
}

// BeginUserBroadcast starts a kind 4 frame to whose end the caller appends a
// payload of about size bytes, and which he then seals as binary.
func BeginUserBroadcast(topic, event string, meta []byte, enc Encoding, size int) ([]byte, error) {
	if len(topic) > 255 || len(event) > 255 || len(meta) > 255 {
		return nil, fmt.Errorf("%w: topic, event or metadata over 255 bytes", ErrShape)
	}
	buf := Buffer(5 + len(topic) + len(event) + len(meta) + size)
	buf = append(buf, 4, byte(len(topic)), byte(len(event)), byte(len(meta)), byte(enc))
	buf = append(buf, topic...)
	buf = append(buf, event...)
	return append(buf, meta...), nil
}

// BroadcastPayload is the payload of a text broadcast: what vsn 1 clients get
// for a user broadcast whose payload is JSON. meta may be empty.
func BroadcastPayload(event string, meta, payload []byte) []byte {
	buf := make([]byte, 0, len(event)+len(meta)+len(payload)+64)
	buf = append(buf, `{"event":`...)
	buf = appendString(buf, event)
	if len(meta) > 0 {
		buf = append(buf, `,"meta":`...)
		buf = append(buf, meta...)
	}
	buf = append(buf, `,"payload":`...)
	buf = append(buf, payload...)
	return append(buf, `,"type":"broadcast"}`...)
}

func appendRef(buf []byte, ref string) []byte {
	if ref == "" {
		return append(buf, "null"...)
	}
	return appendString(buf, ref)
}

// appendString appends s as a JSON string. Names that need no escape, which
// is nearly all of them, cost no allocation.
func appendString(buf []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always marshals
			}
			return append(buf, quoted...)
		}
	}
	buf = append(buf, '"')
	buf = append(buf, s...)
	return append(buf, '"')
}
