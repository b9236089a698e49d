package wire_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"unicode/utf8"

	"downbeat.local/appliance/wire"
	"github.com/google/go-cmp/cmp"
)

func FuzzDecodeText(f *testing.F) {
	for _, v := range upFrames() {
		if v.Text != "" {
			f.Add(uint8(v.Version), []byte(v.Text))
		}
	}
	f.Fuzz(func(t *testing.T, version uint8, frame []byte) {
		m, err := wire.DecodeText(wire.Version(version%2+1), frame)
		if err != nil {
			return
		}
		if !json.Valid(m.Payload) || !utf8.ValidString(m.Topic) || m.Topic == "" || m.Event == "" {
			t.Errorf("accepted %q as %+v", frame, m)
		}
		again := wire.Envelope(wire.V2, m.JoinRef, m.Ref, m.Topic, m.Event, m.Payload)
		same, err := wire.DecodeText(wire.V2, again.Payload())
		if err != nil || same.Ref != m.Ref || same.JoinRef != m.JoinRef {
			t.Errorf("%q: what it decodes to encodes as %q: %v", frame, again.Payload(), err)
		}
	})
}

// FuzzOutline compares a frame and its outline. Only the payloads may differ.
func FuzzOutline(f *testing.F) {
	for _, v := range upFrames() {
		frame := []byte(v.Text)
		if v.Hex != "" {
			frame, _ = hex.DecodeString(v.Hex)
		}
		f.Add(frame, v.Hex != "", 7)
	}
	f.Fuzz(func(t *testing.T, frame []byte, binary bool, piece int) {
		short := outline(frame, binary, max(1, piece))
		if len(short) > 16<<10 {
			t.Fatalf("%d bytes are kept", len(short))
		}
		for _, v := range []wire.Version{wire.V1, wire.V2} {
			decode := func(frame []byte) (wire.Message, error) {
				if binary {
					return wire.DecodeBinary(frame)
				}
				return wire.DecodeText(v, frame)
			}
			want, err := decode(frame)
			got, bad := decode(short)
			got.Payload, want.Payload = nil, nil
			if err == nil && bad == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%q: the outline is of %+v, want %+v", frame, got, want)
			}
		}
	})
}

// outline writes a frame in pieces of that many bytes.
func outline(frame []byte, binary bool, size int) []byte {
	o := wire.NewOutline(binary)
	for piece := range slices.Chunk(frame, size) {
		_, _ = o.Write(piece) // never fails
	}
	return o.Frame()
}

func FuzzDecodeBinary(f *testing.F) {
	f.Add([]byte{3, 0, 0, 1, 1, 0, 1, 't', 'e', '{', '}'})
	f.Add([]byte{0, 0, 0, 1, 1, 't', 'e', 1})
	f.Add([]byte{3, 0, 0, 1, 1, 0, 1, 't', 'e', '"', 0xff, '"'})
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := wire.DecodeBinary(frame)
		if err != nil {
			return
		}
		if m.Kind == wire.Broadcast {
			again, err := wire.AppendPush(nil, m)
			if !errors.Is(err, wire.ErrShape) && (err != nil || len(again) < len(frame)) { // an event in Latin-1 grows
				t.Errorf("%q: what it decodes to encodes as %q: %v", frame, again, err)
			}
		}
		if m.Kind == wire.Broadcast && m.Encoding == wire.JSON {
			p := wire.Envelope(wire.V1, wire.Ref{}, wire.Ref{}, "t", "broadcast", wire.BroadcastPayload(m.Event, m.Meta, m.Payload))
			if _, err := wire.DecodeText(wire.V1, p.Payload()); err != nil {
				t.Errorf("accepted %q, which goes to vsn 1 clients as %q: %v", frame, p.Payload(), err)
			}
		}
		if !utf8.ValidString(m.Event) {
			t.Errorf("event is not UTF-8: %q", m.Event)
		}
	})
}

func FuzzDecodeBroadcast(f *testing.F) {
	f.Add([]byte{4, 1, 1, 2, 1, 't', 'e', '{', '}', '{', '}'})
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := wire.DecodeBroadcast(frame)
		if err != nil {
			return
		}
		again, err := wire.UserBroadcast(m.Topic, m.Event, m.Meta, m.Encoding, m.Payload)
		if err != nil || !bytes.Equal(again.Payload(), frame) {
			t.Errorf("%q: what it decodes to encodes as %q: %v", frame, again.Payload(), err)
		}
	})
}

func FuzzNotes(f *testing.F) {
	for _, v := range noteVectors() {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if notes, err := wire.DecodeNotesUp(nil, b); err == nil {
			_, _ = wire.HeldUp(b)
			for _, n := range notes {
				if n.Note > 127 || n.Velocity > 127 || math.IsNaN(n.At) || math.IsInf(n.At, 0) {
					t.Errorf("accepted %+v", n)
				}
			}
		}
		if frame, err := wire.DecodeRoomFrame(b); err == nil && inOrder(frame.Events) {
			again, err := wire.DecodeRoomFrame(wire.AppendRoomFrame(nil, frame))
			if err != nil || !bytes.Equal(names(again), names(frame)) {
				t.Errorf("%v: encoded again differs: %s", err, cmp.Diff(frame, again))
			}
		}
		_, _ = wire.DecodeClockPing(b)
		_, _ = wire.DecodeClockReply(b)
	})
}

// inOrder reports whether the events are within a frame's spread, as all events
// of the box are.
func inOrder(events []wire.NoteEvent) bool {
	for _, e := range events {
		if math.Abs(e.At-events[0].At) > wire.MaxFrameSpread {
			return false
		}
	}
	return true
}

// names lists seats, sequence numbers, notes and what played them, which survive
// exactly.
func names(f wire.RoomFrame) []byte {
	var b []byte
	for _, e := range f.Events {
		b = append(b, e.Seat, byte(e.Seq), byte(e.Seq>>8), e.Note, e.Velocity)
		b = strconv.AppendBool(b, e.Keyboard)
	}
	for _, h := range f.Held {
		b = append(b, h.Seat, byte(h.Seq), byte(h.Seq>>8), h.Note)
	}
	return b
}
