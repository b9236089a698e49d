package transport

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// box is a running server with the connections it accepted.
type box struct {
	*Server
	url   string
	conns chan *Conn
	stop  func()
}

// receiver is a Receiver made of functions. Those that are not set do nothing.
type receiver struct {
	conn    *Conn
	receive func(c *Conn, message []byte)
	tooLong func(c *Conn, outline []byte)
	closed  func()
}

func (r *receiver) Receive(message []byte, _ bool, _ clock.Millis) {
	if r.receive != nil {
		r.receive(r.conn, message)
	}
}

func (r *receiver) TooLong(outline []byte, _ bool) {
	if r.tooLong != nil {
		r.tooLong(r.conn, outline)
	}
}

func (r *receiver) Closed(bool) {
	if r.closed != nil {
		r.closed()
	}
}

func start(t *testing.T, limits Limits, r receiver) *box {
	t.Helper()
	b := prepare(limits)
	b.begin(t, r)
	return b
}

func prepare(limits Limits) *box {
	return &box{Server: NewServer(limits, slog.New(slog.DiscardHandler)), conns: make(chan *Conn, 100)}
}

// begin runs the box until the test ends.
func (b *box) begin(t *testing.T, r receiver) {
	t.Helper()
	h := httptest.NewServer(b.answering(r))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = b.Run(ctx) })
	b.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		h.Close()
	})
	t.Cleanup(b.stop)
	b.url = "ws" + strings.TrimPrefix(h.URL, "http")
}

