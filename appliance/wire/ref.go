package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Ref is a client's own name for a push, or for the join that the push belongs
// to. The box sends it back as it came: most clients use strings, some use
// numbers, and some send null. The zero Ref is null.
type Ref struct {
	value   string // the string itself, or any other value as JSON
	literal bool   // value is JSON
}

// TextRef returns a ref that is a string. Binary frames hold no other, and an
// empty field of theirs is the zero Ref.
func TextRef(s string) Ref { return Ref{value: s} }

// maxRef bounds a ref, in bytes of JSON. Binary frames cannot carry a longer one.
const maxRef = 255

// parseRef reads a ref of a text frame: any JSON value.
func parseRef(raw json.RawMessage) (Ref, error) {
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) > maxRef:
		return Ref{}, fmt.Errorf("%w: ref of %d bytes", ErrShape, len(raw))
	case len(raw) == 0 || string(raw) == "null":
		return Ref{}, nil
	case raw[0] == '"' && len(raw) > 2 && !bytes.ContainsRune(raw, '\\'):
		return TextRef(string(raw[1 : len(raw)-1])), nil
	}
	return Ref{value: string(raw), literal: true}, nil
}

// IsNull reports whether the client sent null, or no ref at all.
func (r Ref) IsNull() bool { return r == Ref{} }

// String returns the ref as text: a string without quotes, and nothing for null.
func (r Ref) String() string {
	var s string
	if r.literal && json.Unmarshal([]byte(r.value), &s) == nil {
		return s
	}
	return r.value
}

// Same reports whether two refs mean the same. A client that counts in numbers
// writes them as text in binary frames.
func (r Ref) Same(other Ref) bool { return r.String() == other.String() }

func (r Ref) append(buf []byte) []byte {
	switch {
	case r.IsNull():
		return append(buf, "null"...)
	case r.literal:
		return append(buf, r.value...)
	}
	return appendString(buf, r.value)
}
