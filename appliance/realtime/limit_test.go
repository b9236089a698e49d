package realtime

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/wire"
)

// TestPlainChannelsAreBoundedInBytes sends few long messages, with the length in
// different parts of them.
func TestPlainChannelsAreBoundedInBytes(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, send := range map[string]func(c *client){
		"as JSON":            func(c *client) { c.user("1", lobby, "x", wire.JSON, `"`+long+`"`) },
		"as bytes":           func(c *client) { c.user("1", lobby, "x", wire.Binary, long) },
		"as text":            func(c *client) { c.send("1", lobby, "broadcast", `{"event":"x","payload":"`+long+`"}`) },
		"beside the payload": func(c *client) { c.send("1", lobby, "broadcast", `{"event":"x","more":"`+long+`"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			h := testHub(nil)
			h.cfg.Limits.Bytes = Rate{PerSecond: 1000, Burst: 20_000}
			c, listener, service := connect(t, h, wire.V2), connect(t, h, wire.V2), connect(t, h, wire.V2)
			c.join(lobby, `{"presence":{"enabled":false},"broadcast":{"ack":true}}`)
			listener.join(lobby, quiet)
			service.send("1", lobby, "phx_join", `{"access_token":"service","config":{"presence":{"enabled":false}}}`)
			started, bytes := time.Now(), h.cfg.Limits.Bytes
			for range 50 {
				send(c)
			}
			least, most := bytes.Burst/6000, (bytes.Burst+int(bytes.PerSecond*time.Since(started).Seconds()))/5000
			if got := len(listener.take()); got < least || got > most {
				t.Errorf("%d messages of 5 KB were relayed, want %d to %d", got, least, most)
			}
			said := strings.Join(c.take(), " ")
			if !strings.Contains(said, `"reason":"Too many bytes per second"`) || !strings.Contains(said, `"message":"Too many bytes per second"`) {
				t.Error("the client gets no warning")
			}
			for range 50 {
				send(service)
			}
			if got := len(listener.take()); got != 50 {
				t.Errorf("%d messages of a service were relayed, want 50", got)
			}
		})
	}
}

// A client may track in every channel that it has just joined, and less often in
// one of them.
func TestPresenceIsLimitedByChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no second passes
		h := testHub(nil)
		tracks := func(c *client, topic string) (ok bool) {
			c.send("", topic, "presence", track(fmt.Sprintf(`{"n":%d}`, c.ref)))
			return strings.Contains(strings.Join(c.take(), " "), `"phx_reply",{"status":"ok"`)
		}
		many := connect(t, h, wire.V2)
		for i := range h.cfg.Limits.Channels {
			topic := fmt.Sprint(lobby, i)
			many.join(topic, quiet)
			if !tracks(many, topic) {
				t.Errorf("the first track in channel %d is refused", i)
			}
		}
		one, taken := connect(t, h, wire.V2), 0
		one.join(lobby, quiet)
		for range 100 {
			if tracks(one, lobby) {
				taken++
			}
		}
		if taken != h.cfg.Limits.Presence.Burst {
			t.Errorf("%d of 100 tracks in one channel are taken, want %d", taken, h.cfg.Limits.Presence.Burst)
		}
	})
}

// A page may open all its channels at once. Joins over the budget are answered,
// and nothing else suffers. Clients send them again.
func TestManyJoinsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := testHub(nil)
		c := connect(t, h, wire.V2)
		joins := func(first, last int) (joined, refused int) {
			for i := first; i < last; i++ {
				c.send(fmt.Sprint(c.ref+1), fmt.Sprint(lobby, i), "phx_join", `{"config":`+quiet+`}`)
				switch got := strings.Join(c.take(), " "); {
				case strings.Contains(got, `"status":"ok"`):
					joined++
				case strings.Contains(got, `"status":"error","response":{"reason":"ClientJoinRateLimitReached: Too many joins per second"}`):
					refused++
				default:
					t.Fatalf("join %d is answered %s", i, got)
				}
			}
			return joined, refused
		}
		leaves := func(first, last int) {
			for i := first; i < last; i++ {
				c.send("", fmt.Sprint(lobby, i), "phx_leave", `{}`)
			}
			c.take()
		}
		if joined, _ := joins(0, 100); joined != 100 {
			t.Fatalf("%d of 100 channels joined", joined)
		}
		leaves(0, 100)
		if joined, refused := joins(0, 50); joined != 20 || refused != 30 {
			t.Errorf("%d joined and %d were refused, want what is left of the burst", joined, refused)
		}
		c.send("", "phoenix", "heartbeat", `{}`)
		if got := c.take(); len(got) != 1 || !strings.Contains(got[0], `"status":"ok"`) {
			t.Errorf("a heartbeat after it is answered %v", got)
		}
		time.Sleep(2 * time.Second)
		if joined, _ := joins(20, 60); joined != 40 {
			t.Errorf("%d of 40 joined two seconds later", joined)
		}
		// A single-page app that turns its pages of twelve channels.
		leaves(0, 60)
		for range 20 {
			time.Sleep(time.Second)
			if joined, _ := joins(0, 12); joined != 12 {
				t.Errorf("%d of the 12 channels of a page joined", joined)
			}
			leaves(0, 12)
		}
	})
}

// A channel that is joined again is still one channel.
func TestAJoinOfTheSameTopicAtTheLimit(t *testing.T) {
	h := testHub(nil)
	h.cfg.Limits.Channels = 2
	c := connect(t, h, wire.V2)
	c.join("realtime:a", quiet)
	c.join("realtime:b", quiet)
	c.send("9", "realtime:c", "phx_join", `{}`)
	if got := c.take(); !strings.Contains(got[0], "ChannelRateLimitReached: Too many channels") {
		t.Errorf("a third channel: %v", got)
	}
	c.join("realtime:b", quiet)
}
