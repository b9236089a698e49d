// Package classroom is the pretend class: students who join a real box over a
// real network the way the web app does, to measure it or to play along.
//
// [Run] is the measurement, behind `downbeat classroom` and the Wi-Fi check:
// it counts what was lost and doubled and tells latency and clock error.
// [Band] is the robots of the demo; they make music. Both sit on [Client], one
// member on one WebSocket, which the package's users may drive themselves. A
// client may have a lane besides, data channels on which notes and the clock
// then travel: [Client.OpenLane].
//
// The package is a client of the box and knows nothing of its insides; it
// sends only to the box it is given and ends with its context.
package classroom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// joinTimeout bounds the HTTP join and the socket's handshake.
const joinTimeout = 10 * time.Second

// Handler is what a client does with what it hears. Unset functions hear
// nothing. They are called one at a time, from [Client.Read] until it returns.
type Handler struct {
	// Notes gets a room frame and the local time at which it was read.
	Notes func(f wire.RoomFrame, at clock.Millis)
	// Clock gets the answer to a ping.
	Clock func(r wire.ClockReply, at clock.Millis)
	// Event gets any other broadcast; payload is JSON.
	Event func(event string, payload []byte)
}

// Client is one member of a room, connected.
type Client struct {
	ID    string // student_id
	Seat  uint8
	box   string // its address
	topic string
	token string // of the seat
	link  string // to a lane; empty for who will not have one
	conn  *websocket.Conn
	lane  atomic.Pointer[lane]
	lanes atomic.Uint32 // opened so far
	said  atomic.Int64  // messages of which the class wants to know

	mu  sync.Mutex // guards writes and ref
	ref int

	hearing sync.Mutex // one message at a time; guards ear
	ear     ear        // of who has a link
	early   []early    // for Read
}

// SeatReply is the box's answer to a join: who one is now, and the token that
// says so.
type SeatReply struct {
	Token  string `json:"token"`
	Topic  string `json:"topic"`
	Member struct {
		ID   string `json:"student_id"`
		Seat uint8  `json:"seat"`
		Name string `json:"name"`
	} `json:"member"`
}

// Join takes a seat in the room of that code and connects to it. box is the
// box's address, http://HOST:PORT. The error is a sentence.
func Join(ctx context.Context, box, code string) (*Client, error) {
	return join(ctx, box, code, Connect)
}

// JoinLane is Join with a lane besides. The errors of the lane are those of
// [OpenPeer].
func JoinLane(ctx context.Context, box, code string) (*Client, error) {
	c, err := join(ctx, box, code, ConnectLinked)
	if err != nil {
		return nil, err
	}
	if err := c.OpenLane(ctx); err != nil {
		c.Close()
		giveUp(ctx, box, c.token)
		return nil, err
	}
	return c, nil
}

func join(ctx context.Context, box, code string, connect func(context.Context, string, SeatReply) (*Client, error)) (*Client, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	asking, cancel := lasting(ctx, leaveTime)
	defer cancel()
	seat, err := TakeSeat(asking, box, code)
	if err != nil {
		return nil, err
	}
	c, err := connect(ctx, box, seat)
	if err != nil {
		giveUp(ctx, box, seat.Token)
		return nil, fmt.Errorf("connect to %s: %w", box, err)
	}
	return c, nil
}

