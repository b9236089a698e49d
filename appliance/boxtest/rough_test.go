package boxtest

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

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

func TestFramesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	empty, err := wire.AppendPush(nil, wire.Message{JoinRef: wire.TextRef("1"), Topic: rough.topic, Event: wire.EventNotes})
	if err != nil {
		t.Fatal(err)
	}
	notes := string(empty)
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
		t.Log(name) // the last name is the one that failed
		kind := websocket.TextMessage
		if strings.HasPrefix(name, "binary") {
			kind = websocket.BinaryMessage
		}
		rough.write(kind, []byte(frame))
		rough.alive()
	}
	rough.must("play_note", object{"midi": 60})
	if on := listener.nextNote("student_note"); on.Seq != 1 {
		t.Errorf("the first note is %+v", on)
	}
}

func TestFramesThatAreTooLong(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	rough, listener, service := b.student("MUSIC-2024"), b.student("MUSIC-2024"), b.dial(b.token(serviceClaims)).join("MUSIC-2024")
	long := object{"text": strings.Repeat("x", wire.MaxFrame)}
	service.must("long", long)
	listener.expect("long")
	if r := rough.ask("long", long); r.Response.Reason != "payload_size_exceeded" || r.Response.Message == "" {
		t.Errorf("a frame that is too long is answered %+v", r)
	}
	if got, _ := rough.expect("system").fields()["message"].(string); !strings.HasPrefix(got, "payload_size_exceeded") {
		t.Errorf("and with %q", got)
	}
	rough.sendBinary(wire.Message{Ref: wire.TextRef("long"), Event: "long", Encoding: wire.JSON, Payload: []byte(`"` + strings.Repeat("x", wire.MaxServiceFrame) + `"`)})
	if r := rough.reply("long"); r.Response.Reason != "payload_size_exceeded" {
		t.Errorf("a longer one is answered %+v", r)
	}
	rough.alive()
	service.must("chat", object{})
	for _, event := range listener.until("chat") {
		if event == "long" {
			t.Error("a frame that was too long was passed on")
		}
	}
}

func TestFloods(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	for event, tt := range map[string]struct {
		burst int
		heard string // by others
	}{
		"play_note": {usualLimits.Rate("notes").Burst, "student_note"},
		"chat":      {usualLimits.Rate("events").Burst, "chat"},
		"resync":    {usualLimits.Rate("events").Burst, ""},
	} {
		t.Run(event, func(t *testing.T) {
			b := b.in(t)
			rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
			taken := rough.flood(event, 1000)
			if taken < tt.burst || taken == 1000 {
				t.Errorf("%d of 1000 were taken, want %d and few more", taken, tt.burst)
			}
			if got := rough.expect("system").fields()["message"]; got != "Too many messages per second" {
				t.Errorf("the client got %v", got)
			}
			listener.alive()
			if got := listener.count(tt.heard); tt.heard != "" && (got == 0 || got > taken) {
				t.Errorf("%d were accepted and %d arrived", taken, got)
			}
			if event == "play_note" {
				rough.must("stop_note", object{"midi": 60}) // ending a note is free
				listener.expect("student_note_off")
			}
		})
	}
}

// flood sends an event n times without waiting, and counts how many the box
// accepted. It must refuse the others as too fast.
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

// count counts the kept messages of an event.
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
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	began, budget := time.Now(), usualLimits.Rate("joins")
	var refs []string
	for range 500 {
		refs = append(refs, rough.push(rough.topic, "phx_join", object{"config": object{"broadcast": object{"ack": true}}}))
	}
	joined := 0
	for _, ref := range refs {
		switch r := rough.reply(ref); {
		case r.Status == "ok":
			joined++
		case r.Response.Reason != "ClientJoinRateLimitReached: Too many joins per second":
			t.Fatalf("a join is answered %+v", r)
		}
	}
	if most := budget.Burst + int(budget.PerSecond*time.Since(began).Seconds()); joined < budget.Burst-1 || joined > most {
		t.Errorf("%d of 500 joined, want from %d to %d", joined, budget.Burst-1, most)
	}
	rough.alive()
	listener.alive()
}

// TestAClientThatNeverReads fills its connection until the box drops it.
// Meanwhile the others get everything.
func TestAClientThatNeverReads(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	listener := b.student("MUSIC-2024")
	b.neverReads("MUSIC-2024")
	service := b.dial(b.token(serviceClaims)).join("MUSIC-2024")
	text := object{"text": strings.Repeat("x", wire.MaxServiceFrame/4)}
	for all := b.online(); b.online() == all; {
		service.must("long", text)
		listener.expect("long")
	}
	service.must("play_note", object{"midi": 60})
	listener.expect("student_note")
}

// online counts the connected students in all rooms.
func (b *box) online() (n int) {
	b.t.Helper()
	var rooms []room.Summary
	if status := b.staffCall("GET", "/box/v1/rooms", nil, &rooms); status != http.StatusOK {
		b.t.Fatalf("the list of rooms: %d", status)
	}
	for _, r := range rooms {
		n += r.Online
	}
	return n
}

