package wire_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"downbeat.local/appliance/wire"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden vectors anew")

// frameVector is one frame as on the wire, text as a string and binary as hex,
// with its content.
type frameVector struct {
	Name      string          `json:"name"`
	Direction string          `json:"direction"` // "up" from a client, "down" to it
	Version   int             `json:"version"`
	Text      string          `json:"text,omitempty"`
	Hex       string          `json:"hex,omitempty"`
	JoinRef   string          `json:"join_ref,omitempty"`
	Ref       string          `json:"ref,omitempty"`
	Topic     string          `json:"topic"`
	Event     string          `json:"event"`
	Encoding  string          `json:"encoding"` // of the payload: "json" or "binary"
	Meta      json.RawMessage `json:"meta,omitempty"`
	Payload   json.RawMessage `json:"payload,omitempty"` // when encoding is json
	Bytes     string          `json:"bytes,omitempty"`   // hex, when encoding is binary
}

// noteVector is the payload of one binary note or clock message.
type noteVector struct {
	Name  string           `json:"name"`
	Form  string           `json:"form"` // room_frame, notes_up, clock_ping, clock_reply
	Hex   string           `json:"hex"`
	Frame *wire.RoomFrame  `json:"frame,omitempty"`
	Notes []wire.NoteEvent `json:"notes,omitempty"`
	Held  []int            `json:"held"` // after the notes; null if it is not there
	Ping  *wire.ClockPing  `json:"ping,omitempty"`
	Reply *wire.ClockReply `json:"reply,omitempty"`
}

const room = "realtime:music_room:MUSIC-2024"

// downFrames encodes every kind of frame that the box sends.
func downFrames(t *testing.T) []frameVector {
	t.Helper()
	var all []frameVector
	text := func(name string, v wire.Version, joinRef, ref, topic, event, payload string) {
		p := wire.Envelope(v, wire.TextRef(joinRef), wire.TextRef(ref), topic, event, []byte(payload))
		if v == wire.V1 {
			joinRef = ""
		}
		all = append(all, frameVector{
			Name: name, Direction: "down", Version: int(v), Text: string(p.Payload()),
			JoinRef: joinRef, Ref: ref, Topic: topic, Event: event, Encoding: "json", Payload: json.RawMessage(payload),
		})
	}
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		text("reply ok", v, "6", "6", room, "phx_reply", `{"status":"ok","response":{"postgres_changes":[]}}`)
		text("reply error", v, "6", "9", room, "phx_reply", `{"status":"error","response":{"reason":"unauthorized"}}`)
		text("heartbeat reply", v, "", "12", "phoenix", "phx_reply", `{"status":"ok","response":{}}`)
		text("close", v, "6", "6", room, "phx_close", `{}`)
		text("error", v, "6", "6", room, "phx_error", `{}`)
		text("system", v, "6", "", room, "system", `{"extension":"system","status":"ok","message":"hello","channel":"music_room:MUSIC-2024"}`)
		text("presence state", v, "6", "", room, "presence_state", `{"k":{"metas":[{"phx_ref":"F1","a":1}]}}`)
		text("presence diff", v, "", "", room, "presence_diff", `{"joins":{"k":{"metas":[{"phx_ref":"F2"}]}},"leaves":{}}`)
		text("text broadcast", v, "", "", room, "broadcast", `{"event":"hi","payload":{"x":1},"type":"broadcast"}`)
		text("names with quotes and accents", v, "", "", "realtime:caf\u00e9 \"1\"", "not\u00e9\u2665", `{}`)
	}
	user := func(name, event, meta string, enc wire.Encoding, payload []byte) {
		p, err := wire.UserBroadcast(room, event, []byte(meta), enc, payload)
		if err != nil {
			t.Fatal(err)
		}
		v := frameVector{
			Name: name, Direction: "down", Version: 2, Hex: hex.EncodeToString(p.Payload()),
			Topic: room, Event: event, Meta: json.RawMessage(meta),
		}
		if v.Encoding = "binary"; enc == wire.JSON {
			v.Encoding, v.Payload = "json", payload
		} else {
			v.Bytes = hex.EncodeToString(payload)
		}
		all = append(all, v)
	}
	user("user broadcast, JSON", "student_note", "", wire.JSON, []byte(`{"midi":60,"emoji":"🎵"}`))
	user("user broadcast, binary with metadata", "bin", `{"id":"abc","replayed":true}`, wire.Binary, []byte{1, 2, 3})
	user("user broadcast, a room frame", "n", "", wire.Binary, wire.AppendRoomFrame(nil, wire.RoomFrame{Events: sampleEvents, Summary: true, Held: sampleHeld}))
	return all
}

