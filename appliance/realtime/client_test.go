package realtime

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// client is the client of a session. It keeps what the box sends.
type client struct {
	t       *testing.T
	session *Session
	v       wire.Version
	ref     int

	mu     sync.Mutex // guards got, echoes
	got    []wire.Packet
	echoes []func() // that the client owes, if it is mute
	mute   bool     // it answers no pings by itself
}

func (c *client) keep(p wire.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, p)
}

func (c *client) Reply(p wire.Packet)                          { c.keep(p) }
func (c *client) ReplyStamped(p wire.Packet)                   { c.keep(p) }
func (c *client) Note(p wire.Packet)                           { c.keep(p) }
func (c *client) State(p wire.Packet, _ interface{ Resync() }) { c.keep(p) }
func (c *client) Greeted()                                     {}
func (c *client) SetReadLimit(int64)                           {}

func (c *client) Echo(heard func()) {
	if !c.mute {
		heard()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.echoes = append(c.echoes, heard)
}

// answer answers the pings of a mute client, and returns how many there were.
func (c *client) answer() int {
	c.mu.Lock()
	owed := c.echoes
	c.echoes = nil
	c.mu.Unlock()
	for _, heard := range owed {
		heard()
	}
	return len(owed)
}

// tokens are the claims of the test hubs, by the text of the token.
var tokens = map[string]auth.Claims{
	"anon":    {Role: auth.Anon},
	"service": {Role: auth.Service},
	"teacher": {Role: auth.Authenticated, App: auth.AppMetadata{Role: "teacher"}},
}

func testHub(direct func(string) Director) *Hub {
	return NewHub(Config{
		Verify: func(token string) (auth.Claims, error) {
			switch c, ok := tokens[token]; {
			case ok:
				return c, nil
			case token == "expired":
				return auth.Claims{}, &auth.ExpiredError{Ago: 7 * time.Second}
			}
			return auth.Claims{}, auth.ErrMalformed
		},
		Direct: direct,
		Log:    slog.New(slog.DiscardHandler),
	})
}

func connect(t *testing.T, h *Hub, v wire.Version) *client {
	t.Helper()
	c := &client{t: t, v: v}
	c.session = h.Open(c, Hello{Version: v, APIKey: "anon"})
	t.Cleanup(func() { c.session.Closed(true) })
	return c
}

// send sends a text frame with the next ref, and returns that ref.
func (c *client) send(joinRef, topic, event, payload string) string {
	c.ref++
	ref := fmt.Sprint(c.ref)
	p := wire.Envelope(c.v, wire.TextRef(joinRef), wire.TextRef(ref), topic, event, []byte(payload))
	if c.v == wire.V1 {
		frame := strings.Replace(string(p.Payload()), "{", `{"join_ref":"`+joinRef+`",`, 1)
		c.session.Receive([]byte(frame), false, clock.Now())
		return ref
	}
	c.session.Receive(p.Payload(), false, clock.Now())
	return ref
}

// user sends a binary user broadcast.
func (c *client) user(joinRef, topic, event string, enc wire.Encoding, payload string) {
	c.ref++
	ref := fmt.Sprint(c.ref)
	frame, err := wire.AppendPush(nil, wire.Message{JoinRef: wire.TextRef(joinRef), Ref: wire.TextRef(ref), Topic: topic, Event: event, Encoding: enc, Payload: []byte(payload)})
	if err != nil {
		c.t.Fatal(err)
	}
	c.session.Receive(frame, true, clock.Now())
}

// join joins a topic with a config and drops the answers.
func (c *client) join(topic, config string) (joinRef string) {
	c.t.Helper()
	c.ref++
	joinRef = fmt.Sprint(c.ref)
	c.ref--
	c.send(joinRef, topic, "phx_join", `{"config":`+config+`}`)
	for _, m := range c.take() {
		if strings.Contains(m, `"status":"ok"`) {
			return joinRef
		}
	}
	c.t.Fatalf("join of %s was refused", topic)
	return ""
}

// take returns what the box has sent since the last call, each message as text:
// JSON unchanged, user broadcasts as "event payload".
func (c *client) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, p := range c.got {
		all = append(all, readable(p))
	}
	c.got = nil
	return all
}

func readable(p wire.Packet) string {
	b := p.Payload()
	if !p.Binary() {
		return string(b)
	}
	topic, event, meta := int(b[1]), int(b[2]), int(b[3])
	rest := b[5+topic:]
	return string(rest[:event]) + string(rest[event:event+meta]) + " " + string(rest[event+meta:])
}

// last decodes the last vsn 2 text message.
func (c *client) last() (joinRef, ref, event string, payload map[string]any) {
	c.t.Helper()
	all := c.take()
	if len(all) == 0 {
		c.t.Fatal("the box sent nothing")
	}
	var parts [5]any
	if err := json.Unmarshal([]byte(all[len(all)-1]), &parts); err != nil {
		c.t.Fatalf("%s: %v", all[len(all)-1], err)
	}
	joinRef, _ = parts[0].(string)
	ref, _ = parts[1].(string)
	event, _ = parts[3].(string)
	payload, _ = parts[4].(map[string]any)
	return joinRef, ref, event, payload
}
