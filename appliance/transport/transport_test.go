package transport

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
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

// receiver is a Receiver of functions; unset ones do nothing.
type receiver struct {
	conn    *Conn
	receive func(c *Conn, message []byte)
	closed  func()
}

func (r *receiver) Receive(message []byte, _ bool, _ clock.Millis) {
	if r.receive != nil {
		r.receive(r.conn, message)
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

func TestWhatWaitsLeavesTogether(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	_, c := b.dial(t)
	c.turn.Lock()
	defer c.turn.Unlock()
	c.out.mu.Lock()
	for _, m := range []string{"one", "two"} {
		c.out.queue.push(item{packet: message(m), kind: reply})
	}
	c.out.mu.Unlock()
	c.collect()
	if got, want := c.line.(*wsLine).batch.bytes(), "\x81\x03one\x81\x03two"; !bytes.Equal(got, []byte(want)) {
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

func TestFollowersReadALogFromWhereTheyCame(t *testing.T) {
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

func TestAClientThatNeverReadsIsCutAndHarmsNobody(t *testing.T) {
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

func TestASlowReaderGetsASnapshot(t *testing.T) {
	b := start(t, Limits{State: 4, WriteTimeout: time.Minute}, receiver{})
	ws, c := b.dial(t)
	src := &snapshot{conn: c}
	block := message(strings.Repeat("x", 4<<20)) // more than the socket takes
	c.Reply(block)
	for c.writes.Load()%2 == 0 { // until the writer is stuck in that write
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
	b := start(t, Limits{Clients: 1}, receiver{receive: func(c *Conn, _ []byte) { c.SetReadLimit(10); c.Reply(message("ok")) }})
	ws, c := b.dial(t)
	_, resp, err := websocket.DefaultDialer.Dial(b.url, nil)
	if err == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second client: got %v, want 429", resp)
	}
	if why := c.look(monotonic()+DefaultGreetTimeout+time.Second, b.limits); why == "" {
		t.Error("a client that never joined may stay")
	}
	c.Greeted()
	if why := c.look(monotonic()+DefaultGreetTimeout+time.Second, b.limits); why != "" {
		t.Errorf("a client that joined may not stay: %s", why)
	}
	if why := c.look(monotonic()+DefaultIdleTimeout+time.Second, b.limits); why == "" {
		t.Error("a silent client may stay")
	}
	_ = ws.WriteMessage(websocket.TextMessage, []byte("short"))
	read(t, ws)
	_ = ws.WriteMessage(websocket.TextMessage, []byte("much longer than ten bytes"))
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("after a message over the limit: got %v, want close 1009", err)
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
	c.look(monotonic(), b.limits) // hears that it spoke
	c.look(monotonic()+pingAfter+time.Second, b.limits)
	if got := <-answers; got != "ping" {
		t.Errorf("got %q", got)
	}
	b.stop()
}

// TestAPingNeedsNoRoom: a client that has much to read is not closed for being
// asked whether it is there.
func TestAPingNeedsNoRoom(t *testing.T) {
	b := start(t, Limits{Bytes: 1000}, receiver{})
	ws, c := b.dial(t)
	b.unwatched(c)
	c.Greeted()
	c.turn.Lock()                       // nothing is written
	c.Reply(sized(1000 - itemCost - 4)) // the header is four bytes
	for i := range 3 {
		c.look(monotonic()+time.Duration(i+1)*(pingAfter+time.Second), b.limits)
	}
	c.turn.Unlock()
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
	c.turn.Lock()
	defer c.turn.Unlock()
}

// unwatched hides a connection from the janitor: the test has its clock.
func (b *box) unwatched(c *Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, c)
}

func TestStoppingSaysSo(t *testing.T) {
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

// stopBeside stops the box beside the test, which still reads.
func (b *box) stopBeside(t *testing.T) {
	var stopping sync.WaitGroup
	stopping.Go(b.stop)
	t.Cleanup(stopping.Wait)
}

func TestABugEndsOnlyItsConnection(t *testing.T) {
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

// TestAFloodOfPings: a client that never reads has one answer waiting.
func TestAFloodOfPings(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	ws, c := b.dial(t)
	c.turn.Lock() // nothing is written
	for range 1000 {
		if err := ws.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	for c.reads.Load() < 1000 {
		runtime.Gosched()
	}
	c.out.mu.Lock()
	waiting := c.out.queue.bytes
	c.out.mu.Unlock()
	c.turn.Unlock()
	if waiting > 0 {
		t.Errorf("%d bytes of pongs wait", waiting)
	}
}

func TestPlaces(t *testing.T) {
	s := NewServer(Limits{Clients: 10, Each: 2, Shared: 4, Reserve: 3}, slog.New(slog.DiscardHandler))
	ana, key := Caller{Key: "ana"}, Caller{Key: "address", Many: true}
	for range 2 {
		if !s.take(ana) {
			t.Fatal("no place for the first of Ana's tabs")
		}
	}
	if s.take(ana) {
		t.Error("one member has more than her places")
	}
	for range 4 {
		s.take(key)
	}
	if s.take(key) {
		t.Error("one device has more than its places")
	}
	if !s.take(Caller{Key: "bea"}) || s.take(Caller{Key: "cleo"}) {
		t.Error("students have the reserve")
	}
	for _, key := range []string{"teacher", "helper", "stage"} {
		if !s.take(Caller{Key: key, Staff: true}) {
			t.Errorf("no place for the %s", key)
		}
	}
	if s.take(Caller{Key: "one more", Staff: true}) {
		t.Error("more than there are")
	}
	s.giveBack(ana)
	if s.take(ana) || !s.take(Caller{Key: "one more", Staff: true}) {
		t.Error("a place of the reserve that is free again is not for staff")
	}
}
