package classroom

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

// Peer is our end of a WebRTC connection with the two channels of a lane. Both
// carry messages: one Write is one message, one Read gets one whole.
type Peer struct {
	Notes datachannel.ReadWriteCloser // unordered, and what is lost stays lost
	State datachannel.ReadWriteCloser // ordered and reliable

	pc   *webrtc.PeerConnection
	open chan struct{} // closed when both channels are
	over chan struct{} // closed when the connection has failed or ended
	fail func()        // closes over, once
}

// Errors of [OpenPeer]. They are sentences.
var (
	// ErrNoLane means that the box takes no offers.
	ErrNoLane = errors.New("this box plays over websocket only: leave out --transport webrtc")
	// ErrBlocked means that it took one, and no packet came through.
	ErrBlocked = errors.New("the box answers, but no data channel opens: this network seems to block UDP, so leave out --transport webrtc")
)

// handshakeAgain is when a lost packet of the DTLS handshake is sent again;
// pion's own second would be a second of the join.
const handshakeAgain = 100 * time.Millisecond

// rtoMax bounds how long SCTP waits before it repeats what is reliable.
const rtoMax = 300 * time.Millisecond

// maxMessage bounds what is heard on notes, bytes: a packet has less.
const maxMessage = 8 << 10

// maxAnswer bounds an SDP answer, bytes.
const maxAnswer = 64 << 10

// OpenPeer posts an offer of the two channels to an address and waits until
// they are open. token says who asks; it may be empty. The errors are ErrNoLane,
// ErrBlocked when ctx ends before the channels open, and what the box says.
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

// localAddress is this machine's address on the way to a host: one candidate
// is enough when one knows the way.
func localAddress(to string) (net.IP, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	const anyPort = "9" // nothing is sent
	conn, err := net.Dial("udp4", net.JoinHostPort(u.Hostname(), anyPort))
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
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetIncludeLoopbackCandidate(local.IsLoopback())
	se.SetIPFilter(local.Equal)
	se.SetDTLSRetransmissionInterval(handshakeAgain)
	se.EnableSCTPZeroChecksum(true) // RFC 9653, as Chromium offers
	se.SetSCTPRTOMax(rtoMax)
	return webrtc.NewAPI(
		webrtc.WithSettingEngine(se),
		webrtc.WithMediaEngine(&webrtc.MediaEngine{}), // there is no media
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	)
}

// makeChannels makes what box and client have agreed upon: ids 0 and 1.
func (p *Peer) makeChannels() error {
	var opened atomic.Int32
	for id, ch := range []struct {
		label   string
		ordered bool
		again   *uint16
		raw     *datachannel.ReadWriteCloser
	}{
		{"notes", false, new(uint16), &p.Notes},
		{"realtime", true, nil, &p.State},
	} {
		dc, err := p.pc.CreateDataChannel(ch.label, &webrtc.DataChannelInit{
			Ordered: &ch.ordered, MaxRetransmits: ch.again, Negotiated: new(true), ID: new(uint16(id)),
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

// postOffer trades an offer for an answer.
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
		return "", ErrNoLane // an older box says this and that, but no sentence
	}
	return "", errors.New(problem.Message)
}

// Over is closed when the connection has failed or ended.
func (p *Peer) Over() <-chan struct{} { return p.over }

// Close ends the connection and waits for what it runs.
func (p *Peer) Close() {
	p.fail()
	_ = p.pc.GracefulClose()
}

// Receive calls hear with every message on notes, until the connection ends.
// hear must not keep it.
func (p *Peer) Receive(hear func(message []byte)) {
	buf := make([]byte, maxMessage)
	for {
		n, err := p.Notes.Read(buf)
		if err != nil {
			return
		}
		hear(buf[:n])
	}
}
