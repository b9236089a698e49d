package boxtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/wire"
)

// TestTenThousandJoins joins that many topics, and then one topic that often. The
// client gets no more channels than the limit.
func TestTenThousandJoins(t *testing.T) {
	t.Parallel()
	const joins = 10_000
	b := openBox(t, appliance.Config{Limits: map[string]int{"joins": joins}})
	channels := float64(usualLimits["channels"])
	p := b.visitor("")
	for name, topics := range map[string]int{"many topics": joins, "one topic": 1} {
		p.flood(max(topics, joins/10), topics)
		if now := b.scrape(); value(now, "channels") > channels || value(now, "members") > channels || value(now, "presence_entries") > 0 {
			t.Errorf("%s: %v channels with %v members, want at most %v", name, value(now, "channels"), value(now, "members"), channels)
		}
	}
	if now := b.scrape(); value(now, "joins_refused_total", "ChannelRateLimitReached") == 0 {
		t.Error("nothing was refused")
	}
	p.hangUp(websocket.CloseNormalClosure)
	eventually(b.t, "no channels", func() string {
		if left := value(b.scrape(), "channels"); left > 0 {
			return fmt.Sprint(left)
		}
		return ""
	})
}

// flood joins a number of topics in turn, and reads the answers meanwhile.
func (p *visitor) flood(joins, topics int) {
	p.b.t.Helper()
	done := make(chan error, 1)
	go func() { // ends with the last write, or when the test closes the socket
		for i := range joins {
			m := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), fmt.Sprint("realtime:", i%topics), "phx_join", []byte(`{"config":{}}`))
			if err := p.ws.WriteMessage(websocket.TextMessage, m.Payload()); err != nil {
				done <- err
				return
			}
		}
		done <- p.ws.WriteMessage(websocket.TextMessage, []byte(`["1","end","phoenix","heartbeat",{}]`))
	}()
	p.expectReply("end", `"status":"ok"`)
	if err := <-done; err != nil {
		p.b.t.Fatal(err)
	}
}

// TestPresenceOfAMegabyte is answered and reaches no other client.
func TestPresenceOfAMegabyte(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	track := object{"event": "track", "payload": object{"text": strings.Repeat("x", 1<<20)}}
	if r := rough.reply(rough.push(rough.topic, "presence", track)); r.Response.Reason != "payload_size_exceeded" {
		t.Errorf("it is answered %+v", r)
	}
	rough.alive()
	listener.alive()
	for _, m := range listener.waiting {
		if len(m.payload) > 1<<16 {
			t.Errorf("%s of %d bytes", m.event, len(m.payload))
		}
	}
}
