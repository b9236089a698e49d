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

// client is one end of a session: it keeps what the box sent it.
type client struct {
	t       *testing.T
	session *Session
	v       wire.Version
	ref     int

	mu     sync.Mutex // guards got
	got    []wire.Packet
	closed int // WebSocket code
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
func (c *client) Follow(Log)                                   {}
func (c *client) OnLane() (time.Duration, bool)                { return 0, false }
func (c *client) SetLaneInterval(time.Duration)                {}
func (c *client) Lossy(wire.Packet)                            {}
func (c *client) Linked() bool                                 { return false }
func (c *client) DropLane(uint32)                              {}
func (c *client) LaneSettled() bool                            { return false }
func (c *client) Unfollow(Log)                                 {}
func (c *client) Deliver()                                     {}
func (c *client) Wake()                                        {}
func (c *client) Greeted()                                     {}
func (c *client) SetReadLimit(int64)                           {}
func (c *client) Close(code int, _ string)                     { c.closed = code }

// tokens are the claims that the test hubs know by name.
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

// send sends a text frame with a ref of its own, which it returns.
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

// user sends a user broadcast, kind 3.
func (c *client) user(joinRef, topic, event string, enc wire.Encoding, payload string) {
	c.ref++
	ref := fmt.Sprint(c.ref)
	frame := []byte{3, byte(len(joinRef)), byte(len(ref)), byte(len(topic)), byte(len(event)), 0, byte(enc)}
	frame = append(frame, joinRef+ref+topic+event+payload...)
	c.session.Receive(frame, true, clock.Now())
}

// join joins a topic with a config and forgets what the box said to it.
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

// take returns what the box has sent since, each message as text: JSON as it
// is, user broadcasts as "event payload".
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
		c.t.Fatal("the box said nothing")
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