// dial connects a client and returns it with the box's end.
func (b *box) dial(t *testing.T) (*websocket.Conn, *Conn) {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(b.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	return ws, <-b.conns
}

func echo(c *Conn, message []byte) { c.Reply(binaryMessage(message)) }

func binaryMessage(b []byte) wire.Packet { return wire.Seal(append(wire.Buffer(len(b)), b...), true) }

func read(t *testing.T, ws *websocket.Conn) string {
	t.Helper()
	_, b, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRepliesArriveInOrder(t *testing.T) {
	b := start(t, Limits{}, receiver{receive: echo})
	ws, _ := b.dial(t)
	want := []string{"", "a", strings.Repeat("b", 200), strings.Repeat("c", 70_000), "d"}
	for _, m := range want {
		if err := ws.WriteMessage(websocket.BinaryMessage, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range want {
		if got := read(t, ws); got != m {
			t.Errorf("message %d: got %d bytes, want %d", i, len(got), len(m))
		}
	}
}

func TestOneWriteForAllThatWaits(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	_, c := b.dial(t)
	c.writing.Lock()
	defer c.writing.Unlock()
	c.out.mu.Lock()
	for _, m := range []string{"one", "two"} {
		c.out.queue.push(item{packet: message(m), kind: reply})
	}
	c.out.mu.Unlock()
	c.collect()
	if got, want := c.stream.(*wsStream).batch.bytes(), "\x81\x03one\x81\x03two"; !bytes.Equal(got, []byte(want)) {
		t.Errorf("one write of %q, want %q", got, want)
	}
}

// growing is a Log of numbered messages.
type growing struct {
	mu   sync.Mutex
	sent []wire.Packet
}

func (g *growing) add(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, message(text))
}

func (g *growing) Head() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return uint64(len(g.sent))
}

func (g *growing) Take(cursor uint64) (wire.Packet, uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if cursor == uint64(len(g.sent)) {
		return wire.Packet{}, cursor
	}
	return g.sent[cursor], cursor + 1
}

func TestFollow(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	ws, c := b.dial(t)
	var log growing
	log.add("before")
	c.Follow(&log)
	log.add("first")
	log.add("second")
	c.Wake()
	if a, z := read(t, ws), read(t, ws); a != "first" || z != "second" {
		t.Errorf("got %q and %q", a, z)
	}
	c.Unfollow(&log)
	log.add("third")
	c.Wake()
	c.Reply(message("end"))
	if got := read(t, ws); got != "end" {
		t.Errorf("after Unfollow: got %q", got)
	}
}

func TestClientThatNeverReads(t *testing.T) {
	closed := make(chan struct{}, 2)
	b := start(t, Limits{WriteTimeout: 50 * time.Millisecond}, receiver{receive: echo, closed: func() { closed <- struct{}{} }})
	_, stuck := b.dial(t)
	fine, _ := b.dial(t)
	big := message(strings.Repeat("x", 1<<20))
	for range 5 {
		stuck.Reply(big)
	}
	<-closed // by the janitor, or because its queue overflowed
	if err := fine.WriteMessage(websocket.TextMessage, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, fine); got != "still here" {
		t.Errorf("got %q", got)
	}
}

// snapshot is a state source that answers a resync with a message.
type snapshot struct{ conn *Conn }

func (s *snapshot) Resync() { s.conn.Reply(message("snapshot")) }

func TestSlowReaderGetsASnapshot(t *testing.T) {
	b := start(t, Limits{State: 4, WriteTimeout: time.Minute}, receiver{})
	ws, c := b.dial(t)
	src := &snapshot{conn: c}
	block := message(strings.Repeat("x", 4<<20)) // more than the socket takes
	c.Reply(block)
	for c.progress.Load()%2 == 0 { // until the writer is stuck in that write
		c.Wake()
	}
	for range 100 {
		c.State(message("change"), src)
	}
	var got []string
	for len(got) == 0 || got[len(got)-1] != "snapshot" {
		m := read(t, ws)
		got = append(got, m[:min(len(m), 8)])
	}
	if len(got) > 3 {
		t.Errorf("got %v, want the block and then a snapshot", got)
	}
}

func TestLimits(t *testing.T) {
	b := start(t, Limits{Clients: 1}, receiver{})
	ws, c := b.dial(t)
	_, resp, err := websocket.DefaultDialer.Dial(b.url, nil)
	if err == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second client: got %v, want 429", resp)
	}
	if why := c.check(monotonic()+DefaultGreetTimeout+time.Second, b.limits); why == "" {
		t.Error("a client that never joined may stay")
	}
	c.Greeted()
	if why := c.check(monotonic()+DefaultGreetTimeout+time.Second, b.limits); why != "" {
		t.Errorf("a client that joined may not stay: %s", why)
	}
	if why := c.check(monotonic()+DefaultIdleTimeout+time.Second, b.limits); why == "" {
		t.Error("a silent client may stay")
	}
	_ = ws.Close()
}

// TestMessagesOverTheReadLimit sends them whole and in fragments, between others.
func TestMessagesOverTheReadLimit(t *testing.T) {
	b := start(t, Limits{Pace: 100_000}, receiver{
		receive: func(c *Conn, m []byte) { c.SetReadLimit(100); c.Reply(message(string(m))) },
		tooLong: func(c *Conn, outline []byte) { c.Reply(message("too long: " + string(outline))) },
	})
	ws, _ := b.dial(t)
	say := func(kind int, text string) {
		t.Helper()
		if err := ws.WriteMessage(kind, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(what, want string) {
		t.Helper()
		if got := read(t, ws); got != want {
			t.Errorf("%s: got %.200q, want %q", what, got, want)
		}
	}
	say(websocket.TextMessage, "hello")
	hear("the first", "hello")
	most := strings.Repeat("x", 100)
	say(websocket.TextMessage, most)
	hear("as long as it may be", most)
	for _, more := range []int{0, 1, paceBytes, 10 * paceBytes, 1 << 20} {
		text := `["1","2","t","e",{"x":"` + strings.Repeat("x", 100+more) + `"}]`
		say(websocket.TextMessage, text)
		hear(fmt.Sprint(len(text), " bytes"), `too long: ["1","2","t","e",null]`)
		fragments, err := ws.NextWriter(websocket.TextMessage)
		if err != nil {
			t.Fatal(err)
		}
		for piece := range slices.Chunk([]byte(text), 1+len(text)/3) {
			if _, err := fragments.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if err := fragments.Close(); err != nil {
			t.Fatal(err)
		}
		hear("in fragments", `too long: ["1","2","t","e",null]`)
		say(websocket.TextMessage, "still here")
		hear("after it", "still here")
	}
	say(websocket.BinaryMessage, "\x03\x01\x01\x01\x01\x00\x0012te"+most)
	hear("bytes", "too long: \x03\x01\x01\x01\x01\x00\x0012tenull")
}

// TestAMessageAfterALongOne waits no longer than for the long one itself.
func TestAMessageAfterALongOne(t *testing.T) {
	b := start(t, Limits{Pace: DefaultPace}, receiver{
		receive: func(c *Conn, said []byte) { c.SetReadLimit(100); c.Reply(message(string(said))) },
		tooLong: func(c *Conn, _ []byte) { c.Reply(message("too long")) },
	})
	ws, _ := b.dial(t)
	began := time.Now()
	for _, said := range []string{"hello", strings.Repeat("x", 19_000_000), "again"} {
		if err := ws.WriteMessage(websocket.BinaryMessage, []byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"hello", "too long", "again"} {
		if got := read(t, ws); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the last message took %v", took)
	}
}

// TestAMessageWithoutEnd is read no faster than other messages, and its client
// counts as neither silent nor gone.
func TestAMessageWithoutEnd(t *testing.T) {
	b := start(t, Limits{Pace: 10}, receiver{receive: func(c *Conn, _ []byte) { c.SetReadLimit(100); c.Reply(message("ok")) }})
	ws, c := b.dial(t)
	_ = ws.WriteMessage(websocket.TextMessage, []byte("hello"))
	read(t, ws)
	before := c.idle.reads.Load()
	_ = ws.SetWriteDeadline(time.Now().Add(time.Second))
	endless, err := ws.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	piece := bytes.Repeat([]byte("x"), 1<<16)
	for err == nil {
		_, err = endless.Write(piece) // until the box's buffers are full
	}
	if read := c.idle.reads.Load() - before; read == 0 || read > 100 {
		t.Errorf("%d pieces were read in a second, want some of 30", read)
	}
	if c.isClosed() {
		t.Error("the connection has ended")
	}
}

func TestPingsAndPongs(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	ws, c := b.dial(t)
	answers := make(chan string, 2)
	ws.SetPongHandler(func(data string) error { answers <- "pong " + data; return nil })
	ws.SetPingHandler(func(string) error { answers <- "ping"; return nil })
	_ = ws.WriteControl(websocket.PingMessage, []byte("hey"), time.Now().Add(time.Second))
	go func() { _, _, _ = ws.ReadMessage() }() // ends when the client is closed
	if got := <-answers; got != "pong hey" {
		t.Errorf("got %q", got)
	}
	c.Greeted()
	c.settle()
	c.check(monotonic(), b.limits) // hears that it spoke
	c.check(monotonic()+pingAfter+time.Second, b.limits)
	if got := <-answers; got != "ping" {
		t.Errorf("got %q", got)
	}
	b.stop()
}

// TestEchoComesBehindWhatWaits checks that an echo is heard after the client has
// read what was sent before, and that one ping at a time is under way, whatever
// the number of echoes.
func TestEchoComesBehindWhatWaits(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	ws, c := b.dial(t)
	c.Greeted()
	heard := make(chan string, 3)
	var pings []string
	ws.SetPingHandler(func(data string) error { pings = append(pings, data); return nil })
	pong := func(data string) {
		if err := ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	c.Reply(message("before"))
	c.Echo(func() { heard <- "first"; c.Reply(message("first heard")) })
	for _, name := range []string{"second", "third"} {
		c.Echo(func() { heard <- name })
	}
	c.Reply(message("after"))
	for _, want := range []string{"before", "after"} {
		if got := read(t, ws); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(pings) != 1 || len(heard) != 0 {
		t.Fatalf("%d pings before the last message, %d heard without a pong", len(pings), len(heard))
	}
	for _, data := range []string{"", "no number", "7", pings[0]} {
		pong(data)
	}
	if got := read(t, ws); got != "first heard" {
		t.Errorf("got %q", got)
	}
	c.Reply(message("last"))
	for got := ""; got != "last"; { // the second ping comes before it or with it
		got = read(t, ws)
	}
	for len(pings) < 2 {
		c.Reply(message("once more"))
		read(t, ws)
	}
	if got := <-heard; got != "first" || len(heard) != 0 || len(pings) != 2 {
		t.Errorf("heard %q and %d more with one pong, after %d pings", got, len(heard), len(pings))
	}
	pong(pings[1])
	for _, want := range []string{"second", "third"} {
		if got := <-heard; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

// TestAClientOwesSoManyEchoes has a client that answers no pings.
func TestAClientOwesSoManyEchoes(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	_, c := b.dial(t)
	heard := 0
	for range maxEchoes + 2 {
		c.Echo(func() { heard++ })
	}
	if heard != 2 {
		t.Errorf("%d echoes are heard at once, want 2", heard)
	}
}

// TestPingNeedsNoRoom checks that a ping does not close a client whose queue is
// full.
func TestPingNeedsNoRoom(t *testing.T) {
	b := start(t, Limits{Bytes: 1000}, receiver{})
	ws, c := b.dial(t)
	b.unwatched(c)
	c.Greeted()
	c.writing.Lock()                    // nothing is written
	c.Reply(sized(1000 - itemCost - 4)) // the header is four bytes
	for i := range 3 {
		c.check(monotonic()+time.Duration(i+1)*(pingAfter+time.Second), b.limits)
	}
	c.writing.Unlock()
	pings := 0
	ws.SetPingHandler(func(string) error { pings++; return nil })
	read(t, ws)
	c.Reply(message("end"))
	if got := read(t, ws); got != "end" || pings != 1 {
		t.Errorf("got %q after %d pings, want one", got, pings)
	}
}

// settle waits for the end of a write whose bytes the client may have already.
func (c *Conn) settle() {
	c.writing.Lock()
	defer c.writing.Unlock()
}

// unwatched hides a connection from the janitor, so that the test sets the time.
func (b *box) unwatched(c *Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, c)
}

func TestStoppingClosesConnections(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	ws, c := b.dial(t)
	c.Reply(message("last words"))
	b.stopBeside(t)
	if got := read(t, ws); got != "last words" {
		t.Errorf("got %q", got)
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("got %v, want close 1012", err)
	}
}

// stopBeside stops the box on another goroutine, while the test still reads.
func (b *box) stopBeside(t *testing.T) {
	var stopping sync.WaitGroup
	stopping.Go(b.stop)
	t.Cleanup(stopping.Wait)
}

func TestBugEndsOnlyItsConnection(t *testing.T) {
	b := start(t, Limits{}, receiver{receive: func(c *Conn, m []byte) {
		if string(m) == "bug" {
			panic("bug")
		}
		echo(c, m)
	}})
	bad, _ := b.dial(t)
	good, _ := b.dial(t)
	_ = bad.WriteMessage(websocket.TextMessage, []byte("bug"))
	if _, _, err := bad.ReadMessage(); err == nil {
		t.Error("the connection with the bug goes on")
	}
	_ = good.WriteMessage(websocket.TextMessage, []byte("fine"))
	if got := read(t, good); got != "fine" {
		t.Errorf("got %q", got)
	}
}

func TestBrokenSocketsAreForgotten(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	for range 50 {
		ws, c := b.dial(t)
		_ = ws.NetConn().(*net.TCPConn).SetLinger(0)
		_ = ws.Close()
		<-c.closed
	}
}

// TestFloodOfPings checks that only one pong waits for a client that never reads.
func TestFloodOfPings(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	ws, c := b.dial(t)
	c.writing.Lock() // nothing is written
	for range 1000 {
		if err := ws.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	for c.idle.reads.Load() < 1000 {
		runtime.Gosched()
	}
	c.out.mu.Lock()
	waiting := c.out.queue.bytes
	c.out.mu.Unlock()
	c.writing.Unlock()
	if waiting > 0 {
		t.Errorf("%d bytes of pongs wait", waiting)
	}
}

// TestSignsOfLife compares what a client's program says with what its WebSocket
// answers by itself.
func TestSignsOfLife(t *testing.T) {
	b := start(t, Limits{}, receiver{receive: echo})
	ws, c := b.dial(t)
	if c.Heard() != 0 || c.Answered() != 0 {
		t.Errorf("before the first sign: heard at %v, answered at %v", c.Heard(), c.Answered())
	}
	before := clock.Now()
	if err := ws.WriteMessage(websocket.BinaryMessage, []byte("here")); err != nil {
		t.Fatal(err)
	}
	read(t, ws)
	heard := c.Heard()
	if heard < before || heard > clock.Now() || c.Answered() != 0 {
		t.Errorf("after a message: heard at %v, answered at %v", heard, c.Answered())
	}
	if !c.Probe() {
		t.Error("a WebSocket cannot be probed")
	}
	go func() { _, _, _ = ws.ReadMessage() }() // answers
	for c.Answered() == 0 {
		runtime.Gosched()
	}
	if c.Heard() != heard {
		t.Errorf("an answer counts as a message: %v, want %v", c.Heard(), heard)
	}
}