// neverReads joins a room with a client that never reads. It returns once the
// client is online.
func (b *box) neverReads(code string) {
	b.t.Helper()
	watch := b.student(code)
	seat := b.sit(code, "")
	ws := b.dialUnread(seat.Token)
	join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), topicOf(code), "phx_join", wire.Nothing)
	if err := ws.WriteMessage(websocket.TextMessage, join.Payload()); err != nil {
		b.t.Fatal(err)
	}
	for {
		var changed room.MemberChanged
		watch.expect("member_changed").into(&changed)
		if changed.Member.ID == seat.Member.StudentID && changed.Member.Online {
			return
		}
	}
}

// dialUnread connects a client that never reads, with a small receive buffer.
func (b *box) dialUnread(token string) *websocket.Conn {
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

// TestTabsShareTheBudgetOfTheirMember plays more on several tabs than one member
// may.
func TestTabsShareTheBudgetOfTheirMember(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	sounded, budget, began := 0, usualLimits.Rate("notes"), time.Now()
	for range 4 { // each on a new connection
		c := b.dial(seat.Token).join("MUSIC-2024")
		for range budget.Burst / 2 {
			if c.ask("play_note", object{"midi": 60}).Status == "ok" {
				sounded++
			}
		}
		c.close()
	}
	notMore(t, sounded, budget, time.Since(began))
}

// notMore fails if more notes sounded than the budget allows in that time.
func notMore(t *testing.T, sounded int, budget limits.Rate, took time.Duration) {
	t.Helper()
	if most := budget.Burst + int(budget.PerSecond*took.Seconds()); sounded > most {
		t.Errorf("%d notes sounded in %v, at most %d may", sounded, took, most)
	}
}

// TestAReturningGuestHasNoNewBudget leaves the channel and joins it again.
func TestAReturningGuestHasNoNewBudget(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Door: room.DoorOpen})
	b.open("MUSIC-2024")
	guest := b.dial(b.token(anonClaims))
	sounded, budget, began := 0, usualLimits.Rate("notes"), time.Now()
	for range 5 {
		guest.join("MUSIC-2024")
		for range budget.Burst {
			if guest.ask("play_note", object{"midi": 60}).Status == "ok" {
				sounded++
			}
		}
		guest.reply(guest.push(guest.topic, "phx_leave", object{}))
	}
	notMore(t, sounded, budget, time.Since(began))
}

func TestWordsAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	burst := usualLimits.Rate("bytes").Burst
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
			refilled := int(usualLimits.Rate("bytes").PerSecond * time.Since(started).Seconds())
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
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	c := b.student("MUSIC-2024")
	r := c.reply(c.push(c.topic, "presence", object{"event": "track", "payload": object{"text": strings.Repeat("x", 10_000)}}))
	if r.Response.Reason != "Track message size exceeded" {
		t.Errorf("too much presence is answered %+v", r)
	}
	c.alive()
}

// askSocket asks for a socket that stays open until the test ends, and reports
// whether the box accepted. Otherwise the box must say that it is full.
func (b *box) askSocket(token string) bool {
	b.t.Helper()
	q := url.Values{"apikey": {token}, "vsn": {"2.0.0"}}
	ws, resp, err := b.dialer.DialContext(b.t.Context(), "ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
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
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	var dialling sync.WaitGroup
	var got atomic.Int64
	for range 40 {
		dialling.Go(func() {
			if b.askSocket(seat.Token) {
				got.Add(1)
			}
		})
	}
	dialling.Wait()
	if want := usualLimits["member-clients"]; int(got.Load()) != want {
		t.Errorf("one member has %d connections, want %d", got.Load(), want)
	}
	b.student("MUSIC-2024").must("chat", object{}) // the other members keep their places
}

func TestStaffHasReservedPlaces(t *testing.T) {
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
			b := openBox(t, appliance.Config{Limits: tt.limits})
			b.open("MUSIC-2024")
			got := 0
			for got <= tt.anon && b.askSocket(b.token(anonClaims)) {
				got++
			}
			if got != tt.anon {
				t.Errorf("a program has %d connections, want %d", got, tt.anon)
			}
			for _, claims := range []auth.Claims{teacherClaims, serviceClaims, stage} {
				if !b.askSocket(b.token(claims)) {
					t.Errorf("no place for %+v", claims)
				}
			}
		})
	}
}

// The answers to a client that never reads must not fill the box.
func TestAFloodOfPings(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"broadcasts": 100_000}}) // the box reads without a limit
	ws := b.dialUnread(b.token(anonClaims))
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
		if waiting := value(now, "queued_bytes"); waiting > 1000 { // more than the answer to the heartbeat
			t.Fatalf("%v bytes wait", waiting)
		}
		if value(now, "messages_received_total") > 0 || value(now, "connections") == 0 {
			return // the box read all of them, or dropped the client
		}
	}
}
