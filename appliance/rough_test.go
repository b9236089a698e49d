package appliance

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

func TestFramesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	notes := string([]byte{3, 1, 0, byte(len(rough.topic)), 1, 0, byte(wire.Binary), '1'}) + rough.topic + "n"
	for name, frame := range map[string]string{
		"nothing":                 "",
		"words":                   "hello",
		"half of a list":          `["1","2"`,
		"a short list":            `["1","2","topic"]`,
		"an object":               `{"topic":"phoenix"}`,
		"a list of wrong types":   `[1,{},[],null,7]`,
		"not UTF-8":               "[\"1\",\"2\",\"\xff\",\"x\",{}]",
		"deep":                    strings.Repeat("[", 20_000),
		"a broadcast of nothing":  `["1","bad","` + rough.topic + `","broadcast",null]`,
		"a broadcast of a list":   `["1","bad","` + rough.topic + `","broadcast",[1]]`,
		"an unknown event":        `["1","bad","` + rough.topic + `","flush",{}]`,
		"another's topic":         `["1","bad","` + topicOf("CHOIR-1000") + `","broadcast",{"event":"start"}]`,
		"binary: nothing":         "\x00",
		"binary: unknown kind":    "\x7f\x01\x01\x01\x01",
		"binary: lies of lengths": "\x03\xff\xff\xff\xff\xff\x00abc",
		"binary: no notes":        notes,
		"binary: half a note":     notes + "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00",
		"binary: 255 notes":       notes + "\x01\x00\x00\x00\x00\x00\x00\x00\x00\xff",
		"binary: not a time":      notes + "\x01\xff\xf8\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x3c\x50",
	} {
		t.Log(name) // the last one, when the test fails
		kind := websocket.TextMessage
		if strings.HasPrefix(name, "binary") {
			kind = websocket.BinaryMessage
		}
		rough.write(kind, []byte(frame))
		rough.alive()
	}
	rough.must("play_note", object{"midi": 60})
	if on := listener.hears("student_note"); on.Seq != 1 {
		t.Errorf("the first note that was heard is %+v", on)
	}
}

func TestFramesThatAreTooLong(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	rough, listener, service := b.student("MUSIC-2024"), b.student("MUSIC-2024"), b.dial(b.token(serviceClaims)).join("MUSIC-2024")
	long := object{"text": strings.Repeat("x", wire.MaxFrame)}
	service.must("long", long)
	listener.expect("long")
	rough.send("long", long)
	rough.hungUp(websocket.CloseMessageTooBig)
	service.must("chat", object{})
	for _, event := range listener.until("chat") {
		if event == "long" {
			t.Error("a frame that was too long was passed on")
		}
	}
}

func TestFloods(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	for event, tt := range map[string]struct {
		burst int
		heard string // by others
	}{
		"play_note": {usualLimits.rate("notes").Burst, "student_note"},
		"chat":      {usualLimits.rate("events").Burst, "chat"},
		"resync":    {usualLimits.rate("events").Burst, ""},
	} {
		t.Run(event, func(t *testing.T) {
			b := b.in(t)
			rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
			taken := rough.flood(event, 1000)
			if taken < tt.burst || taken == 1000 {
				t.Errorf("%d of 1000 were taken, want %d and few more", taken, tt.burst)
			}
			if got := rough.expect("system").fields()["message"]; got != "Too many messages per second" {
				t.Errorf("the client was told %v", got)
			}
			listener.alive()
			if got := listener.count(tt.heard); tt.heard != "" && (got == 0 || got > taken) {
				t.Errorf("%d were taken and %d heard", taken, got)
			}
			if event == "play_note" {
				rough.must("stop_note", object{"midi": 60}) // the end of a note is free
				listener.expect("student_note_off")
			}
		})
	}
}

// flood sends an event n times without waiting, and counts how many the box
// took. The others must have been refused as too fast.
func (c *client) flood(event string, n int) (taken int) {
	c.t.Helper()
	var refs []string
	for range n {
		refs = append(refs, c.send(event, object{"midi": 60}))
	}
	for _, ref := range refs {
		switch r := c.reply(ref); {
		case r.Status == "ok":
			taken++
		case r.Response.Reason != "too_fast" || r.Response.Message == "":
			c.t.Fatalf("over the limit: %+v", r)
		}
	}
	return taken
}

