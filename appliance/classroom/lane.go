package classroom

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

// laneTimeout bounds how long a lane may take to open: several times what a
// handshake needs that loses every third packet.
const laneTimeout = 10 * time.Second

// lane is a client's way for what is worth nothing when it is late.
type lane struct {
	peer   *Peer
	number uint32        // by which the box knows it
	plays  chan struct{} // holds one token after something was played

	mu      sync.Mutex // guards refrain
	refrain refrain
}

// NewLink invents the name by which a peer finds its socket.
func NewLink() string {
	var link [16]byte
	_, _ = rand.Read(link[:]) // it never fails: crypto/rand
	return hex.EncodeToString(link[:])
}

// OpenLane gives a client that [ConnectLinked] connected its lane: notes and
// the clock travel there from then on. The errors are those of [OpenPeer]. It
// comes before Read.
func (c *Client) OpenLane(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, laneTimeout)
	defer cancel()
	number := c.lanes.Add(1)
	query := url.Values{"link": {c.link}, "lane": {strconv.FormatUint(uint64(number), 10)}}
	peer, err := OpenPeer(ctx, strings.TrimSuffix(c.box, "/")+"/rtc/v1/offer?"+query.Encode(), c.token)
	if err != nil {
		return err
	}
	c.lane.Store(&lane{peer: peer, number: number, plays: make(chan struct{}, 1)})
	return nil
}

// runLane hears the lane and repeats on it until it or the client ends, and
// tells the box if only the lane did.
func (c *Client) runLane(l *lane, h Handler, done <-chan struct{}) {
	var repeating sync.WaitGroup
	ended := make(chan struct{})
	repeating.Go(func() { c.repeat(l, ended) })
	repeating.Go(func() {
		select {
		case <-done:
		case <-l.peer.Over():
		}
		l.peer.Close() // and hearing ends
	})
	l.peer.Receive(func(message []byte) { c.hear(h, true, message, clock.Now()) })
	close(ended)
	l.peer.fail()
	repeating.Wait()
	if c.lane.CompareAndSwap(l, nil) {
		about, _ := json.Marshal(map[string]uint32{"lane": l.number}) // it never fails: a number
		down := wire.Envelope(wire.V2, wire.Ref{}, wire.Ref{}, "phoenix", "lane_down", about)
		_ = c.write(websocket.TextMessage, down.Payload()) // Read notices a dead connection
	}
}

// playLane says events on the lane.
func (c *Client) playLane(l *lane, notes []wire.NoteEvent) error {
	now := time.Now()
	l.mu.Lock()
	l.refrain.play(now, notes)
	payload := l.refrain.packet(now)
	l.mu.Unlock()
	select {
	case l.plays <- struct{}{}:
	default:
	}
	return c.sendLane(l, wire.EventNotes, payload)
}

// repeat says what was played again when it is time, until the lane ends.
func (c *Client) repeat(l *lane, ended <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ended:
			return
		case <-l.plays:
		case now := <-timer.C:
			l.mu.Lock()
			payload := l.refrain.packet(now)
			l.refrain.passed()
			l.mu.Unlock()
			_ = c.sendLane(l, wire.EventNotes, payload) // hearing notices a dead lane
		}
		l.mu.Lock()
		at, ok := l.refrain.next()
		l.mu.Unlock()
		if !ok {
			at = time.Now().Add(time.Hour)
		}
		timer.Reset(time.Until(at))
	}
}

func (c *Client) sendLane(l *lane, event string, payload []byte) error {
	c.said.Add(1)
	_, err := l.peer.Notes.Write(c.pushOf(event, wire.Binary, payload))
	return err
}

// reportEvery is how often a client on the lane tells the box of its network.
const reportEvery = 3 * time.Second

// sendReport sends a report over the socket.
func (c *Client) sendReport(r wire.NetworkReport) error {
	text, err := json.Marshal(r)
	return errors.Join(err, c.Send("network_report", text))
}
