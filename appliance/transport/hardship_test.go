package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
	"golang.org/x/sync/errgroup"

	"downbeat.local/sync/clock"
)

// TestTooLongForALane: whoever sends what no note is loses the lane, and
// nothing else.
func TestTooLongForALane(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{receive: echo})
	ws, c := b.dialLinked(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	if err := p.notes.Send(bytes.Repeat([]byte("x"), maxNote+1)); err != nil {
		t.Fatal(err)
	}
	p.loses(t, c)
	if err := ws.WriteMessage(1, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, ws); got != "still here" {
		t.Errorf("the socket said %q", got)
	}
}

// TestPeerThatNeverReads: what does not leave is dropped, not kept, and after a
// while the lane ends.
func TestPeerThatNeverReads(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialLinked(t, "ada", "l1")
	p, offer := newPhone(t)
	deaf := make(chan struct{})
	t.Cleanup(func() { close(deaf) }) // before the peer is closed, which waits for its readers
	p.notes.OnMessage(func(webrtc.DataChannelMessage) { <-deaf })
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada", Link: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.take(t, answer)
	poll(t, "the lane", func() bool { return onLane(c) })
	frame := binaryMessage(make([]byte, 1000))
	notes := c.out.lane.Load().peer.notes
	most := uint64(0)
	poll(t, "the lane to end", func() bool {
		_ = p.notes.Send([]byte("not silent")) // fails once it has ended
		for range 100 {
			c.Lossy(frame)
			most = max(most, notes.BufferedAmount())
		}
		return !onLane(c)
	})
	if dropped := b.Stats().Dropped["lane"]; dropped == 0 || most > laneBacklog+1000 {
		t.Errorf("%d frames were dropped, and %d bytes waited for a peer that does not read", dropped, most)
	}
}

// TestMoreChannelsThanAgreed: whoever opens one of his own loses the lane, for
// nothing would bound how many.
func TestMoreChannelsThanAgreed(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialLinked(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	if _, err := p.pc.CreateDataChannel("mine", nil); err != nil {
		t.Fatal(err)
	}
	p.loses(t, c)
}

// TestPeersThatNeverCome: an offer whose peer never comes holds nothing up, and
// a second one takes its place.
func TestPeersThatNeverCome(t *testing.T) {
	b := startLanes(t, Limits{Each: 3}, receiver{})
	_, c := b.dialLinked(t, "ada", "l1")
	_, offer := newPhone(t)
	began := time.Now()
	for range 20 {
		if _, err := b.Offer(t.Context(), offer, Caller{Key: "ada", Link: "l1"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	poll(t, "all but the last to be forgotten", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.peers) == 1
	})
	if took := time.Since(began); took >= openTimeout {
		t.Errorf("they were given up after %v, not when the next one came", took)
	}
	if onLane(c) {
		t.Error("a peer that never came is a lane")
	}
	for range 10 {
		if _, err := b.Offer(t.Context(), offer, Caller{Key: "bob"}, nil); err != nil && !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.peers) > 1+3 {
		t.Errorf("%d peers wait, of one who may have 3 and one who may have 1", len(b.peers))
	}
}

// TestHalfOpenPeer: whoever proves where he is and then never speaks DTLS gets a
// few packets, no lane, and is forgotten.
func TestHalfOpenPeer(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialLinked(t, "ada", "l1")
	_, offer := newPhone(t)
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada", Link: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	half := halfOpen(t, offer, answer)
	hello := make([]byte, 2000)
	n, err := half.Read(hello)
	if err != nil || n < 2 || hello[0] != 22 { // a handshake (RFC 6347 section 4.1)
		t.Fatalf("the box said %q, %v; want the beginning of a handshake", hello[:n], err)
	}
	if onLane(c) {
		t.Error("half a peer is a lane")
	}
	c.coming.Load().end() // as its time is over
	poll(t, "it to be forgotten", func() bool { return b.resting() && c.coming.Load() == nil })
	doors, places := b.lanes.mux.conn.size()
	if doors+places > 0 {
		t.Errorf("%d doors and %d addresses are left of it", doors, places)
	}
}

// halfOpen does ICE as the phone of an offer, and nothing else.
func halfOpen(t *testing.T, offer, answer string) *ice.Conn {
	t.Helper()
	agent, err := ice.NewAgentWithOptions(
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}),
		ice.WithIncludeLoopback(),
		ice.WithInterfaceFilter(func(name string) bool { return name == "lo" }),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithLocalCredentials(attribute(t, offer, "ice-ufrag"), attribute(t, offer, "ice-pwd")),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Close() })
	if err := agent.OnCandidate(func(ice.Candidate) {}); err != nil {
		t.Fatal(err)
	}
	if err := agent.GatherCandidates(); err != nil {
		t.Fatal(err)
	}
	there, err := ice.UnmarshalCandidate(attribute(t, answer, "candidate"))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.AddRemoteCandidate(there); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := agent.Dial(ctx, attribute(t, answer, "ice-ufrag"), attribute(t, answer, "ice-pwd"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// attribute is the first of that name in a description.
func attribute(t *testing.T, description, name string) string {
	t.Helper()
	for line := range strings.Lines(description) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "a="+name+":"); ok {
			return value
		}
	}
	t.Fatalf("no %s in %q", name, description)
	return ""
}

