package realtime

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

const (
	lobby = "realtime:lobby"
	quiet = `{"presence":{"enabled":false}}`
)

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestControlEvents(t *testing.T) {
	h := testHub(nil)
	c := connect(t, h, wire.V2)
	c.send("", "phoenix", "heartbeat", "{}")
	want(t, "heartbeat", c.take(), `[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]`)
	c.send("9", lobby, "broadcast", "{}")
	want(t, "push to a channel not joined", c.take(), `[null,"2","realtime:lobby","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]`)
	c.send("9", lobby, "phx_leave", "{}")
	want(t, "leaving a channel not joined", c.take(), `["9","3","realtime:lobby","phx_reply",{"status":"ok","response":{}}]`)
	c.send("4", lobby, "phx_join", `{"config":`+quiet+`}`)
	want(t, "join", c.take(), `["4","4","realtime:lobby","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]`)
	c.send("5", lobby, "phx_join", `{"config":`+quiet+`}`)
	want(t, "second join", c.take(),
		`["4","4","realtime:lobby","phx_close",{}]`,
		`["5","5","realtime:lobby","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]`)
	c.send("5", lobby, "phx_leave", "{}")
	want(t, "leave", c.take(),
		`["5","6","realtime:lobby","phx_reply",{"status":"ok","response":{}}]`,
		`["5","5","realtime:lobby","phx_close",{}]`)
	if len(h.channels.all()) != 0 {
		t.Errorf("%d channels are left without members", len(h.channels.all()))
	}
}

func TestRefusedJoins(t *testing.T) {
	h := testHub(nil)
	for _, tt := range []struct{ name, topic, payload, reason string }{
		{"no prefix", "lobby", `{}`, "unmatched topic"},
		{"no name", "realtime:", `{}`, "TopicNameRequired: You must provide a topic name"},
		{"expired", lobby, `{"access_token":"expired"}`, "InvalidJWTToken: Token has expired 7 seconds ago"},
		{"malformed", lobby, `{"access_token":"nonsense"}`, "MalformedJWT: The token provided is not a valid JWT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, h, wire.V2)
			c.send("1", tt.topic, "phx_join", tt.payload)
			_, _, _, payload := c.last()
			response, _ := payload["response"].(map[string]any)
			if payload["status"] != "error" || response["reason"] != tt.reason {
				t.Errorf("got %v, want the reason %q", payload, tt.reason)
			}
		})
	}
}

func TestBroadcastInEveryForm(t *testing.T) {
	h := testHub(nil)
	old, new1, new2 := connect(t, h, wire.V1), connect(t, h, wire.V2), connect(t, h, wire.V2)
	oldRef := old.join(lobby, quiet)
	ref := new1.join(lobby, quiet)
	new2.join(lobby, `{"presence":{"enabled":false},"broadcast":{"self":true,"ack":true}}`)

	new1.user(ref, lobby, "note", wire.JSON, `{"midi":60}`)
	want(t, "JSON, to vsn 2", new2.take(), `note {"midi":60}`)
	want(t, "JSON, to vsn 1", old.take(), `{"topic":"realtime:lobby","event":"broadcast","payload":{"event":"note","payload":{"midi":60},"type":"broadcast"},"ref":null}`)
	new1.user(ref, lobby, "raw", wire.Binary, "\x00\xff")
	want(t, "bytes, to vsn 2", new2.take(), "raw \x00\xff")
	want(t, "bytes, to vsn 1", old.take())
	old.send(oldRef, lobby, "broadcast", `{"type":"broadcast","event":"hi","payload":{"x":1}}`)
	want(t, "text, to vsn 2", new1.take(), `[null,null,"realtime:lobby","broadcast",{"type":"broadcast","event":"hi","payload":{"x":1}}]`)
	new2.take()
	new2.user("", lobby, "me", wire.JSON, `{}`)
	want(t, "self and ack, without a join_ref", new2.take(), `me {}`, `["1","2","realtime:lobby","phx_reply",{"status":"ok","response":{}}]`)
}

func TestTopicsThatAreNotASCII(t *testing.T) {
	h := testHub(nil)
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	ref := a.join("realtime:café", quiet)
	b.join("realtime:café", quiet)
	a.user(ref, "realtime:caf\xe9", "not\xe9", wire.JSON, `1`)
	want(t, "a broadcast in Latin-1", b.take(), "noté 1")
}

