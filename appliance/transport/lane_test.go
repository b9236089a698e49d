package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"downbeat.local/appliance/rtc"
	"downbeat.local/appliance/wire"
)

// phone is a client's end of a peer. heard gets each message with the label of its
// channel.
type phone struct {
	pc           *webrtc.PeerConnection
	notes, state *webrtc.DataChannel
	heard        chan string
	opened       chan struct{}
}

// newPhone makes a client's peer and its offer.
func newPhone(t *testing.T) (p *phone, offer string) {
	t.Helper()
	var se webrtc.SettingEngine
	se.SetIncludeLoopbackCandidate(true)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	se.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{}}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	p = &phone{pc: pc, heard: make(chan string, 1000), opened: make(chan struct{})}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	var open atomic.Int32
	channel := func(label string, id uint16, ordered bool, retransmits *uint16) *webrtc.DataChannel {
		dc, err := pc.CreateDataChannel(label, &webrtc.DataChannelInit{Ordered: &ordered, MaxRetransmits: retransmits, Negotiated: new(true), ID: &id})
		if err != nil {
			t.Fatal(err)
		}
		dc.OnOpen(func() {
			if open.Add(1) == 2 {
				close(p.opened)
			}
		})
		dc.OnMessage(func(m webrtc.DataChannelMessage) { p.heard <- label + " " + string(m.Data) })
		return dc
	}
	p.notes = channel("notes", 0, false, new(uint16(0)))
	p.state = channel("realtime", 1, true, nil)
	description, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(description); err != nil {
		t.Fatal(err)
	}
	return p, description.SDP // before any address is known
}

// take takes the box's answer and waits until the channels are open.
func (p *phone) take(t *testing.T, answer string) {
	t.Helper()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	p.await(t, p.opened, "the channels to open")
}

func (p *phone) await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("waited in vain for %s", what)
	}
}

func (p *phone) hear(t *testing.T) string {
	t.Helper()
	select {
	case m := <-p.heard:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("heard nothing")
		return ""
	}
}

// startLanes is start with lanes.
func startLanes(t *testing.T, limits Limits, r receiver) *box {
	t.Helper()
	return startImpatient(t, limits, r, 0)
}

// startImpatient is startLanes with another open timeout.
func startImpatient(t *testing.T, limits Limits, r receiver, openTimeout time.Duration) *box {
	t.Helper()
	certificate, err := rtc.NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	b := prepare(limits)
	if err := b.OpenLanes(t.Context(), rtc.Config{Addr: "127.0.0.1:0", Certificate: certificate, OpenTimeout: openTimeout}); err != nil {
		t.Fatal(err)
	}
	b.begin(t, r)
	return b
}

