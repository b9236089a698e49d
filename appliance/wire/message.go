package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Version is a serializer, which Phoenix calls vsn.
type Version uint8

// The serializers that Supabase clients speak. Clients up to supabase-js 2.90
// use 1.0.0, later ones 2.0.0.
const (
	V1 Version = 1 // JSON objects, text only
	V2 Version = 2 // JSON arrays, and binary user broadcasts
)

// ParseVersion reads the vsn query parameter; empty means 1.0.0. It reports false
// for an unknown version.
func ParseVersion(vsn string) (Version, bool) {
	switch vsn {
	case "", "1.0.0":
		return V1, true
	case "2.0.0":
		return V2, true
	}
	return 0, false
}

// Kind is the form of a client's frame.
type Kind uint8

// The forms of frames from clients.
const (
	Text      Kind = iota // JSON, either serializer
	Push                  // binary kind 0, stock Phoenix
	Broadcast             // binary kind 3, Supabase's user broadcast
)

// Encoding is the encoding of a user broadcast's payload.
type Encoding uint8

// The encodings of a user broadcast.
const (
	Binary Encoding = 0
	JSON   Encoding = 1
)

// Message is one frame from a client. Payload and Meta point into the decoded
// frame.
type Message struct {
	Kind     Kind
	Encoding Encoding // of Payload; always JSON for Text
	JoinRef  Ref
	Ref      Ref
	Topic    string // may hold bytes that are not UTF-8: see UserEvent
	Event    string
	Meta     []byte // kind 3 only: a JSON object or empty
	Payload  []byte
}

// Errors of the decoders. A connection that sends such a frame stays open;
// the frame is dropped.
var (
	ErrNotUTF8   = errors.New("text frame is not UTF-8")
	ErrShort     = errors.New("frame ends early")
	ErrKind      = errors.New("unknown frame kind")
	ErrShape     = errors.New("frame has the wrong shape")
	ErrEncoding  = errors.New("unknown payload encoding")
	ErrMeta      = errors.New("metadata is not a JSON object")
	ErrTooMany   = errors.New("too many notes in one frame")
	ErrNoteRange = errors.New("note or velocity out of range")
	ErrTime      = errors.New("time is not a number")
)

// DecodeText reads a text frame in serializer v. The errors are [ErrNotUTF8]
// and [ErrShape], wrapped.
func DecodeText(v Version, frame []byte) (Message, error) {
	if !utf8.Valid(frame) {
		return Message{}, ErrNotUTF8
	}
	if v == V1 {
		return decodeObject(frame)
	}
	return decodeArray(frame)
}

func decodeArray(frame []byte) (Message, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(frame, &parts); err != nil {
		return Message{}, fmt.Errorf("%w: %v", ErrShape, err)
	}
	if len(parts) < 5 { // more are ignored, as in Phoenix
		return Message{}, fmt.Errorf("%w: %d items in the array, want 5", ErrShape, len(parts))
	}
	return message(parts[0], parts[1], parts[2], parts[3], parts[4])
}

func decodeObject(frame []byte) (Message, error) {
	var o struct {
		JoinRef json.RawMessage `json:"join_ref"`
		Ref     json.RawMessage `json:"ref"`
		Topic   json.RawMessage `json:"topic"`
		Event   json.RawMessage `json:"event"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(frame, &o); err != nil {
		return Message{}, fmt.Errorf("%w: %v", ErrShape, err)
	}
	return message(o.JoinRef, o.Ref, o.Topic, o.Event, o.Payload)
}

func message(joinRef, ref, topic, event, payload json.RawMessage) (Message, error) {
	m := Message{Kind: Text, Encoding: JSON, Payload: payload}
	var err error
	if m.JoinRef, err = parseRef(joinRef); err != nil {
		return Message{}, err
	}
	if m.Ref, err = parseRef(ref); err != nil {
		return Message{}, err
	}
	if json.Unmarshal(topic, &m.Topic) != nil || m.Topic == "" {
		return Message{}, fmt.Errorf("%w: topic is not a string", ErrShape)
	}
	if json.Unmarshal(event, &m.Event) != nil || m.Event == "" {
		return Message{}, fmt.Errorf("%w: event is not a string", ErrShape)
	}
	if len(m.Payload) == 0 {
		m.Payload = []byte("null")
	}
	return m, nil
}

// DecodeBinary reads a binary frame of a vsn 2 client: kind 0 or kind 3. The
// errors are [ErrShort], [ErrKind], [ErrEncoding], [ErrMeta] and [ErrShape]. With
// the last three the message has its topic, its event and its refs.
func DecodeBinary(frame []byte) (Message, error) {
	if len(frame) == 0 {
		return Message{}, ErrShort
	}
	switch frame[0] {
	case 0:
		return decodePush(frame)
	case kindPush:
		return decodeUserPush(frame)
	}
	return Message{}, ErrKind
}

func decodePush(frame []byte) (Message, error) {
	if len(frame) < 5 {
		return Message{}, ErrShort
	}
	rest := frame[5:]
	fields, rest, ok := cut(rest, frame[1:5])
	if !ok {
		return Message{}, ErrShort
	}
	return Message{
		Kind: Push, Encoding: Binary,
		JoinRef: TextRef(string(fields[0])), Ref: TextRef(string(fields[1])), Topic: string(fields[2]), Event: latin1(fields[3]),
		Payload: rest,
	}, nil
}

// ValidJSON reports whether raw is one JSON value in UTF-8 (RFC 8259 §8.1).
// json.Valid alone accepts other bytes inside strings. A client that gets a text
// frame with such bytes closes its connection (RFC 6455 §8.1).
func ValidJSON(raw []byte) bool { return utf8.Valid(raw) && json.Valid(raw) }

// cut splits rest into one field for each length, and the remaining bytes.
func cut(rest, lengths []byte) (fields [5][]byte, left []byte, ok bool) {
	for i, n := range lengths {
		if len(rest) < int(n) {
			return fields, nil, false
		}
		fields[i], rest = rest[:n], rest[n:]
	}
	return fields, rest, true
}

// latin1 reads bytes that should be UTF-8. Clients 2.81.0 to 2.110.3 write one
// byte for each UTF-16 unit, which is Latin-1 for é.
func latin1(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
