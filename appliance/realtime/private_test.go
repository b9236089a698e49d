package realtime

import (
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// privateHub is a hub whose private channels give a member the rights that their
// role spells: r and w for broadcast, R and W for presence.
func privateHub(direct func(string) Director) *Hub {
	h := testHub(direct)
	h.cfg.Verify = func(token string) (auth.Claims, error) {
		if token == "" {
			return auth.Claims{}, auth.ErrMissing
		}
		return auth.Claims{Role: token}, nil
	}
	h.cfg.Rights = func(c auth.Claims, topic string) auth.Rights {
		if topic != "lobby" {
			panic("asked for " + topic)
		}
		has := func(s string) bool { return strings.Contains(c.Role, s) }
		return auth.Rights{BroadcastRead: has("r"), BroadcastWrite: has("w"), PresenceRead: has("R"), PresenceWrite: has("W")}
	}
	return h
}

// joinPrivate joins the private lobby with those rights.
func (c *client) joinPrivate(rights string) {
	c.t.Helper()
	c.askPrivate(rights)
	if got := c.take(); len(got) == 0 || !strings.Contains(got[0], `"status":"ok"`) {
		c.t.Fatalf("join with %s: got %v", rights, got)
	}
}

// askPrivate sends the join of the private lobby with those rights.
func (c *client) askPrivate(rights string) {
	c.send("1", lobby, "phx_join", `{"access_token":"`+rights+`","config":{"private":true,"broadcast":{"ack":true},"presence":{"key":"`+rights+`","enabled":true}}}`)
}

func TestJoiningNeedsARightToRead(t *testing.T) {
	h := privateHub(nil)
	for rights, want := range map[string]string{
		"-":   "Unauthorized: You do not have permissions to read from this Channel topic: lobby",
		"wW":  "Unauthorized: You do not have permissions to read from this Channel topic: lobby",
		"r":   "",
		"R":   "",
		"rRw": "",
	} {
		c := connect(t, h, wire.V2)
		c.askPrivate(rights)
		_, _, event, payload := c.first()
		response, _ := payload["response"].(map[string]any)
		if reason, _ := response["reason"].(string); event != "phx_reply" || reason != want {
			t.Errorf("%s: got %s with %q, want %q", rights, event, reason, want)
		}
	}
	if n := len(h.channels.all()); n != 1 {
		t.Errorf("%d channels, want one", n)
	}
}

func TestPrivateBroadcast(t *testing.T) {
	h := privateHub(nil)
	all, deaf, mute := connect(t, h, wire.V2), connect(t, h, wire.V2), connect(t, h, wire.V2)
	all.joinPrivate("rw")
	deaf.joinPrivate("wR")
	mute.joinPrivate("r")
	deaf.user("1", lobby, "x", wire.JSON, `1`)
	want(t, "a broadcast with the right", all.take(), "x 1")
	mute.user("1", lobby, "y", wire.JSON, `2`)
	mute.send("1", lobby, "broadcast", `{"event":"y","payload":2}`)
	want(t, "a broadcast without the right", all.take())
	if got := mute.take(); len(got) != 3 || !strings.Contains(got[1], `{"reason":"unauthorized","message":"You may not write to this channel.","error":"unauthorized"}`) {
		t.Errorf("a client without the right is answered %v", got)
	}
	all.user("1", lobby, "z", wire.JSON, `3`)
	deaf.take()
	all.user("1", lobby, "z", wire.JSON, `3`)
	want(t, "a broadcast for a client that may not read", deaf.take())
}

func TestAPrivateWriteWithoutAckFailsSilently(t *testing.T) {
	h := privateHub(nil)
	c := connect(t, h, wire.V2)
	c.send("1", lobby, "phx_join", `{"access_token":"r","config":{"private":true,"presence":{"enabled":false}}}`)
	c.take()
	c.user("1", lobby, "y", wire.JSON, `2`)
	want(t, "the answer", c.take())
}

func TestPrivatePresence(t *testing.T) {
	h := privateHub(nil)
	all, blind, shy := connect(t, h, wire.V2), connect(t, h, wire.V2), connect(t, h, wire.V2)
	all.joinPrivate("rRW")
	shy.joinPrivate("R")
	blind.askPrivate("rW")
	if got := blind.take(); len(got) != 1 {
		t.Errorf("without the right to see presence: %v", got)
	}
	track := `{"event":"track","payload":{}}`
	shy.send("1", lobby, "presence", track)
	want(t, "a track without the right", shy.take(), `["1","2","realtime:lobby","phx_reply",{"status":"error","response":{}}]`)
	want(t, "what others see of it", all.take())
	blind.send("1", lobby, "presence", track)
	want(t, "what a client that may not see presence gets", blind.take(), `["1","2","realtime:lobby","phx_reply",{"status":"ok","response":{}}]`)
	if got := all.take(); len(got) != 1 || !strings.Contains(got[0], "presence_diff") {
		t.Errorf("with the right to see presence: %v", got)
	}
	blind.send("1", lobby, "access_token", `{"access_token":"rR"}`)
	if got := blind.take(); len(got) != 1 || !strings.Contains(got[0], "presence_state") {
		t.Errorf("with that right from a new token: %v", got)
	}
}

func TestANewTokenChangesTheRights(t *testing.T) {
	h := privateHub(nil)
	c, public := connect(t, h, wire.V2), connect(t, h, wire.V2)
	c.joinPrivate("rwW")
	public.join(lobby, quiet)
	public.send("1", lobby, "access_token", `{"access_token":"-"}`)
	want(t, "a public channel", public.take())
	c.send("1", lobby, "access_token", `{"access_token":"r"}`)
	want(t, "fewer rights", c.take())
	c.user("1", lobby, "y", wire.JSON, `2`)
	if got := c.take(); len(got) != 1 || !strings.Contains(got[0], "unauthorized") {
		t.Errorf("a broadcast without the right is answered %v", got)
	}
	c.send("1", lobby, "access_token", `{"access_token":"w"}`)
	want(t, "nothing to read any more", c.take(),
		`["1",null,"realtime:lobby","system",{"channel":"lobby","extension":"system","message":"You no longer have permission to read from this Channel topic: lobby","status":"error"}]`,
		`["1","1","realtime:lobby","phx_close",{}]`)
}

// host directs every topic and admits every client.
type host struct{}

func (host) Join(*Member) (Participant, error) { return nil, nil }

func (host) Post(string, auth.Claims, Broadcast) (bool, error) { return false, nil }

func TestDirectedChannelsHaveTheirOwnRules(t *testing.T) {
	h := privateHub(func(string) Director { return host{} })
	c := connect(t, h, wire.V2)
	c.joinPrivate("-")
}

func TestAKeyNeverExpires(t *testing.T) {
	h := privateHub(nil)
	c := connect(t, h, wire.V2)
	c.joinPrivate("r")
	c.session.expire(time.Now().Add(1000 * time.Hour))
	want(t, "after a long time", c.take())
}

// first decodes the first vsn 2 text message and forgets the others.
func (c *client) first() (joinRef, ref, event string, payload map[string]any) {
	c.t.Helper()
	c.mu.Lock()
	c.got = c.got[:min(1, len(c.got))]
	c.mu.Unlock()
	return c.last()
}
