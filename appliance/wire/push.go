package wire

import "fmt"

// A user broadcast is binary for vsn 2 clients, and travels under another
// header each way. Both begin with their kind and one byte for the length of
// each field; the fields and the payload follow (@supabase/realtime-js,
// lib/serializer).
//
//	up    3, join_ref, ref, topic, event, meta, encoding
//	down  4, topic, event, meta, encoding
const (
	kindPush        = 3
	kindBroadcast   = 4
	pushHeader      = 7
	broadcastHeader = 5
	maxField        = 255 // bytes
)

// AppendPush appends a user broadcast as a client sends it, of kind 3: what
// [DecodeBinary] reads. It ignores m.Kind. The error is [ErrShape], for a field
// over 255 bytes.
func AppendPush(buf []byte, m Message) ([]byte, error) {
	joinRef, ref := m.JoinRef.String(), m.Ref.String()
	if max(len(joinRef), len(ref), len(m.Topic), len(m.Event), len(m.Meta)) > maxField {
		return nil, fmt.Errorf("%w: a field over %d bytes", ErrShape, maxField)
	}
	buf = append(buf, kindPush, byte(len(joinRef)), byte(len(ref)), byte(len(m.Topic)), byte(len(m.Event)), byte(len(m.Meta)), byte(m.Encoding))
	buf = append(buf, joinRef...)
	buf = append(buf, ref...)
	buf = append(buf, m.Topic...)
	buf = append(buf, m.Event...)
	buf = append(buf, m.Meta...)
	return append(buf, m.Payload...), nil
}

// decodeUserPush reads a kind 3 frame. If only its metadata or its payload cannot
// be read, the message says whose it is.
func decodeUserPush(frame []byte) (Message, error) {
	if len(frame) < pushHeader {
		return Message{}, ErrShort
	}
	fields, rest, ok := cut(frame[pushHeader:], frame[1:pushHeader-1])
	if !ok {
		return Message{}, ErrShort
	}
	m := Message{
		Kind: Broadcast, Encoding: Encoding(frame[pushHeader-1]),
		JoinRef: TextRef(string(fields[0])), Ref: TextRef(string(fields[1])), Topic: string(fields[2]), Event: latin1(fields[3]),
	}
	meta := fields[4]
	switch {
	case m.Encoding != Binary && m.Encoding != JSON:
		return m, ErrEncoding
	case m.Encoding == JSON && !ValidJSON(rest):
		return m, fmt.Errorf("%w: payload is not JSON", ErrShape)
	case len(meta) > 0 && (meta[0] != '{' || !ValidJSON(meta)):
		return m, ErrMeta
	}
	m.Meta, m.Payload = meta, rest
	return m, nil
}

// UserBroadcast encodes a kind 4 frame: a broadcast as vsn 2 clients get it.
// The error is [ErrShape], for a topic, an event or metadata over 255 bytes.
func UserBroadcast(topic, event string, meta []byte, enc Encoding, payload []byte) (Packet, error) {
	buf, err := BeginUserBroadcast(topic, event, meta, enc, len(payload))
	if err != nil {
		return Packet{}, err
	}
	return Seal(append(buf, payload...), true), nil
}

// BeginUserBroadcast starts a kind 4 frame. The caller appends a payload of about
// size bytes and seals it as binary.
func BeginUserBroadcast(topic, event string, meta []byte, enc Encoding, size int) ([]byte, error) {
	if max(len(topic), len(event), len(meta)) > maxField {
		return nil, fmt.Errorf("%w: topic, event or metadata over 255 bytes", ErrShape)
	}
	buf := Buffer(broadcastHeader + len(topic) + len(event) + len(meta) + size)
	buf = append(buf, kindBroadcast, byte(len(topic)), byte(len(event)), byte(len(meta)), byte(enc))
	buf = append(buf, topic...)
	buf = append(buf, event...)
	return append(buf, meta...), nil
}

// DecodeBroadcast reads a user broadcast as a client gets it, of kind 4. Meta
// and Payload point into the frame; the box has checked that they are JSON. The
// errors are [ErrShort], [ErrKind] and [ErrEncoding].
func DecodeBroadcast(frame []byte) (Message, error) {
	if len(frame) < broadcastHeader {
		return Message{}, ErrShort
	}
	if frame[0] != kindBroadcast {
		return Message{}, ErrKind
	}
	enc := Encoding(frame[broadcastHeader-1])
	if enc != Binary && enc != JSON {
		return Message{}, ErrEncoding
	}
	fields, payload, ok := cut(frame[broadcastHeader:], frame[1:broadcastHeader-1])
	if !ok {
		return Message{}, ErrShort
	}
	return Message{
		Kind: Broadcast, Encoding: enc,
		Topic: string(fields[0]), Event: string(fields[1]), Meta: fields[2], Payload: payload,
	}, nil
}
