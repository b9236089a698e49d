package boxtest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// The tests that count goroutines do not run in parallel.

// TestWhatAConnectionCosts joins many clients that then send nothing.
func TestWhatAConnectionCosts(t *testing.T) {
	const idle, each = 200, 2
	b := openBox(t, roomy(idle))
	before := b.awake()
	for i := range idle {
		b.visitor("").join(channelOf(i), "")
	}
	if got := value(b.scrape(), "connections"); got != idle {
		t.Fatalf("%v are connected, want %d", got, idle)
	}
	eventually(t, fmt.Sprintf("no more than %d goroutines a connection", each), func() string {
		if more := b.settled() - before; more > each*idle {
			return fmt.Sprintf("%d for %d connections", more, idle)
		}
		return ""
	})
}

// TestNothingIsLeftOfClientsThatLeft has hundreds come and leave, in every way of
// leaving.
func TestNothingIsLeftOfClientsThatLeft(t *testing.T) {
	const cycles = 400
	b := openBox(t, roomy(cycles))
	b.leavesNoGoroutine(func() {
		b.leavesNothing(func() {
			for i := range cycles {
				p := b.visitor("").join(channelOf(i), "")
				waysToLeave[i%len(waysToLeave)](p)
			}
		})
	})
}

// TestNothingIsLeftOfLingeringMembers cuts the sockets of members with chosen
// presence keys, who stay present for a while.
func TestNothingIsLeftOfLingeringMembers(t *testing.T) {
	const lost = 50
	t.Parallel()
	b := openBox(t, roomy(lost))
	b.leavesNothing(func() {
		for i := range lost {
			b.visitor("").join("plain", fmt.Sprint("key ", i)).cut()
		}
		if got := value(b.scrape(), "presence_entries"); got == 0 {
			t.Error("no lingering member is present")
		}
	})
}

// TestARefusedUpgradeLeavesNothing asks for sockets with wrong keys and versions.
func TestARefusedUpgradeLeavesNothing(t *testing.T) {
	b := openBox(t, appliance.Config{})
	b.leavesNoGoroutine(func() {
		for i := range 100 {
			q := url.Values{"apikey": {[]string{"", "nonsense", b.token(anonClaims)}[i%3]}, "vsn": {"7"}}
			_, resp, err := websocket.DefaultDialer.Dial("ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
			if err == nil || resp == nil || resp.StatusCode == http.StatusSwitchingProtocols {
				t.Fatalf("request %d was accepted", i)
			}
			_ = resp.Body.Close()
		}
	})
}

// leavesNothing runs a function, and fails unless the box is soon as before.
func (b *box) leavesNothing(do func()) {
	b.t.Helper()
	was := b.scrape()
	do()
	eventually(b.t, "the box as it was", func() (wrong string) {
		now := b.scrape()
		for _, name := range []string{
			"connections", "queued_bytes", "channels", "members", "presence_entries", "change_listeners", "rooms",
		} {
			if is, had := value(now, name), value(was, name); is != had {
				wrong += fmt.Sprintf(" %s %v, was %v", name, is, had)
			}
		}
		return wrong
	})
}

// leavesNoGoroutine runs a function, and fails if a goroutine outlives it.
func (b *box) leavesNoGoroutine(do func()) {
	b.t.Helper()
	before := b.awake()
	do()
	eventually(b.t, "the goroutines as they were", func() string {
		if now := b.settled(); now > before {
			return fmt.Sprintf("%d, were %d:\n%s", now, before, stacks())
		}
		return ""
	})
}

// roomy configures a box for that many clients at one address.
func roomy(clients int) appliance.Config {
	return appliance.Config{
		Door:   room.DoorOpen,
		Limits: map[string]int{"clients": 2 * clients, "device-clients": 2 * clients},
	}
}

// channelOf spreads clients over a room and a few plain channels.
func channelOf(i int) string {
	if i%8 == 0 {
		return wire.RoomPrefix + "MUSIC-2024"
	}
	return fmt.Sprint("lobby ", i%8)
}

// visitor is a client without a goroutine of its own.
type visitor struct {
	b     *box
	ws    *websocket.Conn
	topic string
}

// visitor connects with a token, or as anon.
func (b *box) visitor(token string) *visitor {
	b.t.Helper()
	if token == "" {
		token = b.token(anonClaims)
	}
	q := url.Values{"apikey": {token}, "vsn": {"2.0.0"}, "frames": {"1"}}
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	b.t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	return &visitor{b: b, ws: ws}
}

// join joins a channel, is present there, and listens to changes of a table.
func (p *visitor) join(topic, key string) *visitor {
	p.b.t.Helper()
	p.topic = wire.TopicPrefix + topic
	p.say("1", "phx_join", fmt.Sprintf(`{"config":{"presence":{"key":%q,"enabled":true},`+
		`"postgres_changes":[{"event":"*","schema":"public","table":"lesson_plans"}]}}`, key))
	p.say("2", "presence", `{"type":"presence","event":"track","payload":{"name":"somebody"}}`)
	p.expectReply("2", `"status":"ok"`)
	return p
}

func (p *visitor) say(ref, event, payload string) {
	p.b.t.Helper()
	m := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef(ref), p.topic, event, []byte(payload))
	if err := p.ws.WriteMessage(websocket.TextMessage, m.Payload()); err != nil {
		p.b.t.Fatal(err)
	}
}

