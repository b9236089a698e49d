package boxtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
)

// patience is how long a test waits for a message.
const patience = 20 * time.Second

// client is a Supabase client of a test box. It keeps every message until the
// test expects it.
type client struct {
	t        *testing.T
	ws       *websocket.Conn
	v        wire.Version
	topic    string
	key      string // of presence; the box chooses one if empty
	self     bool   // wants its own broadcasts back
	ref      int
	id       string // student_id
	seat     uint8
	incoming chan message
	closed   chan struct{} // closed when the box has closed the socket
	code     int           // of the close frame; read it after closed
	waiting  []message
	deaf     atomic.Bool // answers no ping, as a device that has vanished
}

// message is one message of the box.
type message struct {
	event   string // for a broadcast, the event inside
	ref     string
	payload []byte
	frame   wire.RoomFrame // of event n
}

// dial connects with a token; query is added to the URL.
func (b *box) dial(token string, query ...string) *client {
	b.t.Helper()
	q := url.Values{"apikey": {token}, "vsn": {"2.0.0"}}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	ws, resp, err := b.dialer.DialContext(b.t.Context(), "ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	c := &client{t: b.t, ws: ws, v: wire.V2, incoming: make(chan message, 1<<14), closed: make(chan struct{})}
	if q.Get("vsn") == "1.0.0" {
		c.v = wire.V1
	}
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		if c.deaf.Load() {
			return nil
		}
		return pong(data)
	})
	go c.read()
	b.t.Cleanup(func() { c.close() })
	return c
}

// close ends the socket without a close frame, and waits for the reader to end.
func (c *client) close() {
	_ = c.ws.Close()
	<-c.closed
}

func (c *client) read() {
	defer close(c.closed)
	defer func() { _ = c.ws.Close() }() // the box waits for this
	for {
		kind, raw, err := c.ws.ReadMessage()
		if err != nil {
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				c.code = closed.Code
			}
			return
		}
		m, err := c.parse(kind == websocket.BinaryMessage, raw)
		if err != nil {
			c.t.Errorf("%q: %v", raw, err)
		}
		select {
		case c.incoming <- m:
		default:
			c.t.Error("the box sent more than a test can keep")
		}
	}
}

func (c *client) parse(binary bool, raw []byte) (message, error) {
	if binary {
		return parseBinary(raw)
	}
	m, err := wire.DecodeText(c.v, raw)
	if err != nil || m.Event != "broadcast" {
		return message{event: m.Event, ref: m.Ref.String(), payload: m.Payload}, err
	}
	var b map[string]json.RawMessage // names are case-sensitive
	var event string
	err = errors.Join(json.Unmarshal(m.Payload, &b), json.Unmarshal(b["event"], &event))
	return message{event: event, payload: b["payload"]}, err
}

// parseBinary reads a user broadcast.
func parseBinary(b []byte) (m message, err error) {
	sent, err := wire.DecodeBroadcast(b)
	m = message{event: sent.Event, payload: sent.Payload}
	if m.event == wire.EventNotes {
		m.frame, err = wire.DecodeRoomFrame(m.payload)
	}
	return m, err
}

// push sends a text message and returns its ref.
func (c *client) push(topic, event string, payload any) string {
	c.t.Helper()
	c.ref++
	ref := fmt.Sprint(c.ref)
	raw, err := json.Marshal(payload)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(websocket.TextMessage, wire.Envelope(c.v, wire.TextRef("1"), wire.TextRef(ref), topic, event, raw).Payload())
	return ref
}

func (c *client) write(kind int, frame []byte) {
	c.t.Helper()
	if err := c.ws.WriteMessage(kind, frame); err != nil {
		c.t.Fatal(err)
	}
}

type object = map[string]any

// topicOf is the topic of a room's channel.
func topicOf(code string) string { return wire.TopicPrefix + wire.RoomPrefix + code }

// askToJoin sends the join of a room's channel, and returns the reply.
func (c *client) askToJoin(code string) reply {
	c.t.Helper()
	c.topic = topicOf(code)
	return c.reply(c.push(c.topic, "phx_join", object{"config": object{
		"broadcast": object{"ack": true, "self": c.self}, "presence": object{"key": c.key},
	}}))
}

