// Package client is one member of a room as a Go program: it takes a seat and
// connects to a box over the network, as the web app does.
//
// [Join] takes a seat over HTTP and joins the room's channel on a WebSocket.
// [JoinLane] also opens a lane: WebRTC data channels on which notes and the
// clock travel from then on. A packet on a lane may be lost, so the client
// repeats its notes. It drops the events and summaries that it already has.
// [Peer] is a lane's WebRTC connection without a member.
//
// The caller runs [Client.Read] until it returns. All other methods of a Client
// are safe for concurrent use. The package sends only to the given box and does
// not import the packages that run one.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
	"github.com/gorilla/websocket"
)

// Handler receives a client's messages. [Client.Read] calls its functions one
// at a time. If a function is nil, its messages are dropped.
type Handler struct {
	// Notes receives a room frame and the local time at which it was read.
	Notes func(f wire.RoomFrame, at clock.Millis)
	// Clock receives the reply to a ping.
	Clock func(r wire.ClockReply, at clock.Millis)
	// Event receives every other broadcast. payload is JSON.
	Event func(event string, payload []byte)
}

// Client is a connected member of a room.
type Client struct {
	ID    string // student_id
	Seat  uint8
	box   string // its address
	topic string
	token string // of the seat
	// connName names the WebSocket, so that the box finds it when a lane opens.
	// Without a lane it is empty.
	connName string
	conn     *websocket.Conn
	lane     atomic.Pointer[lane]
	lanes    atomic.Uint32 // opened so far
	sent     atomic.Int64  // messages

	mu  sync.Mutex // guards writes and ref
	ref int

	receiving sync.Mutex     // one message at a time; guards dedupe
	dedupe    dedupe         // unused without a connName
	early     []earlyMessage // for Read
}

// Connect opens the WebSocket of a seat and joins the room's channel.
func Connect(ctx context.Context, box string, seat SeatReply) (*Client, error) {
	return connect(ctx, box, seat, "")
}

// ConnectForLane is Connect for a client that will open a lane. The box then
// drops notes whose numbers it has seen, so that the client may repeat them.
func ConnectForLane(ctx context.Context, box string, seat SeatReply) (*Client, error) {
	return connect(ctx, box, seat, NewConnName())
}

func connect(ctx context.Context, box string, seat SeatReply, connName string) (*Client, error) {
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
	if connName != "" {
		query.Set("link", connName)
	}
	u.RawQuery = query.Encode()
	conn, resp, err := websocket.DefaultDialer.DialContext(ctx, u.String(), nil)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	c := &Client{
		ID: seat.Member.ID, Seat: seat.Member.Seat, box: box, topic: wire.TopicPrefix + seat.Topic,
		token: seat.Token, connName: connName, conn: conn, dedupe: newDedupe(),
	}
	return c, c.joinChannel(seat.Token)
}

// joinRef is the ref of a client's only join. Its pushes repeat it.
var joinRef = wire.TextRef("1")

// maxEarly bounds the messages before the reply to a join. There are many if a
// whole class joins at the same time.
const maxEarly = 1024