// TestASilentLane is given up, though ICE may keep it for longer.
func TestASilentLane(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialLinked(t, "ada", "l1")
	b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	now := monotonic()
	if c.lookLane(now + laneTimeout/2); !onLane(c) {
		t.Error("a lane that was heard ended")
	}
	if c.lookLane(now + 2*laneTimeout); onLane(c) {
		t.Error("a silent lane did not end")
	}
}

// TestALaneIsAsOldAsItsPeer: the time that it took to connect is no silence, and
// no part of the time in which the logs leave by both ways.
func TestALaneIsAsOldAsItsPeer(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialLinked(t, "ada", "l1")
	p, offer := newPhone(t)
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada", Link: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	poll(t, "the box to wait for the peer", func() bool { return c.coming.Load() != nil })
	late := monotonic() + 300*time.Millisecond
	poll(t, "the peer to be late", func() bool { return monotonic() > late })
	p.take(t, answer)
	poll(t, "the lane", func() bool { return onLane(c) })
	if l := c.out.lane.Load(); l.since < late || time.Duration(l.heard.Load()) < late {
		t.Errorf("the lane began at %v and was heard at %v, want after %v", l.since, time.Duration(l.heard.Load()), late)
	}
}

// TestAPeerThatNeverComes is waited for, but not for ever.
func TestAPeerThatNeverComes(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	b.lanes.patience = 50 * time.Millisecond
	_, c := b.dialLinked(t, "ada", "l1")
	_, offer := newPhone(t)
	if _, err := b.Offer(t.Context(), offer, Caller{Key: "ada", Link: "l1"}, nil); err != nil {
		t.Fatal(err)
	}
	poll(t, "it to be given up", func() bool { return b.resting() && c.coming.Load() == nil })
}