// count is how often an event waits to be expected.
func (c *client) count(event string) (n int) {
	for _, m := range c.waiting {
		if m.event == event {
			n++
		}
	}
	return n
}

func TestTooManyJoins(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	for range 1000 {
		// The box hangs up in the middle of this.
		join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), rough.topic, "phx_join", wire.Nothing)
		if rough.ws.WriteMessage(websocket.TextMessage, join.Payload()) != nil {
			break
		}
	}
	rough.hungUp(websocket.CloseGoingAway)
	listener.alive()
}

// TestAClientThatNeverReads fills its connection until the box gives it up;
// meanwhile the others hear everything.
func TestAClientThatNeverReads(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	listener := b.student("MUSIC-2024")
	deaf := b.neverReads("MUSIC-2024")
	service := b.dial(b.token(serviceClaims)).join("MUSIC-2024")
	text := object{"text": strings.Repeat("x", wire.MaxServiceFrame/4)}
	for b.online("MUSIC-2024", deaf) {
		service.must("long", text)
		listener.expect("long")
	}
	service.must("play_note", object{"midi": 60})
	listener.expect("student_note")
}

// online reports whether a member of a room is connected.
func (b *box) online(code, id string) bool {
	m, _ := b.hall.find(code).room.Member(id)
	return m.Online
}

// neverReads is a client that joins a room and never reads anything. It
// returns once the room knows that it is there.
func (b *box) neverReads(code string) (id string) {
	b.t.Helper()
	watch := b.student(code)
	seat := b.sit(code, "")
	ws := b.dialDeaf(seat.Token)
	join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), topicOf(code), "phx_join", wire.Nothing)
	if err := ws.WriteMessage(websocket.TextMessage, join.Payload()); err != nil {
		b.t.Fatal(err)
	}
	for !b.online(code, seat.Member.StudentID) {
		watch.expect("member_changed")
	}
	return seat.Member.StudentID
}

// dialDeaf connects a client that never reads, and that has little room for
// what it does not read.
func (b *box) dialDeaf(token string) *websocket.Conn {
	b.t.Helper()
	dialer := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4096) // full soon
		}
		return conn, err
	}}
	q := url.Values{"apikey": {token}, "vsn": {"2.0.0"}}
	ws, resp, err := dialer.DialContext(b.t.Context(), "ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	b.t.Cleanup(func() { _ = ws.Close() })
	return ws
}

// TestTabsShareTheBudgetOfTheirMember plays on two tabs more than one may.
func TestTabsShareTheBudgetOfTheirMember(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	sounded, budget := 0, usualLimits.rate("notes")
	for range 4 { // each a new connection
		c := b.dial(seat.Token).join("MUSIC-2024")
		for range budget.Burst / 2 {
			if c.ask("play_note", object{"midi": 60}).Status == "ok" {
				sounded++
			}
		}
		c.close()
	}
	if most := budget.Burst + 3*int(budget.PerSecond); sounded > most { // it takes well under three seconds
		t.Errorf("%d notes sounded at once, at most %d may", sounded, most)
	}
}

// TestAGuestWhoComesAgainHasNoNewBudget leaves the channel and joins it anew.
func TestAGuestWhoComesAgainHasNoNewBudget(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{Door: room.DoorOpen})
	b.open("MUSIC-2024")
	guest := b.dial(b.token(anonClaims))
	sounded, budget := 0, usualLimits.rate("notes")
	for range 5 {
		guest.join("MUSIC-2024")
		for range budget.Burst {
			if guest.ask("play_note", object{"midi": 60}).Status == "ok" {
				sounded++
			}
		}
		guest.reply(guest.push(guest.topic, "phx_leave", object{}))
	}
	if most := budget.Burst + 3*int(budget.PerSecond); sounded > most { // it takes well under three seconds
		t.Errorf("%d notes sounded at once, at most %d may", sounded, most)
	}
}

func TestWordsAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	burst := usualLimits.rate("bytes").Burst
	text := strings.Repeat("x", burst/8)
	for where, message := range map[string]object{
		"in the payload":      {"event": "chat", "payload": object{"text": text}},
		"beside the payload":  {"event": "chat", "payload": object{}, "text": text},
		"without any payload": {"event": "chat", "text": text},
		"in the event's name": {"event": text, "payload": object{}},
	} {
		t.Run(where, func(t *testing.T) {
			c := b.in(t).student("MUSIC-2024")
			started, sent, last := time.Now(), 0, reply{Status: "ok"}
			for sent < 100*burst && last.Status == "ok" {
				last = c.reply(c.push(c.topic, "broadcast", message))
				sent += len(text)
			}
			refilled := int(usualLimits.rate("bytes").PerSecond * time.Since(started).Seconds())
			if sent > 3*burst/2+refilled || last.Response.Reason != "too_fast" {
				t.Errorf("%d bytes were relayed at once, and then: %+v", sent, last)
			}
			c.expect("system")
			c.must("play_note", object{"midi": 60})
		})
	}
}

func TestPresenceIsBounded(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	c := b.student("MUSIC-2024")
	r := c.reply(c.push(c.topic, "presence", object{"event": "track", "payload": object{"text": strings.Repeat("x", 10_000)}}))
	if r.Response.Reason != "Track message size exceeded" {
		t.Errorf("too much presence is answered %+v", r)
	}
	c.alive()
}

// knock asks for a socket that stays open until the test ends, and reports
// whether the box gave one. If not, it must have said that it is full.
func (b *box) knock(token string) bool {
	b.t.Helper()
	q := url.Values{"apikey": {token}, "vsn": {"2.0.0"}}
	ws, resp, err := websocket.DefaultDialer.DialContext(b.t.Context(), "ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
	if err == nil {
		_ = resp.Body.Close()
		b.t.Cleanup(func() { _ = ws.Close() })
		return true
	}
	if resp == nil {
		b.t.Error(err)
		return false
	}
	answer, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if want := `{"error":"Too many connected users"}`; resp.StatusCode != http.StatusTooManyRequests || strings.TrimSpace(string(answer)) != want {
		b.t.Errorf("got %d %s, want 429 %s", resp.StatusCode, answer, want)
	}
	return false
}

func TestOneMemberDialsManyAtOnce(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	var dialling sync.WaitGroup
	var got atomic.Int64
	for range 40 {
		dialling.Go(func() {
			if b.knock(seat.Token) {
				got.Add(1)
			}
		})
	}
	dialling.Wait()
	if want := usualLimits["member-clients"]; int(got.Load()) != want {
		t.Errorf("one member has %d connections, want %d", got.Load(), want)
	}
	b.student("MUSIC-2024").must("chat", object{}) // the others have their places
}

func TestStaffHasPlacesThatNobodyElseCanTake(t *testing.T) {
	t.Parallel()
	stage := auth.Member("screen", "MUSIC-2024", "stage")
	for name, tt := range map[string]struct {
		limits map[string]int
		anon   int // how many connections a program gets
	}{
		"a full box":             {map[string]int{"clients": 12}, 6},
		"a device with its part": {map[string]int{"device-clients": 5}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBox(t, Config{Limits: tt.limits})
			b.open("MUSIC-2024")
			got := 0
			for got <= tt.anon && b.knock(b.token(anonClaims)) {
				got++
			}
			if got != tt.anon {
				t.Errorf("a program has %d connections, want %d", got, tt.anon)
			}
			for _, claims := range []auth.Claims{teacherClaims, serviceClaims, stage} {
				if !b.knock(b.token(claims)) {
					t.Errorf("no place for %+v", claims)
				}
			}
		})
	}
}

// TestAFloodOfPings: the answers to a client that never reads must not fill
// the box.
func TestAFloodOfPings(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{Limits: map[string]int{"broadcasts": 100_000}}) // it reads as fast as they come
	ws := b.dialDeaf(b.token(anonClaims))
	const pings = 200_000
	flood := strings.Repeat("\x89\x80\x00\x00\x00\x00", pings) // without data, and masked with zeros
	if _, err := io.WriteString(ws.NetConn(), flood); err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte(`[null,"1","phoenix","heartbeat",{}]`)); err != nil {
		t.Fatal(err)
	}
	for {
		now := b.scrape()
		if waiting := value(now, "queued_bytes"); waiting > 1000 { // the heartbeat's answer is less
			t.Fatalf("%v bytes wait", waiting)
		}
		if value(now, "messages_received_total") > 0 || value(now, "connections") == 0 {
			return // it read all of them, or gave the client up
		}
	}
}
