package wire

import "encoding/json"

// Nothing is the empty JSON object, the response of most replies.
var Nothing = json.RawMessage("{}")

// Envelope encodes one text frame for clients of serializer v. Frames of vsn
// 1.0.0 carry no join_ref. payload must be JSON.
func Envelope(v Version, joinRef, ref Ref, topic, event string, payload []byte) Packet {
	buf := Buffer(len(topic) + len(event) + len(payload) + 64)
	if v == V1 {
		buf = append(buf, `{"topic":`...)
		buf = appendString(buf, topic)
		buf = append(buf, `,"event":`...)
		buf = appendString(buf, event)
		buf = append(buf, `,"payload":`...)
		buf = append(buf, payload...)
		buf = append(buf, `,"ref":`...)
		buf = ref.append(buf)
		return Seal(append(buf, '}'), false)
	}
	buf = append(buf, '[')
	buf = append(joinRef.append(buf), ',')
	buf = append(ref.append(buf), ',')
	buf = append(appendString(buf, topic), ',')
	buf = append(appendString(buf, event), ',')
	buf = append(buf, payload...)
	return Seal(append(buf, ']'), false)
}

// Reply answers a push: status is "ok" or "error".
func Reply(v Version, joinRef, ref Ref, topic, status string, response []byte) Packet {
	payload := make([]byte, 0, len(response)+32)
	payload = append(payload, `{"status":`...)
	payload = appendString(payload, status)
	payload = append(payload, `,"response":`...)
	payload = append(payload, response...)
	return Envelope(v, joinRef, ref, topic, "phx_reply", append(payload, '}'))
}

// BroadcastPayload is the payload of a text broadcast. vsn 1 clients get it for a
// user broadcast with a JSON payload. meta may be empty.
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

// appendString appends s as a JSON string. A name without escapes, as nearly all
// are, costs no allocation.
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