// expectReply reads until the reply to a message, which must hold those words.
func (p *visitor) expectReply(ref, words string) {
	p.b.t.Helper()
	for {
		_, m, err := p.ws.ReadMessage()
		if err != nil {
			p.b.t.Fatal(err)
		}
		if text := string(m); strings.HasPrefix(text, `["1","`+ref+`"`) {
			if !strings.Contains(text, words) {
				p.b.t.Fatalf("the box answers %s, want %s", text, words)
			}
			return
		}
	}
}

// waysToLeave are the ways to leave.
var waysToLeave = []func(p *visitor){
	func(p *visitor) { // as a program that ends properly
		p.say("3", "phx_leave", `{}`)
		p.expectReply("3", `"status":"ok"`)
		p.hangUp(websocket.CloseNormalClosure)
	},
	func(p *visitor) { p.hangUp(websocket.CloseGoingAway) }, // a tab is closed
	(*visitor).cut,
	func(p *visitor) { _ = p.ws.Close() }, // without a close frame
	func(p *visitor) { // in the middle of a frame
		_, _ = p.ws.NetConn().Write([]byte{0x81, 0xfe, 1, 0, 0, 0})
		p.cut()
	},
	func(p *visitor) { // while the box is sending
		for range 20 {
			p.say("4", "presence", `{"type":"presence","event":"untrack"}`)
		}
		p.cut()
	},
}

// hangUp closes the WebSocket properly, and waits for the box to close too.
func (p *visitor) hangUp(code int) {
	p.b.t.Helper()
	if err := p.ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(code, "")); err != nil {
		p.b.t.Fatal(err)
	}
	for {
		if _, _, err := p.ws.ReadMessage(); err != nil {
			break
		}
	}
	_ = p.ws.Close()
}

// cut ends the socket as a lost network does.
func (p *visitor) cut() {
	_ = p.ws.NetConn().(*net.TCPConn).SetLinger(0)
	_ = p.ws.NetConn().Close()
}

// eventually fails unless look finds nothing missing before patience ends.
func eventually(t *testing.T, what string, look func() (wrong string)) {
	t.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); ; <-again.C {
		wrong := look()
		if wrong == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("want %s: %s", what, wrong)
		}
	}
}

// awake counts the goroutines of an idle box with a room. It waits until all
// parts run.
func (b *box) awake() int {
	b.t.Helper()
	b.open("MUSIC-2024")
	eventually(b.t, "all parts at work", func() (missing string) {
		running := stacks()
		for _, part := range []string{
			"(*Appliance).serve", "transport.(*Server).Run", "(*Hub).Run", "(*Rooms).Run",
			"(*saver).run", "people.(*Register).Run", "(*Room).run",
		} {
			if !strings.Contains(running, part) {
				missing += " " + part
			}
		}
		return missing
	})
	return b.settled()
}

// settled counts the goroutines, without those that are about to end and those of
// the test's own requests.
func (b *box) settled() int {
	b.http.CloseIdleConnections()
	least := runtime.NumGoroutine()
	for range 1000 {
		runtime.Gosched()
		least = min(least, runtime.NumGoroutine())
	}
	return least
}

// stacks is the stack of every goroutine.
func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}