// upFrames are frames recorded from real clients (the reference's appendix).
func upFrames() []frameVector {
	join := `{"config":{"broadcast":{"self":true,"ack":false},"presence":{"key":"alice","enabled":true},"postgres_changes":[],"private":false}}`
	return []frameVector{
		{
			Name: "join, realtime-js 2.119", Direction: "up", Version: 2, Text: `["6","6","realtime:room1","phx_join",` + join + `]`,
			JoinRef: "6", Ref: "6", Topic: "realtime:room1", Event: "phx_join", Encoding: "json", Payload: json.RawMessage(join),
		},
		{
			Name: "heartbeat", Direction: "up", Version: 2, Text: `[null,"12","phoenix","heartbeat",{}]`,
			Ref: "12", Topic: "phoenix", Event: "heartbeat", Encoding: "json", Payload: json.RawMessage(`{}`),
		},
		{
			Name: "join, supabase-js 2.57", Direction: "up", Version: 1,
			Text:    `{"topic":"realtime:room1","event":"phx_join","payload":` + join + `,"ref":"1","join_ref":"1"}`,
			JoinRef: "1", Ref: "1", Topic: "realtime:room1", Event: "phx_join", Encoding: "json", Payload: json.RawMessage(join),
		},
		{
			Name: "heartbeat without join_ref", Direction: "up", Version: 1, Text: `{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"3"}`,
			Ref: "3", Topic: "phoenix", Event: "heartbeat", Encoding: "json", Payload: json.RawMessage(`{}`),
		},
		{
			Name: "user broadcast push, JSON", Direction: "up", Version: 2,
			Hex:     "0301010e04000136387265616c74696d653a726f6f6d316e6f74657b226d696469223a36302c2276656c223a302e382c22656d6f6a69223a22f09f8eb5227d",
			JoinRef: "6", Ref: "8", Topic: "realtime:room1", Event: "note", Encoding: "json", Payload: json.RawMessage(`{"midi":60,"vel":0.8,"emoji":"🎵"}`),
		},
		{
			Name: "user broadcast push, binary", Direction: "up", Version: 2,
			Hex:     "0301020e0300003631307265616c74696d653a726f6f6d3162696e000102ff",
			JoinRef: "6", Ref: "10", Topic: "realtime:room1", Event: "bin", Encoding: "binary", Bytes: "000102ff",
		},
		{
			Name: "user broadcast push, persist", Direction: "up", Version: 2,
			Hex:     "0301020f0116013931367265616c74696d653a726f6f6d3a32657b2270657273697374223a7b2274746c223a33307d7d7b2261223a317d",
			JoinRef: "9", Ref: "16", Topic: "realtime:room:2", Event: "e", Encoding: "json", Meta: json.RawMessage(`{"persist":{"ttl":30}}`), Payload: json.RawMessage(`{"a":1}`),
		},
		{
			Name: "stock Phoenix binary push", Direction: "up", Version: 2, Hex: "00010102013637726f78" + "ff00",
			JoinRef: "6", Ref: "7", Topic: "ro", Event: "x", Encoding: "binary", Bytes: "ff00",
		},
	}
}

var (
	sampleEvents = []wire.NoteEvent{
		{Seat: 0, Seq: 7, At: 1_234_567.8, Note: 60, Velocity: 100},
		{Seat: 39, Seq: 65535, At: 1_234_568.3, Note: 36, Velocity: 127},
		{Seat: 0, Seq: 8, At: 1_234_565.8, Note: 60, Velocity: 0},
	}
	sampleHeld = []wire.HeldNote{{Seat: 39, Seq: 65535, Note: 36}, {Seat: 71, Seq: 1, Note: 127}}
)