// dialNamed connects a client that names its connection, so that it may get a lane.
func (b *box) dialNamed(t *testing.T, who, name string) (*websocket.Conn, *Conn) {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(fmt.Sprintf("%s?who=%s&name=%s", b.url, who, name), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	return ws, <-b.conns
}

// lane gives a connection a lane.
func (b *box) lane(t *testing.T, who, name string) *phone {
	t.Helper()
	return b.numberedLane(t, who, name, 0)
}

// numberedLane gives a connection a lane with the client's number for it.
func (b *box) numberedLane(t *testing.T, who, name string, number uint32) *phone {
	t.Helper()
	p, offer := newPhone(t)
	answer, err := b.Offer(t.Context(), offer, Caller{Key: who, ConnName: name, Lane: number}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.take(t, answer)
	return p
}

// poll waits until so returns true.
func poll(t *testing.T, what string, so func() bool) {
	t.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(20 * time.Second); !so(); <-again.C {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func onLane(c *Conn) bool {
	_, ok := c.OnLane()
	return ok
}

func TestLane(t *testing.T) {
	heard := make(chan string, 10)
	b := startLanes(t, Limits{}, receiver{receive: func(_ *Conn, m []byte) { heard <- string(m) }})
	ws, c := b.dialNamed(t, "ada", "l1")
	if !c.MayRepeat() || onLane(c) {
		t.Errorf("may repeat: %v, on a lane: %v before there is one", c.MayRepeat(), onLane(c))
	}
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })

	c.Lossy(binaryMessage([]byte("note")))
	if got := p.hear(t); got != "notes note" {
		t.Errorf("heard %q", got)
	}
	c.Reply(message("word"))
	if got := read(t, ws); got != "word" {
		t.Errorf("the socket said %q", got)
	}
	if err := p.notes.Send([]byte("up")); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != "up" {
		t.Errorf("the receiver got %q", got)
	}
	if st := b.Stats(); st.OnLane != 1 || st.Lanes != 1 {
		t.Errorf("stats say %d on a lane, %d ever", st.OnLane, st.Lanes)
	}
}

// TestClockReplyLeavesTheWayItsQuestionCame checks that the client measures the
// delay of the path that its notes take.
func TestClockReplyLeavesTheWayItsQuestionCame(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{receive: func(c *Conn, m []byte) {
		c.ReplyStamped(binaryMessage(append([]byte("at "), make([]byte, wire.T3Size)...)))
	}})
	ws, c := b.dialNamed(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	if err := p.notes.Send([]byte("when?")); err != nil {
		t.Fatal(err)
	}
	if got := p.hear(t); !strings.HasPrefix(got, "notes at ") {
		t.Errorf("heard %q", got)
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, []byte("when?")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, ws); !strings.HasPrefix(got, "at ") {
		t.Errorf("the socket said %q", got)
	}
}

// TestLogGoesOnWithoutTheLane checks that the stream sends what was published
// since the lane last worked.
func TestLogGoesOnWithoutTheLane(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	ws, c := b.dialNamed(t, "ada", "l1")
	var log growing
	c.Follow(&log)
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	log.add("one")
	log.add("two")
	c.Wake()
	c.DropLane(0)
	if got := read(t, ws) + read(t, ws); got != "onetwo" {
		t.Errorf("the socket said %q, want what the lane had instead", got)
	}
	poll(t, "the client's peer to end", func() bool {
		return p.pc.ConnectionState() != webrtc.PeerConnectionStateConnected
	})
}

// TestLogLeavesBothWaysUntilTheLaneHasSettled covers the time in which a lane may
// not work yet, and may miss what was appended before it came up.
func TestLogLeavesBothWaysUntilTheLaneHasSettled(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	ws, c := b.dialNamed(t, "ada", "l1")
	var log growing
	c.Follow(&log)
	log.add("before") // without a Wake
	b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	l := c.lane()
	c.Wake()
	if got := read(t, ws); got != "before" {
		t.Errorf("the socket said %q", got)
	}
	l.works(l.since + overlap)
	if c.LaneSettled() {
		t.Error("a lane that is too new has settled")
	}
	log.add("meanwhile") // without a Wake
	l.works(l.since + overlap + 1)
	if !c.LaneSettled() {
		t.Error("a lane that works has not settled")
	}
	if got := read(t, ws); got != "meanwhile" {
		t.Errorf("the socket said %q", got)
	}
	log.add("after")
	c.Reply(message("word"))
	if got := read(t, ws); got != "word" {
		t.Errorf("the socket said %q, which the lane has sent", got)
	}
}

// TestLateDropLane checks that a DropLane which was delayed on the stream does not
// end a lane that came up since.
func TestLateDropLane(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	b.numberedLane(t, "ada", "l1", 1)
	poll(t, "the lane", func() bool { return onLane(c) })
	b.numberedLane(t, "ada", "l1", 2)
	poll(t, "the second lane", func() bool { return b.Stats().Lanes == 2 })
	if c.DropLane(1); !onLane(c) {
		t.Error("the second lane ended with the first")
	}
	if c.DropLane(2); onLane(c) {
		t.Error("the second lane has not ended")
	}
}

// TestOfferFromAnotherAddress checks that a caller with only a key may post its
// offer from another address than its socket's. A device may have several.
func TestOfferFromAnotherAddress(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "here", "l1")
	c.caller.Many = true
	_, offer := newPhone(t)
	if _, err := b.Offer(t.Context(), offer, Caller{Key: "there", Many: true, ConnName: "l1"}, nil); err != nil {
		t.Error(err)
	}
	if _, err := b.Offer(t.Context(), offer, Caller{Key: "member bob", ConnName: "l1"}, nil); !errors.Is(err, ErrNotYours) {
		t.Errorf("got %v", err)
	}
}

// TestSecondLaneKeepsMarks checks that what the first lane has brought does not
// come again when the second ends at once.
func TestSecondLaneKeepsMarks(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	ws, c := b.dialNamed(t, "ada", "l1")
	var log growing
	c.Follow(&log)
	b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	log.add("old")
	for marks := range time.Duration(3) {
		c.lane().works(monotonic() + (marks+1)*markEvery)
	}
	if got := read(t, ws); got != "old" {
		t.Errorf("the socket said %q", got)
	}
	b.lane(t, "ada", "l1")
	poll(t, "the second lane", func() bool { return b.Stats().Lanes == 2 })
	c.DropLane(0)
	log.add("new")
	c.Wake()
	if got := read(t, ws); got != "new" {
		t.Errorf("the socket said %q", got)
	}
}

func TestNewLaneReplacesTheOld(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	first := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	second := b.lane(t, "ada", "l1")
	poll(t, "the first to end", func() bool { return first.pc.ConnectionState() != webrtc.PeerConnectionStateConnected })
	poll(t, "the second", func() bool { return b.Stats().Lanes == 2 && onLane(c) })
	c.Lossy(binaryMessage([]byte("note")))
	if got := second.hear(t); got != "notes note" {
		t.Errorf("heard %q", got)
	}
}

// TestLonePeer covers a connection without a WebSocket.
func TestLonePeer(t *testing.T) {
	ended := make(chan struct{})
	b := startLanes(t, Limits{}, receiver{})
	p, offer := newPhone(t)
	var conn *Conn
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada"}, func(c *Conn) Receiver {
		conn = c
		return &receiver{conn: c, receive: echo, closed: func() { close(ended) }}
	})
	if err != nil {
		t.Fatal(err)
	}
	p.take(t, answer)
	for _, m := range []string{"a", strings.Repeat("b", 60_000), "c"} {
		if err := p.state.Send([]byte(m)); err != nil {
			t.Fatal(err)
		}
		if got := p.hear(t); got != "realtime "+m {
			t.Errorf("sent %d bytes, heard %d", len(m), len(got)-len("realtime "))
		}
	}
	conn.Lossy(binaryMessage([]byte("note")))
	if got := p.hear(t); got != "notes note" {
		t.Errorf("heard %q", got)
	}
	if conn.laneSide.check(monotonic() + 2*laneTimeout); b.Stats().OnLane != 1 {
		t.Error("a peer that talks on its reliable channel counts as silent")
	}
	conn.Reply(message("farewell"))
	conn.Close(websocket.CloseNormalClosure, "")
	if got := p.hear(t); got != "realtime farewell" {
		t.Errorf("heard %q", got)
	}
	p.await(t, ended, "the connection to end")
	poll(t, "the place to be free", func() bool { return b.Clients() == 0 })
}