func TestPublicAndPrivateAreApart(t *testing.T) {
	h := testHub(nil)
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	ref := a.join(lobby, `{"presence":{"enabled":false},"private":true}`)
	b.join(lobby, quiet)
	a.user(ref, lobby, "secret", wire.JSON, `{}`)
	want(t, "what the public channel gets", b.take())
}

func TestPresence(t *testing.T) {
	h := testHub(nil)
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	aRef := a.join(lobby, `{"presence":{"key":"ann","enabled":true}}`)
	b.join(lobby, `{"presence":{"key":"bob","enabled":true}}`)
	track := `{"type":"presence","event":"track","payload":{"n":{"deep":{}}}}`
	a.send(aRef, lobby, "presence", track)
	first := mask(b.take())
	want(t, "track", first, `[null,null,"realtime:lobby","presence_diff",{"joins":{"ann":{"metas":[{"phx_ref":"R","n":{"deep":{}}}]}},"leaves":{}}]`)
	a.take()
	a.send(aRef, lobby, "presence", track)
	want(t, "the same again", b.take())
	want(t, "its answer", a.take(), `["1","3","realtime:lobby","phx_reply",{"status":"ok","response":{}}]`)
	a.send(aRef, lobby, "presence", `{"event":"TRACK","payload":{"n":2,"phx_ref":"mine"}}`)
	want(t, "an update", mask(b.take()), `[null,null,"realtime:lobby","presence_diff",{"joins":{"ann":{"metas":[{"phx_ref":"R","phx_ref_prev":"R","n":2}]}},"leaves":{"ann":{"metas":[{"phx_ref":"R","n":{"deep":{}}}]}}}]`)
	late := connect(t, h, wire.V2)
	late.send("1", lobby, "phx_join", `{}`)
	want(t, "the state for a later member", mask(late.take())[1:], `["1",null,"realtime:lobby","presence_state",{"ann":{"metas":[{"phx_ref":"R","n":2}]}}]`)
	a.session.Closed(true)
	want(t, "a connection lost", mask(b.take()), `[null,null,"realtime:lobby","presence_diff",{"joins":{},"leaves":{"ann":{"metas":[{"phx_ref":"R","n":2}]}}}]`)
}

// mask replaces phx_refs, which differ in every run.
func mask(messages []string) []string {
	for i, m := range messages {
		parts := strings.Split(m, `_ref":"`)
		for j := 1; j < len(parts); j++ {
			parts[j] = "R" + parts[j][strings.IndexByte(parts[j], '"'):]
		}
		m = strings.Join(parts, `_ref":"`)
		if k := strings.Index(m, `"phx_ref_prev":"`); k >= 0 {
			rest := m[k+len(`"phx_ref_prev":"`):]
			m = m[:k] + `"phx_ref_prev":"R` + rest[strings.IndexByte(rest, '"'):]
		}
		messages[i] = m
	}
	return messages
}

func TestPresenceOfSeveralConnectionsUnderOneKey(t *testing.T) {
	h := testHub(nil)
	config := `{"presence":{"key":"ann","enabled":false}}`
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	for _, c := range []*client{a, b} {
		ref := c.join(lobby, config)
		c.send(ref, lobby, "presence", `{"event":"track","payload":{}}`)
	}
	late := connect(t, h, wire.V2)
	late.send("1", lobby, "phx_join", `{}`)
	if state := late.take()[1]; strings.Count(state, "phx_ref") != 2 {
		t.Errorf("got %s, want two metas under one key", state)
	}
	a.send("1", lobby, "presence", `{"event":"untrack"}`)
	if diff := late.take()[0]; strings.Count(diff, "phx_ref") != 1 {
		t.Errorf("got %s, want one meta to leave", diff)
	}
}

func TestBadPresence(t *testing.T) {
	h := testHub(nil)
	c := connect(t, h, wire.V2)
	ref := c.join(lobby, quiet)
	c.send(ref, lobby, "presence", `{"event":"track","payload":[1]}`)
	want(t, "a payload that is no map", c.take(), `["1","2","realtime:lobby","phx_reply",{"status":"error","response":{"reason":"Presence track payload must be a map"}}]`)
	c.send(ref, lobby, "presence", `{"event":"dance"}`)
	want(t, "an unknown event", c.take(), `["1","3","realtime:lobby","phx_reply",{"status":"error","response":{}}]`)
}