// join joins a room's channel and reads the client's own id and seat.
func (c *client) join(code string) *client {
	c.t.Helper()
	if r := c.askToJoin(code); r.Status != "ok" {
		c.t.Fatalf("joining %s: %+v", code, r)
	}
	var state struct {
		You struct {
			ID   string `json:"student_id"`
			Seat uint8
		}
	}
	c.expect("room_state").into(&state)
	c.id, c.seat = state.You.ID, state.You.Seat
	return c
}

// send broadcasts and returns the ref, without waiting for the reply.
func (c *client) send(event string, payload any) string {
	c.t.Helper()
	return c.push(c.topic, "broadcast", object{"type": "broadcast", "event": event, "payload": payload})
}

// ask broadcasts and returns the box's reply.
func (c *client) ask(event string, payload any) reply {
	c.t.Helper()
	return c.reply(c.send(event, payload))
}

// must broadcasts an event that the box must accept.
func (c *client) must(event string, payload any) {
	c.t.Helper()
	if r := c.ask(event, payload); r.Status != "ok" {
		c.t.Fatalf("%s: %+v", event, r)
	}
}

// sendNotes sends notes in binary, as the web app does.
func (c *client) sendNotes(notes ...wire.NoteEvent) {
	c.t.Helper()
	c.sendBinary(wire.Message{Event: wire.EventNotes, Encoding: wire.Binary, Payload: wire.AppendNotesUp(nil, notes)})
}

// sendBinary sends a binary user broadcast in the client's channel.
func (c *client) sendBinary(m wire.Message) {
	c.t.Helper()
	m.JoinRef, m.Topic = wire.TextRef("1"), c.topic
	frame, err := wire.AppendPush(nil, m)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(websocket.BinaryMessage, frame)
}

// reply is the answer to a push.
type reply struct {
	Status   string
	Response struct {
		Reason, Message string
		Kept            *bool // of a command; nil if the store has it
	}
}

func (c *client) reply(ref string) (r reply) {
	c.t.Helper()
	c.await("the reply to "+ref, func(m message) bool { return m.event == "phx_reply" && m.ref == ref }).into(&r)
	return r
}

// expect waits for the next broadcast or message of that event.
func (c *client) expect(event string) message {
	c.t.Helper()
	return c.await(event, func(m message) bool { return m.event == event })
}

// await waits for the next message that fits. Earlier ones stay.
func (c *client) await(what string, fits func(message) bool) message {
	c.t.Helper()
	for i, m := range c.waiting {
		if fits(m) {
			c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
			return m
		}
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		var m message
		select {
		case m = <-c.incoming:
		default:
			select {
			case m = <-c.incoming:
			case <-c.closed:
				c.t.Fatalf("the box hung up (%d) instead of saying %s", c.code, what)
			case <-deadline.C:
				c.t.Fatalf("the box does not send %s; its last messages are %v", what, c.waiting[max(0, len(c.waiting)-10):])
			}
		}
		if fits(m) {
			return m
		}
		c.waiting = append(c.waiting, m)
	}
}

// until returns the events of all messages up to one of that event, and drops
// those messages.
func (c *client) until(event string) (before []string) {
	c.t.Helper()
	c.expect(event)
	for _, m := range c.waiting {
		before = append(before, m.event)
	}
	c.waiting = nil
	return before
}

// alive fails unless the connection still works and is still in the room.
func (c *client) alive() {
	c.t.Helper()
	if r := c.reply(c.push("phoenix", "heartbeat", object{})); r.Status != "ok" {
		c.t.Fatalf("a heartbeat is answered %+v", r)
	}
	c.must("alive", object{})
}

// expelled fails unless the box closes the client's channel with a reason.
func (c *client) expelled(why string) {
	c.t.Helper()
	if got := c.expect("system").fields()["message"]; got != why {
		c.t.Errorf("sent away with %q, want %q", got, why)
	}
	c.expect("phx_close")
}

// hungUp fails unless the box closes the socket with that code.
func (c *client) hungUp(code int) {
	c.t.Helper()
	select {
	case <-c.closed:
	case <-time.After(patience):
		c.t.Fatal("the box does not hang up")
	}
	if c.code != code {
		c.t.Errorf("the box hung up with %d, want %d", c.code, code)
	}
}

// into decodes the payload.
func (m message) into(v any) {
	if err := json.Unmarshal(m.payload, v); err != nil {
		panic(fmt.Sprintf("%s %s: %v", m.event, m.payload, err))
	}
}

// fields returns the payload as an object.
func (m message) fields() object {
	var o object
	m.into(&o)
	return o
}

// String is for failure messages.
func (m message) String() string { return m.event + string(m.payload) }