func TestNoLanes(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	if _, err := b.Offer(t.Context(), "v=0", Caller{}, nil); !errors.Is(err, ErrNoLane) {
		t.Errorf("got %v", err)
	}
}

// TestRefusedOffers checks that a lane is for the caller's own connection.
func TestRefusedOffers(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	b.dialNamed(t, "ada", "l1")
	_, offer := newPhone(t)
	for name, test := range map[string]struct {
		offer string
		who   Caller
		want  error
	}{
		"no offer":       {"let me in", Caller{Key: "ada", ConnName: "l1"}, rtc.ErrBadOffer},
		"no such name":   {offer, Caller{Key: "ada", ConnName: "l2"}, ErrNoConn},
		"bob's of ada's": {offer, Caller{Key: "bob", ConnName: "l1"}, ErrNotYours},
	} {
		if _, err := b.Offer(t.Context(), test.offer, test.who, nil); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

// answering is the handler of a test's box.
func (b *box) answering(r receiver) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		query := req.URL.Query()
		who := Caller{Key: query.Get("who"), Many: !query.Has("who"), Staff: query.Has("staff"), ConnName: query.Get("name")}
		err := b.Serve(w, req, who, func(c *Conn) Receiver {
			r := r
			r.conn = c
			b.conns <- c
			return &r
		})
		if errors.Is(err, ErrFull) {
			http.Error(w, "full", http.StatusTooManyRequests)
		}
	}
}
