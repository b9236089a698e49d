package client

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// laneTimeout bounds the opening of a lane. It is several times as long as a
// handshake that loses every third packet.
const laneTimeout = 10 * time.Second

// lane is a client's fast path, for messages that are useless if they are late.
type lane struct {
	peer   *Peer
	number uint32        // identifies it in lane_down
	played chan struct{} // holds one token if the repeater has new events

	mu       sync.Mutex // guards repeater
	repeater repeater
}

// NewConnName returns a random name for a WebSocket. The box finds the WebSocket
// by it when a lane opens; on the wire the name is the link.
func NewConnName() string {
	var name [16]byte
	_, _ = rand.Read(name[:]) // crypto/rand never fails
	return hex.EncodeToString(name[:])
}

// OpenLane opens the lane of a client from [ConnectForLane]. Notes and the clock
// then travel on it. The caller calls it before Read. The errors are those of
// [OpenPeer].
func (c *Client) OpenLane(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, laneTimeout)
	defer cancel()
	number := c.lanes.Add(1)
	query := url.Values{"link": {c.connName}, "lane": {strconv.FormatUint(uint64(number), 10)}}
	peer, err := OpenPeer(ctx, strings.TrimSuffix(c.box, "/")+"/rtc/v1/offer?"+query.Encode(), c.token)
	if err != nil {
		return err
	}
	c.lane.Store(&lane{peer: peer, number: number, played: make(chan struct{}, 1)})
	return nil
}

// runLane receives and repeats notes on the lane until the lane or the client
// ends. If only the lane ended, it sends lane_down to the box.
func (c *Client) runLane(l *lane, h Handler, done <-chan struct{}) {
	var running sync.WaitGroup
	ended := make(chan struct{})
	running.Go(func() { c.repeat(l, ended) })
	running.Go(func() {
		select {
		case <-done:
		case <-l.peer.Over():
		}
		l.peer.Close() // so that Receive returns
	})
	l.peer.Receive(func(message []byte) { c.receive(h, true, message, clock.Now()) })
	close(ended)
	l.peer.fail()
	running.Wait()
	if c.lane.CompareAndSwap(l, nil) {
		about, _ := json.Marshal(map[string]uint32{"lane": l.number}) // a number never fails
		down := wire.Envelope(wire.V2, wire.Ref{}, wire.Ref{}, "phoenix", "lane_down", about)
		_ = c.write(websocket.TextMessage, down.Payload()) // Read notices a dead connection
	}
}

// playLane sends events on the lane and schedules their repeats.
func (c *Client) playLane(l *lane, notes []wire.NoteEvent) error {
	now := time.Now()
	l.mu.Lock()
	l.repeater.add(now, notes)
	payload := l.repeater.packet(now)
	l.mu.Unlock()
	select {
	case l.played <- struct{}{}:
	default:
	}
	return c.sendLane(l, wire.EventNotes, payload)
}

// repeat sends packets when the repeater says so, until the lane ends.
func (c *Client) repeat(l *lane, ended <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ended:
			return
		case <-l.played:
		case now := <-timer.C:
			l.mu.Lock()
			payload := l.repeater.packet(now)
			l.repeater.advance()
			l.mu.Unlock()
			_ = c.sendLane(l, wire.EventNotes, payload) // Receive notices a dead lane
		}
		l.mu.Lock()
		at, ok := l.repeater.next()
		l.mu.Unlock()
		if !ok {
			at = time.Now().Add(time.Hour)
		}
		timer.Reset(time.Until(at))
	}
}

func (c *Client) sendLane(l *lane, event string, payload []byte) error {
	frame, err := c.encode(event, wire.Binary, payload)
	if err != nil {
		return err
	}
	c.sent.Add(1)
	_, err = l.peer.Notes.Write(frame)
	return err
}

// MayRepeat reports whether the client was connected for a lane, and so may send
// a note twice. It stays true after the lane has ended.
func (c *Client) MayRepeat() bool { return c.connName != "" }

// OnLane reports whether notes travel on a lane now.
func (c *Client) OnLane() bool { return c.lane.Load() != nil }

// Report sends a report about the client's network over the WebSocket.
func (c *Client) Report(r wire.NetworkReport) error {
	text, err := json.Marshal(r)
	return errors.Join(err, c.Send("network_report", text))
}
