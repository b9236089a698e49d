package realtime

import (
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/wire"
)

// TestPlainChannelsAreBoundedInBytes sends few messages, each as long as may
// be, wherever their length is.
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
			if heard := len(listener.take()); heard < least || heard > most {
				t.Errorf("%d messages of 5 KB were relayed, want %d to %d", heard, least, most)
			}
			said := strings.Join(c.take(), " ")
			if !strings.Contains(said, `"reason":"Too many bytes per second"`) || !strings.Contains(said, `"message":"Too many bytes per second"`) {
				t.Error("the client is not told")
			}
			for range 50 {
				send(service)
			}
			if heard := len(listener.take()); heard != 50 {
				t.Errorf("of a service %d messages were relayed, want 50", heard)
			}
		})
	}
}