// lasting is a context that ends some time after ctx: a seat that the box is
// giving right now has to be known, or it could not be given back.
func lasting(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// TakeSeat joins the room of that code over HTTP. The error is a sentence.
func TakeSeat(ctx context.Context, box, code string) (SeatReply, error) {
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return SeatReply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(box, "/")+"/box/v1/join", bytes.NewReader(body))
	if err != nil {
		return SeatReply{}, fmt.Errorf("%q is not an address: give one like http://192.168.1.20:8080", box)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return SeatReply{}, fmt.Errorf("no box answers at %s: %w", box, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxFrame))
	if err != nil {
		return SeatReply{}, fmt.Errorf("join: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var problem struct{ Message string }
		if json.Unmarshal(answer, &problem) != nil || problem.Message == "" {
			return SeatReply{}, fmt.Errorf("%s does not answer like a Downbeat box (%s)", box, resp.Status)
		}
		return SeatReply{}, errors.New(problem.Message)
	}
	var seat SeatReply
	if err := json.Unmarshal(answer, &seat); err != nil {
		return SeatReply{}, fmt.Errorf("%s does not answer like a Downbeat box: %w", box, err)
	}
	return seat, nil
}

// giveUp gives a seat back even if ctx has ended.
func giveUp(ctx context.Context, box, token string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	GiveUp(ctx, box, token)
}

// GiveUp gives the seat of a token back: its member is gone from the room. It
// does nothing about an error: the teacher can remove whom she does not want.
func GiveUp(ctx context.Context, box, token string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, strings.TrimSuffix(box, "/")+"/box/v1/me", http.NoBody)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// Connect takes up a seat: it opens the socket and joins the room's channel.
func Connect(ctx context.Context, box string, seat SeatReply) (*Client, error) {
	return connect(ctx, box, seat, "")
}

// ConnectLinked is Connect for a client that will have a lane. It numbers its
// notes from then on: the box drops those whose number it knows.
func ConnectLinked(ctx context.Context, box string, seat SeatReply) (*Client, error) {
	return connect(ctx, box, seat, NewLink())
}

func connect(ctx context.Context, box string, seat SeatReply, link string) (*Client, error) {
	u, err := url.Parse(box)
	if err != nil {
		return nil, err
	}
	u.Scheme = map[string]string{"https": "wss"}[u.Scheme]
	if u.Scheme == "" {
		u.Scheme = "ws"
	}
	u.Path = "/realtime/v1/websocket"
	query := url.Values{"apikey": {seat.Token}, "vsn": {"2.0.0"}, "frames": {"1"}}
	if link != "" {
		query.Set("link", link)
	}
	u.RawQuery = query.Encode()
	conn, resp, err := websocket.DefaultDialer.DialContext(ctx, u.String(), nil)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	c := &Client{
		ID: seat.Member.ID, Seat: seat.Member.Seat, box: box, topic: wire.TopicPrefix + seat.Topic,
		token: seat.Token, link: link, conn: conn, ear: newEar(),
	}
	return c, c.enter(seat.Token)
}

// maxEarly is how many messages may come before the reply to a join: a class
// that joins at the same time.
const maxEarly = 1024

// enter joins the room's channel; what the box says before the reply and after
// it waits for Read.
func (c *Client) enter(token string) error {
	payload, err := json.Marshal(map[string]any{
		"access_token": token,
		"config":       map[string]any{"private": true, "presence": map[string]any{"enabled": false}},
	})
	if err != nil {
		return err
	}
	join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), c.topic, "phx_join", payload)
	if err := c.write(websocket.TextMessage, join.Payload()); err != nil {
		return err
	}
	c.ref = 1
	for range maxEarly {
		kind, message, err := c.conn.ReadMessage()
		if err != nil {
			return err
		}
		m, err := wire.DecodeText(wire.V2, message)
		if kind != websocket.TextMessage || err == nil && m.Event != "phx_reply" {
			c.early = append(c.early, early{kind == websocket.BinaryMessage, message, clock.Now()})
			continue
		}
		if err == nil && bytes.Contains(m.Payload, []byte(`"status":"ok"`)) {
			return nil
		}
		_ = c.conn.Close()
		return fmt.Errorf("the box refused: %s", message)
	}
	_ = c.conn.Close()
	return errors.New("the box does not answer a join")
}

// early is a message that came before the reply to the join.
type early struct {
	binary  bool
	message []byte
	at      clock.Millis
}

func (c *Client) write(kind int, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.WriteMessage(kind, b)
}

// pushOf makes a user broadcast.
func (c *Client) pushOf(event string, enc wire.Encoding, payload []byte) []byte {
	frame := make([]byte, 0, 16+len(c.topic)+len(event)+len(payload))
	frame = append(frame, 3, 1, 0, byte(len(c.topic)), byte(len(event)), 0, byte(enc), '1')
	frame = append(frame, c.topic...)
	frame = append(frame, event...)
	return append(frame, payload...)
}

