package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v4"
)

// Labels and ids of the two channels of a peer, agreed upon beforehand: no
// round trip is spent on opening them.
const (
	notesLabel           = "notes"    // unordered, never sent again by SCTP
	stateLabel           = "realtime" // ordered, reliable
	notesID       uint16 = 0
	stateID       uint16 = 1
	maxNote              = 2 << 10  // bytes of one message on notes: a packet has less
	maxState             = 64 << 10 // bytes of one message on realtime
	maxSDP               = 16 << 10 // bytes: Chromium's offer of two channels has 700
	gatherTimeout        = 2 * time.Second
)

// Errors of an offer.
var (
	// ErrNoLane means that the box has no UDP port for data channels.
	ErrNoLane = errors.New("no data channels on this box")
	// ErrBadOffer means that the text is not an offer of data channels.
	ErrBadOffer = errors.New("not an SDP offer of one application section")
)

// peer is the box's end of a WebRTC connection.
type peer struct {
	pc    *webrtc.PeerConnection
	alone bool                     // it is a connection of its own; guarded by the server
	open  chan struct{}            // closed when both channels are
	over  chan struct{}            // closed when it has ended
	end   func()                   // ends it; returns at once, and may be called again
	notes *datachannel.DataChannel // when open
	state *datachannel.DataChannel // when open
}

// answer makes the peer that an offer asks for. running counts what the peer
// leaves to do when it ends.
func (l *lanes) answer(ctx context.Context, offer string, running *sync.WaitGroup) (p *peer, answer string, err error) {
	offer, err = cleanOffer(offer)
	if err != nil {
		return nil, "", err
	}
	pc, err := l.api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{l.certificate}})
	if err != nil {
		return nil, "", fmt.Errorf("make a peer: %w", err)
	}
	p = newPeer(pc, running)
	if answer, err = p.negotiate(ctx, offer); err != nil {
		_ = pc.Close()
		return nil, "", err
	}
	return p, answer, nil
}

func newPeer(pc *webrtc.PeerConnection, running *sync.WaitGroup) *peer {
	p := &peer{pc: pc, open: make(chan struct{}), over: make(chan struct{})}
	p.end = sync.OnceFunc(func() {
		close(p.over)
		running.Go(func() { _ = pc.GracefulClose() })
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed {
			p.end()
		}
	})
	// Nobody agreed upon more channels, and each would cost the box memory.
	pc.OnDataChannel(func(*webrtc.DataChannel) { p.end() })
	return p
}

// cleanOffer checks an offer and takes the client's addresses out of it: the
// box answers only where a check with the right password comes from, so that
// nobody can make it send to a third machine, and no name of the kind
// "….local" has to be asked for. What ends a line to the libraries has to end
// one here, or an address could hide behind it.
func cleanOffer(offer string) (string, error) {
	loneReturn := strings.Count(offer, "\r") > strings.Count(offer, "\r\n")
	if len(offer) > maxSDP || !strings.HasPrefix(offer, "v=0") || loneReturn {
		return "", ErrBadOffer
	}
	var kept strings.Builder
	sections := 0
	for line := range strings.Lines(offer) {
		switch {
		case strings.HasPrefix(line, "a=candidate"), strings.HasPrefix(line, "a=end-of-candidates"):
			continue
		case strings.HasPrefix(line, "m=application "):
			sections++
		case strings.HasPrefix(line, "m="):
			return "", ErrBadOffer
		}
		kept.WriteString(line)
	}
	if sections != 1 {
		return "", ErrBadOffer
	}
	return kept.String(), nil
}

// negotiate makes the channels, takes the offer and gives the answer with all
// addresses of the box in it. A panic of the libraries over an offer is the
// offer's fault.
func (p *peer) negotiate(ctx context.Context, offer string) (answer string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", ErrBadOffer, fault)
		}
	}()
	if err := p.makeChannels(); err != nil {
		return "", err
	}
	err = p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadOffer, err)
	}
	description, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadOffer, err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(description); err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadOffer, err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	select {
	case <-gathered: // at once: the addresses are this machine's own
		return p.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// makeChannels makes both ends of what was agreed upon.
func (p *peer) makeChannels() error {
	never := uint16(0)
	var opened atomic.Int32
	for _, ch := range []struct {
		label       string
		id          uint16
		ordered     bool
		retransmits *uint16
		raw         **datachannel.DataChannel
	}{
		{notesLabel, notesID, false, &never, &p.notes},
		{stateLabel, stateID, true, nil, &p.state},
	} {
		dc, err := p.pc.CreateDataChannel(ch.label, &webrtc.DataChannelInit{
			Ordered: &ch.ordered, MaxRetransmits: ch.retransmits, Negotiated: new(true), ID: &ch.id,
		})
		if err != nil {
			return fmt.Errorf("make channel %s: %w", ch.label, err)
		}
		dc.OnOpen(func() {
			raw, _ := dc.Detach() // which fails only before opening
			*ch.raw, _ = raw.(*datachannel.DataChannel)
			if opened.Add(1) == 2 {
				close(p.open)
			}
		})
	}
	return nil
}

// addr is where the peer's packets come from; zero until that is known.
func (p *peer) addr() net.Addr {
	pair, err := p.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Remote == nil {
		return &net.UDPAddr{}
	}
	return &net.UDPAddr{IP: net.ParseIP(pair.Remote.Address), Port: int(pair.Remote.Port)}
}
