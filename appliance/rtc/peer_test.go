package rtc

import (
	"sync"
	"testing"

	"go.uber.org/goleak"

	"downbeat.local/appliance/rtc/rtctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connecting is a peer that waits for its client.
type connecting struct {
	*Peer
	connected chan bool // what Connect returned
}

// connect answers an offer, and waits for its client on another goroutine.
func (l *Listener) connect(t *testing.T, offer string) (c connecting, answer string) {
	t.Helper()
	var running sync.WaitGroup
	p, answer, err := l.Answer(t.Context(), offer, &running)
	if err != nil {
		t.Fatal(err)
	}
	c = connecting{p, make(chan bool, 1)}
	var waiting sync.WaitGroup
	waiting.Go(func() { c.connected <- p.Connect() })
	t.Cleanup(func() {
		p.End()
		waiting.Wait()
		running.Wait()
	})
	return c, answer
}

// TestHalfOpenPeer covers a client that passes ICE and then never speaks DTLS. It
// gets a few packets and no channels, and is forgotten.
func TestHalfOpenPeer(t *testing.T) {
	l, offer := listen(t), browserOffer(t)
	p, answer := l.connect(t, offer)
	half := rtctest.HalfOpen(t, offer, answer)
	hello := make([]byte, 2000)
	n, err := half.Read(hello)
	if err != nil || n < 2 || hello[0] != 22 { // a handshake (RFC 6347 section 4.1)
		t.Fatalf("the box said %q, %v; want the beginning of a handshake", hello[:n], err)
	}
	select {
	case ok := <-p.connected:
		t.Errorf("half a peer has connected: %v", ok)
	default:
	}
	p.End() // as its time is over
	if <-p.connected {
		t.Error("half a peer has connected")
	}
	p.running.Wait()
	peers, addresses := l.Admitted()
	if peers+addresses > 0 {
		t.Errorf("%d peers and %d addresses are left of it", peers, addresses)
	}
}

// TestACertificateOfAnother: a client that has read an offer, and has not the
// certificate that it names, gets no channels.
func TestACertificateOfAnother(t *testing.T) {
	l := listen(t)
	owner, thief := rtctest.NewRawPhone(t), rtctest.NewRawPhone(t)
	thief.Offer = owner.Offer
	p, answer := l.connect(t, thief.Offer)
	secure, err := thief.Secure(t, answer)
	if err == nil {
		t.Error("the handshake succeeded")
	}
	_ = secure.Close()
	if <-p.connected {
		t.Error("the peer has connected")
	}
}