// TestAFlood of what nobody has to say is read, so that it does not pile up,
// not heard, and costs the lane.
func TestAFlood(t *testing.T) {
	heard := new(atomic.Int64)
	b := startLanes(t, Limits{Pace: 20}, receiver{receive: func(*Conn, []byte) { heard.Add(1) }})
	ws, c := b.dialLinked(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	poll(t, "the lane to end", func() bool {
		for range 20 {
			_ = p.state.Send([]byte("x")) // fails once it has ended
		}
		return !onLane(c)
	})
	if n := heard.Load(); n > 20*paceBurst+100 {
		t.Errorf("%d messages were heard", n)
	}
	if b.Stats().Flooded == 0 {
		t.Error("nothing was counted as too much")
	}
	if err := ws.WriteMessage(1, []byte("still here")); err != nil {
		t.Error(err)
	}
}

// TestBoxStopsDuringOffers: whoever makes one meanwhile is refused, and what
// was answered before is ended.
func TestBoxStopsDuringOffers(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, offer := newPhone(t)
	var group errgroup.Group
	answered := make(chan struct{}, 100)
	for n := range 4 {
		link := fmt.Sprint("l", n)
		b.dialLinked(t, link, link)
		group.Go(func() error {
			for {
				if _, err := b.Offer(t.Context(), offer, Caller{Key: link, Link: link}, nil); err != nil {
					return err
				}
				select {
				case answered <- struct{}{}:
				default: // enough are known
				}
			}
		})
	}
	for range 20 {
		<-answered
	}
	b.stop()
	if err := group.Wait(); !errors.Is(err, ErrStopped) {
		t.Errorf("got %v", err)
	}
	if !b.resting() {
		t.Error("a peer has outlived the box")
	}
}

// TestNoReflector: the box sends nothing to an address that an offer names.
func TestNoReflector(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	b.dialLinked(t, "ada", "l1")
	victim, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = victim.Close() })
	_, offer := newPhone(t)
	_, port, _ := net.SplitHostPort(victim.LocalAddr().String())
	offer = strings.TrimSuffix(offer, "\r\n") + "\r\na=candidate:1 1 udp 2130706431 127.0.0.1 " + port + " typ host\r\n"
	if _, err := b.Offer(t.Context(), offer, Caller{Key: "ada", Link: "l1"}, nil); err != nil {
		t.Fatal(err)
	}
	_ = victim.SetReadDeadline(time.Now().Add(600 * time.Millisecond)) // three times what a full agent waits between checks
	if n, from, err := victim.ReadFrom(make([]byte, 2000)); err == nil {
		t.Errorf("%d bytes came from %v", n, from)
	}
}

// TestFiveHundredLanes come and go, ten at a time, half of them without a
// word, and leave nothing behind.
func TestFiveHundredLanes(t *testing.T) {
	cycles := 500
	if testing.Short() {
		cycles = 50
	}
	b := startLanes(t, Limits{}, receiver{receive: func(c *Conn, m []byte) { c.Lossy(binaryMessage(m)) }})
	_, warm := b.dialLinked(t, "ada", "l0")
	b.lane(t, "ada", "l0").hearBack(t)
	warm.DropLane(0)
	poll(t, "rest", func() bool { return b.resting() })
	goroutines, heapBefore := runtime.NumGoroutine(), heap()
	began := clock.Now()
	var group errgroup.Group
	group.SetLimit(10)
	for n := range cycles {
		group.Go(func() error {
			t.Run("", func(t *testing.T) {
				link := fmt.Sprint("l", n+1)
				ws, _ := b.dialLinked(t, link, link)
				p := b.lane(t, link, link)
				p.hearBack(t)
				if n%2 == 0 {
					_ = ws.Close()
				} else {
					_ = p.pc.Close()
				}
			})
			return nil
		})
	}
	_ = group.Wait()
	t.Logf("%d lanes came and went in %v", cycles, clock.Now().Sub(began))
	poll(t, "rest", func() bool { return b.resting() && runtime.NumGoroutine() <= goroutines+2 })
	poll(t, "the gate to be shut", func() bool {
		doors, places := b.lanes.mux.conn.size()
		return doors+places == 0
	})
	if grown := heap() - heapBefore; grown > 2<<20 {
		t.Errorf("%d lanes left %d bytes behind", cycles, grown)
	}
}

// loses waits until a client has no lane any more. It talks all the while, so
// that this is not for silence.
func (p *phone) loses(t *testing.T, c *Conn) {
	t.Helper()
	poll(t, "the lane to end", func() bool {
		_ = p.notes.Send([]byte("not silent")) // fails once it has ended
		return !onLane(c)
	})
}

// hearBack sends a note and waits for its echo.
func (p *phone) hearBack(t *testing.T) {
	t.Helper()
	for {
		if err := p.notes.Send([]byte("note")); err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.heard:
			return
		case <-time.After(100 * time.Millisecond): // lost, or too early for the lane
		}
	}
}

// resting reports whether no peer is left.
func (b *box) resting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.peers) == 0
}