func noteVectors() []noteVector {
	ping := wire.ClockPing{ID: 513, T1: 4321.1}
	reply := wire.ClockReply{ClockPing: ping, T2: 9_000_000.125, T3: 9_000_000.25}
	up := []wire.NoteEvent{{Seq: 1, At: 5000, Note: 60, Velocity: 90}, {Seq: 2, At: 5012.5, Note: 60}}
	marked := wire.RoomFrame{Events: sampleEvents, Summary: true, Held: sampleHeld, Marked: true, Mark: wire.FrameMark{Every: 15, Number: 65535}}
	last := wire.RoomFrame{Events: []wire.NoteEvent{}, Marked: true, Mark: wire.FrameMark{Every: 25, Rest: true}}
	keyboards := wire.RoomFrame{Marked: true, Mark: wire.FrameMark{Every: 5, Number: 1}, Summary: true, Held: sampleHeld}
	for i := range 9 {
		keyboards.Events = append(keyboards.Events, wire.NoteEvent{Seat: 3, Seq: uint16(i), Note: 60, Velocity: uint8(i), Keyboard: i%4 == 0})
	}
	h := func(b []byte) string { return hex.EncodeToString(b) }
	return []noteVector{
		{Name: "notes", Form: "room_frame", Hex: h(wire.AppendRoomFrame(nil, wire.RoomFrame{Events: sampleEvents})), Frame: &wire.RoomFrame{Events: sampleEvents}},
		{Name: "notes and summary", Form: "room_frame", Hex: h(wire.AppendRoomFrame(nil, wire.RoomFrame{Events: sampleEvents, Summary: true, Held: sampleHeld})), Frame: &wire.RoomFrame{Events: sampleEvents, Summary: true, Held: sampleHeld}},
		{Name: "summary of silence", Form: "room_frame", Hex: h(wire.AppendRoomFrame(nil, wire.RoomFrame{Summary: true})), Frame: &wire.RoomFrame{Events: []wire.NoteEvent{}, Summary: true, Held: []wire.HeldNote{}}},
		{Name: "a summary counted in two bytes", Form: "room_frame", Hex: "01090000000000000000000001" + "05000a3c", Frame: &wire.RoomFrame{Events: []wire.NoteEvent{}, Summary: true, Held: []wire.HeldNote{{Seat: 5, Seq: 10, Note: 60}}}},
		{Name: "of a lane", Form: "room_frame", Hex: h(wire.AppendRoomFrame(nil, marked)), Frame: &marked},
		{Name: "the last of a lane", Form: "room_frame", Hex: h(wire.AppendRoomFrame(nil, last)), Frame: &last},
		{Name: "some of keyboards", Form: "room_frame", Hex: h(wire.AppendRoomFrame(nil, keyboards)), Frame: &keyboards},
		{Name: "down and up", Form: "notes_up", Hex: h(wire.AppendNotesUp(nil, up)), Notes: up},
		{Name: "clock unknown", Form: "notes_up", Hex: h(wire.AppendNotesUp(nil, []wire.NoteEvent{{Seq: 3, Note: 1, Velocity: 1}})), Notes: []wire.NoteEvent{{Seq: 3, Note: 1, Velocity: 1}}},
		{Name: "up and held", Form: "notes_up", Hex: h(wire.AppendHeldUp(wire.AppendNotesUp(nil, up), []uint8{64, 127})), Notes: up, Held: []int{64, 127}},
		{Name: "up and nothing held", Form: "notes_up", Hex: h(wire.AppendHeldUp(wire.AppendNotesUp(nil, up), nil)), Notes: up, Held: []int{}},
		{Name: "ping", Form: "clock_ping", Hex: h(wire.AppendClockPing(nil, ping)), Ping: &ping},
		{Name: "reply", Form: "clock_reply", Hex: h(wire.AppendClockReply(nil, reply)), Reply: &reply},
	}
}