func TestLimitsDropAndWarnButDoNotClose(t *testing.T) {
	h := testHub(nil)
	h.cfg.Limits.Broadcasts = Rate{PerSecond: 1, Burst: 2}
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	ref := a.join(lobby, quiet)
	b.join(lobby, quiet)
	for range 10 {
		a.user(ref, lobby, "x", wire.JSON, `1`)
	}
	if got := len(b.take()); got < 2 || got > 3 {
		t.Errorf("%d of 10 got through, want the burst of 2", got)
	}
	warned := a.take()
	if len(warned) != 1 || !strings.Contains(warned[0], "Too many messages per second") {
		t.Errorf("got %v, want one warning", warned)
	}
	a.send(ref, lobby, "presence", `{"event":"track","payload":{}}`)
	if got := a.take(); !strings.Contains(got[len(got)-1], `"ok"`) {
		t.Errorf("the channel is not open any more: %v", got)
	}
}

func TestExpiryClosesTheChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens["short"] = auth.Claims{Role: auth.Anon, ExpiresAt: time.Now().Add(time.Minute)}
		defer delete(tokens, "short")
		h := testHub(nil)
		c := connect(t, h, wire.V2)
		c.send("1", lobby, "phx_join", `{"config":`+quiet+`,"access_token":"short"}`)
		c.take()
		c.session.expire(time.Now())
		want(t, "before it expires", c.take())
		c.session.expire(time.Now().Add(62 * time.Second))
		want(t, "after", c.take(),
			`["1",null,"realtime:lobby","system",{"channel":"lobby","extension":"system","message":"Token has expired 2 seconds ago","status":"error"}]`,
			`["1","1","realtime:lobby","phx_close",{}]`)
	})
}

func TestBadTokenRefreshClosesTheChannel(t *testing.T) {
	h := testHub(nil)
	c := connect(t, h, wire.V2)
	ref := c.join(lobby, quiet)
	c.send(ref, lobby, "access_token", `{"access_token":"anon"}`)
	c.send(ref, lobby, "access_token", `{"access_token":null}`)
	c.send(ref, lobby, "access_token", `{"access_token":"sb_publishable_x"}`)
	want(t, "good refreshes", c.take())
	c.send(ref, lobby, "access_token", `{"access_token":"nonsense"}`)
	if got := c.take(); len(got) != 2 || !strings.Contains(got[0], "not a valid JWT") || !strings.Contains(got[1], "phx_close") {
		t.Errorf("got %v, want a system error and phx_close", got)
	}
}

func TestFanOutEncodesOncePerForm(t *testing.T) {
	h := testHub(nil)
	from := connect(t, h, wire.V2)
	ref := from.join(lobby, quiet)
	var heard []*client
	for range 5 {
		c := connect(t, h, wire.V2)
		c.join(lobby, quiet)
		heard = append(heard, c)
	}
	from.user(ref, lobby, "x", wire.JSON, `1`)
	for _, c := range heard[1:] {
		if &c.got[0].Payload()[0] != &heard[0].got[0].Payload()[0] {
			t.Fatal("two members with one serializer got different bytes")
		}
	}
}

func TestAPinnedChannelOutlivesItsMembers(t *testing.T) {
	h := testHub(nil)
	pinned := h.Pin(lobby)
	for range 2 {
		c := connect(t, h, wire.V2)
		c.join(lobby, quiet)
		pinned.Announce("hello", []byte(`{}`))
		want(t, "what a member gets", c.take(), "hello {}")
		c.session.Closed(true)
	}
	h.Unpin(pinned)
	if len(h.channels.all()) != 0 {
		t.Error("an unpinned channel is still there")
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte(`["1","1","realtime:lobby","presence",{"event":"track","payload":{"a":{}}}]`), false)
	f.Add([]byte(`["1","2","realtime:lobby","phx_join",{"config":{"presence":{"key":"k"}}}]`), false)
	f.Add([]byte("\x03\x01\x01\x0e\x01\x00\x0118realtime:lobbyx{}"), true)
	h := testHub(nil)
	f.Fuzz(func(t *testing.T, frame []byte, binary bool) {
		for _, v := range []wire.Version{wire.V1, wire.V2} {
			c := connect(t, h, v)
			c.join(lobby, `{"broadcast":{"self":true,"ack":true}}`)
			c.session.Receive(frame, binary, clock.Now())
			c.session.Receive(frame, binary, clock.Now())
			for _, p := range c.got {
				if v == wire.V1 && p.Binary() {
					t.Errorf("a vsn 1 client got %x", p.Payload())
				}
			}
		}
	})
}

