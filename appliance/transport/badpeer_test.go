package transport

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/rtc"
	"downbeat.local/appliance/rtc/rtctest"
	"downbeat.local/sync/clock"
)

// TestTooLongForALane checks that a message too long for a note costs the lane,
// and nothing else.
func TestTooLongForALane(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{receive: echo})
	ws, c := b.dialNamed(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	if err := p.notes.Send(bytes.Repeat([]byte("x"), c.lane().peer.Notes.MaxMessage()+1)); err != nil {
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

// TestPeerThatNeverReads checks that packets for a client that does not read are
// dropped, and that the lane ends after a while.
func TestPeerThatNeverReads(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	p, offer := newPhone(t)
	deaf := make(chan struct{})
	t.Cleanup(func() { close(deaf) }) // before the peer is closed, which waits for its readers
	p.notes.OnMessage(func(webrtc.DataChannelMessage) { <-deaf })
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada", ConnName: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.take(t, answer)
	poll(t, "the lane", func() bool { return onLane(c) })
	frame := binaryMessage(make([]byte, 1000))
	notes := c.lane().peer.Notes
	most := 0
	poll(t, "the lane to end", func() bool {
		_ = p.notes.Send([]byte("not silent")) // fails once it has ended
		for range 100 {
			c.Lossy(frame)
			most = max(most, notes.Waiting())
		}
		return !onLane(c)
	})
	if dropped := b.Stats().Dropped["lane"]; dropped == 0 || most > laneBacklog+1000 {
		t.Errorf("%d frames were dropped, and %d bytes waited for a peer that does not read", dropped, most)
	}
}

// TestThirdChannel checks that a client loses its lane if it opens a channel of its
// own. Nothing would bound how many.
func TestThirdChannel(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	if _, err := p.pc.CreateDataChannel("mine", nil); err != nil {
		t.Fatal(err)
	}
	p.loses(t, c)
}

// TestOffersWithoutPeers checks that an offer whose peer never connects delays
// nothing, and that a second offer takes its place.
func TestOffersWithoutPeers(t *testing.T) {
	b := startLanes(t, Limits{Each: 3}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	_, offer := newPhone(t)
	began := time.Now()
	for range 20 {
		if _, err := b.Offer(t.Context(), offer, Caller{Key: "ada", ConnName: "l1"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	poll(t, "all but the last to be forgotten", func() bool {
		return b.peers.size() == 1
	})
	if took := time.Since(began); took >= rtc.DefaultOpenTimeout {
		t.Errorf("they were forgotten after %v, not at the next offer", took)
	}
	if onLane(c) {
		t.Error("a peer that never connected is a lane")
	}
	for range 10 {
		if _, err := b.Offer(t.Context(), offer, Caller{Key: "bob"}, nil); err != nil && !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
	}
	if b.peers.size() > 1+3 {
		t.Errorf("%d peers wait, of one caller that may have 3 and one that may have 1", b.peers.size())
	}
}

// TestPiecesOfMessages checks that messages which are never complete cost the
// lane, and nothing else. Package rtc tests how many may wait.
func TestPiecesOfMessages(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{receive: echo})
	ws, c := b.dialNamed(t, "ada", "l1")
	b.unwatched(c) // the lane is silent, and must not end for that
	p := rtctest.NewRawPhone(t)
	answer, err := b.Offer(t.Context(), p.Offer, Caller{Key: "ada", ConnName: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Connect(t, answer)
	poll(t, "the lane", func() bool { return onLane(c) })
	poll(t, "the lane to end", func() bool {
		_ = p.SendPieces(50) // fails once it has ended
		return !onLane(c)
	})
	if err := ws.WriteMessage(1, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, ws); got != "still here" {
		t.Errorf("the socket said %q", got)
	}
}

// TestHalfOpenPeer checks that a client which passes ICE and then never speaks
// DTLS gets no lane, and that nothing is left of its peer. Package rtc tests what
// such a client is sent.
func TestHalfOpenPeer(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	_, offer := newPhone(t)
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada", ConnName: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	half := rtctest.HalfOpen(t, offer, answer)
	if _, err := half.Read(make([]byte, 2000)); err != nil { // the box has begun DTLS
		t.Fatal(err)
	}
	if onLane(c) {
		t.Error("half a peer is a lane")
	}
	c.coming.Load().End() // as its time is over
	poll(t, "it to be forgotten", func() bool { return b.resting() && c.coming.Load() == nil })
	poll(t, "the packet filter to be empty", func() bool {
		peers, addresses := b.listener.Admitted()
		return peers+addresses == 0
	})
}

// TestSilentLane checks that a silent lane ends, though ICE may keep the peer for
// longer.
func TestSilentLane(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	now := monotonic()
	if c.laneSide.check(now + laneTimeout/2); !onLane(c) {
		t.Error("a lane that works ended")
	}
	if c.laneSide.check(now + 2*laneTimeout); onLane(c) {
		t.Error("a silent lane did not end")
	}
}

// TestLaneBeginsWhenItsPeerConnects checks that the time before counts neither as
// silence nor as overlap.
func TestLaneBeginsWhenItsPeerConnects(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, c := b.dialNamed(t, "ada", "l1")
	p, offer := newPhone(t)
	answer, err := b.Offer(t.Context(), offer, Caller{Key: "ada", ConnName: "l1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	poll(t, "the box to wait for the peer", func() bool { return c.coming.Load() != nil })
	late := monotonic() + 300*time.Millisecond
	poll(t, "the peer to be late", func() bool { return monotonic() > late })
	p.take(t, answer)
	poll(t, "the lane", func() bool { return onLane(c) })
	if l := c.lane(); l.since < late || time.Duration(l.heard.Load()) < late {
		t.Errorf("the lane began at %v and was heard at %v, want after %v", l.since, time.Duration(l.heard.Load()), late)
	}
}

// TestOpenTimeout checks that the box forgets a peer that does not connect in time.
func TestOpenTimeout(t *testing.T) {
	b := startImpatient(t, Limits{}, receiver{}, 50*time.Millisecond)
	_, c := b.dialNamed(t, "ada", "l1")
	_, offer := newPhone(t)
	if _, err := b.Offer(t.Context(), offer, Caller{Key: "ada", ConnName: "l1"}, nil); err != nil {
		t.Fatal(err)
	}
	poll(t, "it to be forgotten", func() bool { return b.resting() && c.coming.Load() == nil })
}

// TestFloodedLane checks that a flood is read, so that it does not pile up, but
// dropped, and that it costs the lane.
func TestFloodedLane(t *testing.T) {
	heard := new(atomic.Int64)
	b := startLanes(t, Limits{Pace: 20}, receiver{receive: func(*Conn, []byte) { heard.Add(1) }})
	ws, c := b.dialNamed(t, "ada", "l1")
	p := b.lane(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	poll(t, "the lane to end", func() bool {
		for range 20 {
			_ = p.state.Send([]byte("x")) // fails once it has ended
		}
		return !onLane(c)
	})
	if n := heard.Load(); n > 20*paceBurst+100 {
		t.Errorf("the receiver got %d messages", n)
	}
	if b.Stats().Flooded == 0 {
		t.Error("no message was counted as flooded")
	}
	if err := ws.WriteMessage(1, []byte("still here")); err != nil {
		t.Error(err)
	}
}

// TestBoxStopsDuringOffers checks that offers are refused from then on, and that
// peers which were answered before end.
func TestBoxStopsDuringOffers(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	_, offer := newPhone(t)
	var group errgroup.Group
	answered := make(chan struct{}, 100)
	for n := range 4 {
		link := fmt.Sprint("l", n)
		b.dialNamed(t, link, link)
		group.Go(func() error {
			for {
				if _, err := b.Offer(t.Context(), offer, Caller{Key: link, ConnName: link}, nil); err != nil {
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

// TestNoReflector checks that the box sends nothing to an address that an offer
// names.
func TestNoReflector(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	b.dialNamed(t, "ada", "l1")
	victim, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = victim.Close() })
	_, offer := newPhone(t)
	_, port, _ := net.SplitHostPort(victim.LocalAddr().String())
	offer = strings.TrimSuffix(offer, "\r\n") + "\r\na=candidate:1 1 udp 2130706431 127.0.0.1 " + port + " typ host\r\n"
	if _, err := b.Offer(t.Context(), offer, Caller{Key: "ada", ConnName: "l1"}, nil); err != nil {
		t.Fatal(err)
	}
	_ = victim.SetReadDeadline(time.Now().Add(600 * time.Millisecond)) // three times what a full agent waits between checks
	if n, from, err := victim.ReadFrom(make([]byte, 2000)); err == nil {
		t.Errorf("%d bytes came from %v", n, from)
	}
}

// TestFiveHundredLanes opens and ends lanes, ten at a time, half of them without a
// close, and checks that nothing is left of them.
func TestFiveHundredLanes(t *testing.T) {
	cycles := 500
	if testing.Short() {
		cycles = 50
	}
	b := startLanes(t, Limits{}, receiver{receive: func(c *Conn, m []byte) { c.Lossy(binaryMessage(m)) }})
	_, warm := b.dialNamed(t, "ada", "l0")
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
				ws, _ := b.dialNamed(t, link, link)
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
	poll(t, "the packet filter to be empty", func() bool {
		peers, addresses := b.listener.Admitted()
		return peers+addresses == 0
	})
	if grown := heap() - heapBefore; grown > 2<<20 {
		t.Errorf("%d lanes left %d bytes behind", cycles, grown)
	}
}

// loses waits until a client has no lane any more. It sends notes meanwhile, so
// that silence is not the reason.
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
	return b.peers.size() == 0
}