// joinChannel joins the room's channel. It keeps the messages that come before
// the reply, for Read.
func (c *Client) joinChannel(token string) error {
	payload, err := json.Marshal(map[string]any{
		"access_token": token,
		"config":       map[string]any{"private": true, "presence": map[string]any{"enabled": false}},
	})
	if err != nil {
		return err
	}
	join := wire.Envelope(wire.V2, joinRef, joinRef, c.topic, "phx_join", payload)
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
			c.early = append(c.early, earlyMessage{kind == websocket.BinaryMessage, message, clock.Now()})
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

// earlyMessage is a message that came before the reply to the join.
type earlyMessage struct {
	binary  bool
	message []byte
	at      clock.Millis
}

func (c *Client) write(kind int, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.WriteMessage(kind, b)
}

// encode encodes a user broadcast that asks for no reply.
func (c *Client) encode(event string, enc wire.Encoding, payload []byte) ([]byte, error) {
	frame := make([]byte, 0, 16+len(c.topic)+len(event)+len(payload))
	return wire.AppendPush(frame, wire.Message{JoinRef: joinRef, Topic: c.topic, Event: event, Encoding: enc, Payload: payload})
}

// push sends a user broadcast over the WebSocket.
func (c *Client) push(event string, enc wire.Encoding, payload []byte) error {
	frame, err := c.encode(event, enc, payload)
	if err != nil {
		return err
	}
	c.sent.Add(1)
	return c.write(websocket.BinaryMessage, frame)
}

// Play sends notes. At is the sender's estimate of the box clock. Seq is one
// more than the Seq of the note before. On a lane the client repeats them,
// because packets may be lost.
func (c *Client) Play(notes ...wire.NoteEvent) error {
	if l := c.lane.Load(); l != nil {
		return c.playLane(l, notes)
	}
	return c.push(wire.EventNotes, wire.Binary, wire.AppendNotesUp(nil, notes))
}

// Ping asks for the time of the box clock. The reply takes the same path as the
// ping, lane or WebSocket, and goes to Handler.Clock.
func (c *Client) Ping(id uint16, t1 clock.Millis) error {
	payload := wire.AppendClockPing(nil, wire.ClockPing{ID: id, T1: float64(t1)})
	if l := c.lane.Load(); l != nil {
		return c.sendLane(l, wire.EventClock, payload)
	}
	return c.push(wire.EventClock, wire.Binary, payload)
}

// Send sends any other broadcast over the WebSocket. payload is JSON.
func (c *Client) Send(event string, payload []byte) error { return c.push(event, wire.JSON, payload) }

// Sent returns how many broadcasts the client has sent since it joined.
func (c *Client) Sent() int64 { return c.sent.Load() }

// heartbeatEvery is the default interval of realtime-js.
const heartbeatEvery = 25 * time.Second

// Close closes the lane and the WebSocket. Read then returns.
func (c *Client) Close() {
	if l := c.lane.Swap(nil); l != nil {
		l.peer.Close()
	}
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = c.conn.Close()
}

// Read receives messages and sends heartbeats until the connection or ctx ends.
// It returns nil only if ctx ended.
func (c *Client) Read(ctx context.Context, h Handler) error {
	stop := context.AfterFunc(ctx, c.Close)
	defer stop()
	var running sync.WaitGroup
	defer running.Wait()
	done := make(chan struct{})
	defer close(done)
	running.Go(func() { c.sendHeartbeats(done) })
	if l := c.lane.Load(); l != nil {
		running.Go(func() { c.runLane(l, h, done) })
	}
	for _, m := range c.early {
		c.receive(h, m.binary, m.message, m.at)
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
		c.receive(h, kind == websocket.BinaryMessage, message, clock.Now())
	}
}

// sendHeartbeats sends Phoenix heartbeats until done is closed.
func (c *Client) sendHeartbeats(done <-chan struct{}) {
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

func (c *Client) receive(h Handler, binary bool, message []byte, at clock.Millis) {
	if !binary {
		return // replies and presence
	}
	m, err := wire.DecodeBroadcast(message)
	if err != nil {
		return // from an older or newer box
	}
	c.receiving.Lock()
	defer c.receiving.Unlock()
	switch {
	case m.Event == wire.EventNotes && h.Notes != nil:
		if f, err := wire.DecodeRoomFrame(m.Payload); err == nil {
			if c.MayRepeat() {
				c.dedupe.filter(&f)
			}
			h.Notes(f, at)
		}
	case m.Event == wire.EventClock && h.Clock != nil:
		if r, err := wire.DecodeClockReply(m.Payload); err == nil {
			h.Clock(r, at)
		}
	case m.Encoding == wire.JSON && h.Event != nil:
		h.Event(m.Event, m.Payload)
	}
}
