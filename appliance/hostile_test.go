package appliance

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
)

// TestTenThousandJoins: as many topics, and then one topic again and again. No
// more channels come of it than a client may have.
func TestTenThousandJoins(t *testing.T) {
	t.Parallel()
	const joins = 10_000
	b := openBox(t, Config{Limits: map[string]int{"joins": joins}})
	channels := float64(usualLimits["channels"])
	p := b.passer("")
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

// flood joins so many times, some topics in turn, and reads what is answered
// meanwhile.
func (p *passer) flood(joins, topics int) {
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
	p.hears("end", `"status":"ok"`)
	if err := <-done; err != nil {
		p.b.t.Fatal(err)
	}
}

// TestPresenceOfAMegabyte ends its sender's connection and reaches nobody.
func TestPresenceOfAMegabyte(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	track := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("99"), rough.topic, "presence",
		[]byte(`{"event":"track","payload":{"text":"`+strings.Repeat("x", 1<<20)+`"}}`))
	_ = rough.ws.WriteMessage(websocket.TextMessage, track.Payload()) // the box may hang up in the middle
	select {
	case <-rough.closed:
	case <-time.After(patience):
		t.Fatal("the box does not hang up")
	}
	listener.alive()
	for _, m := range listener.waiting {
		if len(m.payload) > 1<<16 {
			t.Errorf("%s of %d bytes", m.event, len(m.payload))
		}
	}
}

// TestSlowBodies begin and never go on. The box gives them up on every path,
// with an answer or without.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{}, func(a *Appliance) { a.server.ReadTimeout = 200 * time.Millisecond })
	b.open("MUSIC-2024")
	for _, path := range []string{
		batchPath, batchPath + "/lobby/events/x", "/api/broadcast", // the tables have a test of their own
		"/auth/v1/signup", "/auth/v1/token?grant_type=password", "/box/v1/join", "/box/v1/claim",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if answer := b.in(t).trickle(path); strings.Contains(answer, " 20") {
				t.Errorf("it was taken: %.80s", answer)
			}
		})
	}
}

// trickle sends the beginning of a request's body and then nothing, and
// returns what the box says until it hangs up.
func (b *box) trickle(path string) (answer string) {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.Addr().String())
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"+
		"Content-Length: 1000\r\n\r\n{", path, b.Addr(), b.token(serviceClaims))
	if err != nil {
		b.t.Fatal(err)
	}
	raw, err := io.ReadAll(conn)
	if err != nil {
		b.t.Errorf("the box does not hang up: %v", err)
	}
	line, _, _ := strings.Cut(string(raw), "\r\n")
	return line
}