// golden compares got with the vectors in the file, or writes them there.
func golden[T any](t *testing.T, file string, got []T) []T {
	t.Helper()
	path := filepath.Join("testdata", file)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file2, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file2), buf.String()); diff != "" {
		t.Fatalf("%s differs from what the code encodes (-file +code):\n%s", path, diff)
	}
	var want []T
	if err := json.Unmarshal(file2, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

func TestFrameVectors(t *testing.T) {
	for _, v := range golden(t, "frames.json", append(upFrames(), downFrames(t)...)) {
		switch {
		case v.Direction == "up":
			t.Run(v.Name, func(t *testing.T) { checkUp(t, v) })
		case v.Hex != "":
			t.Run(v.Name, func(t *testing.T) { checkDown(t, v) })
		}
	}
}

func checkUp(t *testing.T, v frameVector) {
	t.Helper()
	var got wire.Message
	var err error
	if v.Text != "" {
		got, err = wire.DecodeText(wire.Version(v.Version), []byte(v.Text))
	} else {
		frame, _ := hex.DecodeString(v.Hex)
		got, err = wire.DecodeBinary(frame)
	}
	if err != nil {
		t.Fatal(err)
	}
	check(t, v, got)
	if got.Kind != wire.Broadcast {
		return
	}
	if frame, err := wire.AppendPush(nil, got); err != nil || hex.EncodeToString(frame) != v.Hex {
		t.Errorf("encoded again as %x, %v", frame, err)
	}
}

func checkDown(t *testing.T, v frameVector) {
	t.Helper()
	frame, _ := hex.DecodeString(v.Hex)
	got, err := wire.DecodeBroadcast(frame)
	if err != nil {
		t.Fatal(err)
	}
	check(t, v, got)
}

// check compares a message with its vector.
func check(t *testing.T, v frameVector, got wire.Message) {
	t.Helper()
	payload := []byte(v.Payload)
	if v.Encoding == "binary" {
		payload, _ = hex.DecodeString(v.Bytes)
	}
	if got.JoinRef.String() != v.JoinRef || got.Ref.String() != v.Ref || got.Topic != v.Topic || got.Event != v.Event {
		t.Errorf("names: got %q %q %q %q", got.JoinRef, got.Ref, got.Topic, got.Event)
	}
	same := bytes.Equal
	if v.Encoding == "json" {
		same = sameJSON
	}
	if !same(got.Payload, payload) || len(v.Meta) > 0 && !sameJSON(got.Meta, v.Meta) {
		t.Errorf("payload: got %q %q, want %q %q", got.Payload, got.Meta, payload, v.Meta)
	}
}

// sameJSON ignores the indentation of the vector file.
func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// A summary holds the notes of forty members with eight notes each.
func TestSummaryOfAWholeClass(t *testing.T) {
	want := wire.RoomFrame{Events: []wire.NoteEvent{}, Summary: true, Marked: true, Mark: wire.FrameMark{Every: 5, Number: 9}}
	for i := range 320 {
		want.Held = append(want.Held, wire.HeldNote{Seat: uint8(i / 8), Seq: uint16(i), Note: uint8(60 + i%8)})
	}
	got, err := wire.DecodeRoomFrame(wire.AppendRoomFrame(nil, want))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestNoteVectors(t *testing.T) {
	for _, v := range golden(t, "notes.json", noteVectors()) {
		t.Run(v.Form+" "+v.Name, func(t *testing.T) {
			b, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			got := noteVector{Name: v.Name, Form: v.Form, Hex: v.Hex}
			switch v.Form {
			case "room_frame":
				var f wire.RoomFrame
				f, err = wire.DecodeRoomFrame(b)
				got.Frame = &f
			case "notes_up":
				got.Notes, err = wire.DecodeNotesUp(nil, b)
				if held, ok := wire.HeldUp(b); ok {
					got.Held = []int{}
					for _, note := range held {
						got.Held = append(got.Held, int(note))
					}
				}
			case "clock_ping":
				var p wire.ClockPing
				p, err = wire.DecodeClockPing(b)
				got.Ping = &p
			case "clock_reply":
				var r wire.ClockReply
				r, err = wire.DecodeClockReply(b)
				got.Reply = &r
			}
			if err != nil {
				t.Fatal(err)
			}
			close := cmp.Comparer(func(x, y float64) bool { return x-y < 1e-6 && y-x < 1e-6 })
			if diff := cmp.Diff(v, got, close); diff != "" {
				t.Errorf("decoded differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLatin1Trap(t *testing.T) {
	frame, _ := hex.DecodeString("0301010d05000136" + "38" + hex.EncodeToString([]byte("realtime:caf\xe9")[:13]) + hex.EncodeToString([]byte("not\xe9e")) + "7b7d")
	m, err := wire.DecodeBinary(frame)
	if err != nil {
		t.Fatal(err)
	}
	if m.Topic != "realtime:caf\xe9" || m.Event != "notée" {
		t.Errorf("got topic %q and event %q", m.Topic, m.Event)
	}
}

func TestMalformed(t *testing.T) {
	texts := map[string]string{
		"empty": "", "too few items": `["1","1","t","e"]`, "object for an array": `{"topic":"t"}`,
		"bad JSON": `["1",`, "topic not a string": `[null,null,5,"e",{}]`, "no topic": `[null,null,"","e",{}]`, "event not a string": `[null,null,"t",{},{}]`,
		"not UTF-8": "[null,null,\"t\xff\",\"e\",{}]", "a ref too long": `["` + strings.Repeat("1", 254) + `",null,"t","e",{}]`,
	}
	for name, text := range texts {
		if m, err := wire.DecodeText(wire.V2, []byte(text)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, m)
		}
	}
	binaries := map[string]string{
		"empty": "", "kind 1": "0101", "kind 3 cut": "030101", "lengths past the end": "03ffffffffff01", "encoding 2": "03000000000002",
		"JSON that is none": "03000000000001" + "7b", "JSON that is not UTF-8": "03000000000001" + "22ff22",
		"metadata that is not UTF-8": "03000000000701" + "7b22ff223a317d" + "7b7d", "metadata that is none": "03000000000301" + "6162637b7d", "kind 0 cut": "0001010101",
	}
	for name, text := range binaries {
		frame, _ := hex.DecodeString(text)
		if m, err := wire.DecodeBinary(frame); err == nil {
			t.Errorf("%s: got %+v, want an error", name, m)
		}
	}
}

func TestPacketFrame(t *testing.T) {
	for _, size := range []int{0, 125, 126, 65535, 65536} {
		p := wire.Seal(append(wire.Buffer(size), make([]byte, size)...), true)
		want := map[int]int{0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10}[size]
		if got := len(p.Frame()) - len(p.Payload()); got != want {
			t.Errorf("header of a %d byte message: got %d bytes, want %d", size, got, want)
		}
	}
}