func BenchmarkFanOut(b *testing.B) {
	for _, listeners := range []string{"40", "200"} {
		b.Run(listeners, func(b *testing.B) { benchmarkFanOut(b, map[string]int{"40": 40, "200": 200}[listeners]) })
	}
}

// discard is a client that drops everything.
type discard struct{ client }

func (*discard) Reply(wire.Packet) {}

func benchmarkFanOut(b *testing.B, listeners int) {
	h := testHub(nil)
	h.cfg.Limits.Broadcasts = Rate{PerSecond: 1e9, Burst: 1e9}
	var from *Session
	for range listeners {
		s := h.Open(&discard{}, Hello{Version: wire.V2, APIKey: "anon"})
		s.Receive([]byte(`["1","1","realtime:lobby","phx_join",{"config":{"presence":{"enabled":false}}}]`), false, 0)
		from = s
	}
	frame := []byte("\x03\x01\x01\x0e\x04\x00\x0118realtime:lobbynote" + `{"midi":60,"velocity":100}`)
	b.ReportAllocs()
	for b.Loop() {
		from.Receive(frame, true, 0)
	}
}

// TestStockPhoenixGetsText joins as phoenix.js does, and then sends what only a
// Supabase client sends.
func TestStockPhoenixGetsText(t *testing.T) {
	h := testHub(nil)
	zoe := connect(t, h, wire.V2)
	zoe.join(lobby, quiet)
	c := &client{t: t, v: wire.V2}
	c.session = h.Open(c, Hello{Version: wire.V2, APIKey: "anon", Phoenix: true})
	t.Cleanup(func() { c.session.Closed(true) })
	c.send("1", lobby, "phx_join", `{}`)
	c.take()
	zoe.user("1", lobby, "x", wire.JSON, `{"a":1}`)
	zoe.user("1", lobby, "bytes", wire.Binary, "\x01")
	want(t, "what stock Phoenix gets", c.take(), `[null,null,"realtime:lobby","broadcast",{"event":"x","payload":{"a":1},"type":"broadcast"}]`)
	c.user("1", lobby, "mine", wire.JSON, `{}`)
	zoe.user("1", lobby, "x", wire.JSON, `{"a":2}`)
	want(t, "what it gets as a Supabase client", c.take(), `x {"a":2}`)
}

// A client that sends heartbeats without end is not answered without end, and
// its other messages do not suffer.
func TestAnswersToNothingAreLimited(t *testing.T) {
	h := testHub(nil)
	for name, send := range map[string]func(c *client){
		"heartbeats":     func(c *client) { c.send("", "phoenix", "heartbeat", `{}`) },
		"no such topic":  func(c *client) { c.send("1", "realtime:other", "broadcast", `{}`) },
		"leaving it":     func(c *client) { c.send("1", "realtime:other", "phx_leave", `{}`) },
		"unknown events": func(c *client) { c.send("1", lobby, "flush", `{}`) },
	} {
		c := connect(t, h, wire.V2)
		c.join(lobby, `{"presence":{"enabled":false},"broadcast":{"ack":true}}`)
		for range 1000 {
			send(c)
		}
		least := h.cfg.Limits.Answers.Burst
		if got := len(c.take()); got < least || got > 2*least {
			t.Errorf("%s: %d answers to a thousand messages, want %d and few more", name, got, least)
		}
		c.send("1", lobby, "broadcast", `{"event":"x","payload":{}}`)
		if got := c.take(); len(got) != 1 || !strings.Contains(got[0], `"status":"ok"`) {
			t.Errorf("%s: a broadcast after them is answered %v", name, got)
		}
	}
	if got := h.Stats().Ignored[tooManyAnswers]; got == 0 {
		t.Error("nothing of it is counted")
	}
}
