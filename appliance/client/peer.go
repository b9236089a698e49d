package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// Peer is the client's end of a WebRTC connection with the two channels of a
// lane. A Write sends one message, and a Read returns one.
type Peer struct {
	Notes datachannel.ReadWriteCloser // unordered, without retransmission
	State datachannel.ReadWriteCloser // ordered and reliable

	pc   *webrtc.PeerConnection
	open chan struct{} // closed when both channels are open
	over chan struct{} // closed when the connection has failed or ended
	fail func()        // closes over, once
}

// Errors of [OpenPeer]. Their texts are sentences for people.
var (
	// ErrNoLane means that the box takes no offers.
	ErrNoLane = errors.New("this box plays over websocket only: leave out --transport webrtc")
	// ErrBlocked means that the box took the offer but no packet arrived.
	ErrBlocked = errors.New("the box answers, but no data channel opens: this network seems to block UDP, so leave out --transport webrtc")
)

// handshakeRetry is when a lost packet of the DTLS handshake is sent again. The
// default of pion would delay a join by one second.
const handshakeRetry = 100 * time.Millisecond

// rtoMax bounds how long SCTP waits before it resends on a reliable channel.
const rtoMax = 300 * time.Millisecond

// maxMessage bounds a message on the notes channel, bytes. A packet is smaller.
const maxMessage = 8 << 10

// maxAnswer bounds an SDP answer, bytes.
const maxAnswer = 64 << 10

// OpenPeer posts an offer of the two channels to a URL and waits until they are
// open. token authenticates the caller and may be empty. It returns ErrNoLane,
// ErrBlocked if ctx ends before the channels open, or the box's own sentence.
func OpenPeer(ctx context.Context, offerTo, token string) (*Peer, error) {
	p, err := newPeer(offerTo)
	if err != nil {
		return nil, err
	}
	if err := p.connect(ctx, offerTo, token); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func newPeer(offerTo string) (*Peer, error) {
	local, err := localAddress(offerTo)
	if err != nil {
		return nil, err
	}
	pc, err := peerAPI(local).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("make a peer: %w", err)
	}
	p := &Peer{pc: pc, open: make(chan struct{}), over: make(chan struct{})}
	p.fail = sync.OnceFunc(func() { close(p.over) })
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			p.fail()
		}
	})
	if err := p.makeChannels(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// localAddress returns this machine's address on the route to a host. The peer
// then needs only one candidate.
func localAddress(to string) (net.IP, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	const anyPort = "9" // nothing is sent
	conn, err := net.Dial("udp", net.JoinHostPort(u.Hostname(), anyPort))
	if err != nil {
		return nil, fmt.Errorf("find the way to %s: %w", u.Hostname(), err)
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).IP, nil
}

func peerAPI(local net.IP) *webrtc.API {
	var se webrtc.SettingEngine
	se.LoggerFactory = &logging.DefaultLoggerFactory{Writer: io.Discard}
	se.DetachDataChannels()
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetIncludeLoopbackCandidate(local.IsLoopback())
	se.SetIPFilter(local.Equal)
	se.SetDTLSRetransmissionInterval(handshakeRetry)
	se.EnableSCTPZeroChecksum(true) // RFC 9653, as Chromium offers
	se.SetSCTPRTOMax(rtoMax)
	return webrtc.NewAPI(
		webrtc.WithSettingEngine(se),
		webrtc.WithMediaEngine(&webrtc.MediaEngine{}), // no media
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	)
}

// makeChannels makes the two channels, whose ids 0 and 1 the box knows.
func (p *Peer) makeChannels() error {
	var opened atomic.Int32
	resendNotes := uint16(1) // with 0 pion gives up what is on its way, see package rtc
	for id, ch := range []struct {
		label   string
		ordered bool
		resends *uint16 // at most; nil for no limit
		raw     *datachannel.ReadWriteCloser
	}{
		{"notes", false, &resendNotes, &p.Notes},
		{"realtime", true, nil, &p.State},
	} {
		dc, err := p.pc.CreateDataChannel(ch.label, &webrtc.DataChannelInit{
			Ordered: &ch.ordered, MaxRetransmits: ch.resends, Negotiated: new(true), ID: new(uint16(id)),
		})
		if err != nil {
			return fmt.Errorf("make channel %s: %w", ch.label, err)
		}
		dc.OnOpen(func() {
			*ch.raw, err = dc.Detach()
			if err == nil && opened.Add(1) == 2 {
				close(p.open)
			}
		})
	}
	return nil
}

// connect offers, takes the answer, and waits for the channels. The offer
// names no addresses: the box answers where our checks come from.
func (p *Peer) connect(ctx context.Context, offerTo, token string) error {
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("make an offer: %w", err)
	}
	if err := p.pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("make an offer: %w", err)
	}
	answer, err := postOffer(ctx, offerTo, token, offer.SDP)
	if err != nil {
		return err
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return fmt.Errorf("the box's answer makes no sense: %w", err)
	}
	select {
	case <-p.open:
		return nil
	case <-p.over:
	case <-ctx.Done():
	}
	return ErrBlocked
}

// postOffer posts an offer and returns the answer.
func postOffer(ctx context.Context, to, token, offer string) (answer string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewBufferString(offer))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("offer a data channel: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return "", fmt.Errorf("offer a data channel: %w", err)
	}
	if resp.StatusCode == http.StatusCreated {
		return string(body), nil
	}
	var problem struct{ Message string }
	if resp.StatusCode == http.StatusServiceUnavailable || json.Unmarshal(body, &problem) != nil || problem.Message == "" {
		return "", ErrNoLane // an older box sends no sentence
	}
	return "", errors.New(problem.Message)
}

// Over is closed when the connection has failed or ended.
func (p *Peer) Over() <-chan struct{} { return p.over }

// Close ends the connection and waits for its goroutines.
func (p *Peer) Close() {
	p.fail()
	_ = p.pc.GracefulClose()
}

// Receive calls handle with every message on the notes channel, until the
// connection ends. handle must not keep the message.
func (p *Peer) Receive(handle func(message []byte)) {
	buf := make([]byte, maxMessage)
	for {
		n, err := p.Notes.Read(buf)
		if err != nil {
			return
		}
		handle(buf[:n])
	}
}