// push sends a user broadcast over the socket.
func (c *Client) push(event string, enc wire.Encoding, payload []byte) error {
	c.said.Add(1)
	return c.write(websocket.BinaryMessage, c.pushOf(event, enc, payload))
}

// Play sends notes; their At is the sender's estimate of the box clock, and
// each Seq is one more than that of the note before. On a lane they are sent
// again until it is likely that they have come.
func (c *Client) Play(notes ...wire.NoteEvent) error {
	if l := c.lane.Load(); l != nil {
		return c.playLane(l, notes)
	}
	return c.push(wire.EventNotes, wire.Binary, wire.AppendNotesUp(nil, notes))
}

// Ping asks for the time; the answer comes to Handler.Clock, by the way by
// which the question went.
func (c *Client) Ping(id uint16, t1 clock.Millis) error {
	payload := wire.AppendClockPing(nil, wire.ClockPing{ID: id, T1: float64(t1)})
	if l := c.lane.Load(); l != nil {
		return c.sendLane(l, wire.EventClock, payload)
	}
	return c.push(wire.EventClock, wire.Binary, payload)
}

// Send sends any other broadcast; payload is JSON.
func (c *Client) Send(event string, payload []byte) error { return c.push(event, wire.JSON, payload) }

// heartbeatEvery is realtime-js' own.
const heartbeatEvery = 25 * time.Second

// Close ends the connection; Read returns.
func (c *Client) Close() {
	if l := c.lane.Swap(nil); l != nil {
		l.peer.Close()
	}
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = c.conn.Close()
}

// Read hears what the box says until the connection or ctx ends, and keeps
// the connection alive. It returns nil only if ctx ended it.
func (c *Client) Read(ctx context.Context, h Handler) error {
	stop := context.AfterFunc(ctx, c.Close)
	defer stop()
	var beating sync.WaitGroup
	defer beating.Wait()
	done := make(chan struct{})
	defer close(done)
	beating.Go(func() { c.beat(done) })
	if l := c.lane.Load(); l != nil {
		beating.Go(func() { c.runLane(l, h, done) })
	}
	for _, m := range c.early {
		c.hear(h, m.binary, m.message, m.at)
	}
	c.early = nil
	for {
		kind, message, err := c.conn.ReadMessage()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the connection to the box ended: %w", err)
		}
		c.hear(h, kind == websocket.BinaryMessage, message, clock.Now())
	}
}

// beat sends Phoenix heartbeats until done.
func (c *Client) beat(done <-chan struct{}) {
	ticker := time.NewTicker(heartbeatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			heartbeat := wire.Envelope(wire.V2, wire.Ref{}, wire.TextRef("hb"), "phoenix", "heartbeat", wire.Nothing)
			_ = c.write(websocket.TextMessage, heartbeat.Payload()) // Read notices a dead connection
		case <-done:
			return
		}
	}
}

func (c *Client) hear(h Handler, binary bool, message []byte, at clock.Millis) {
	if !binary {
		return // replies and presence
	}
	event, enc, payload, ok := cut(message)
	c.hearing.Lock()
	defer c.hearing.Unlock()
	switch {
	case !ok:
	case event == wire.EventNotes && h.Notes != nil:
		if f, err := wire.DecodeRoomFrame(payload); err == nil {
			if c.link != "" {
				c.ear.frame(&f)
			}
			h.Notes(f, at)
		}
	case event == wire.EventClock && h.Clock != nil:
		if r, err := wire.DecodeClockReply(payload); err == nil {
			h.Clock(r, at)
		}
	case enc == wire.JSON && h.Event != nil:
		h.Event(event, payload)
	}
}

// cut takes a kind 4 frame apart.
func cut(b []byte) (event string, enc wire.Encoding, payload []byte, ok bool) {
	if len(b) < 5 || b[0] != 4 {
		return "", 0, nil, false
	}
	topic, name, meta := int(b[1]), int(b[2]), int(b[3])
	if len(b) < 5+topic+name+meta {
		return "", 0, nil, false
	}
	return string(b[5+topic : 5+topic+name]), wire.Encoding(b[4]), b[5+topic+name+meta:], true
}
