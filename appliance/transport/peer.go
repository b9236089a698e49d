package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/dtls/v3"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/ice/v4"
	"github.com/pion/sctp"
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
	gatherTimeout        = 2 * time.Second
)

// ErrNoLane means that the box has no UDP port for data channels.
var ErrNoLane = errors.New("no data channels on this box")

// peer is the box's end of a WebRTC connection: ICE, DTLS, SCTP and two data
// channels, one upon the other. pion's PeerConnection would put them together
// as well, but lets nobody bound how many messages SCTP keeps that are not
// read or not whole; and it reads far more of an offer than the box wants.
type peer struct {
	lanes   *lanes
	offer   offer
	alone   bool            // it is a connection of its own; guarded by the server
	running *sync.WaitGroup // counts what is left to do when it ends
	once    sync.Once
	over    chan struct{} // closed when it has ended

	agent       *ice.Agent
	association *sctp.Association // when connected, and so are the next two
	notes       *datachannel.DataChannel
	state       *datachannel.DataChannel

	mu     sync.Mutex // guards what follows
	ended  bool
	layers []func() // end what has been built, the last one first
}

// answer makes the peer that an offer asks for. running counts what the peer
// leaves to do when it ends.
func (l *lanes) answer(ctx context.Context, text string, running *sync.WaitGroup) (p *peer, answer string, err error) {
	o, err := parseOffer(text)
	if err != nil {
		return nil, "", err
	}
	agent, err := l.newAgent()
	if err != nil {
		return nil, "", fmt.Errorf("make an ICE agent: %w", err)
	}
	p = &peer{lanes: l, offer: o, agent: agent, running: running, over: make(chan struct{})}
	p.upon(func() { _ = agent.GracefulClose() })
	if answer, err = p.introduce(ctx); err != nil {
		p.discard()
		return nil, "", err
	}
	return p, answer, nil
}

// end ends a peer that the server keeps. It returns at once, and may be called
// again.
func (p *peer) end() {
	p.once.Do(func() {
		close(p.over)
		p.running.Go(p.dismantle)
	})
}

// discard ends a peer that nobody keeps, and waits for that.
func (p *peer) discard() {
	p.once.Do(func() {
		close(p.over)
		p.dismantle()
	})
}

// introduce says who the box is and where: its addresses are this machine's
// own, and so are known at once.
func (p *peer) introduce(ctx context.Context) (answer string, err error) {
	var where []ice.Candidate
	gathered := make(chan struct{})
	err = errors.Join(
		p.agent.OnConnectionStateChange(func(s ice.ConnectionState) {
			if s == ice.ConnectionStateFailed {
				p.end() // it was kept, or nobody would have asked anybody
			}
		}),
		p.agent.OnCandidate(func(c ice.Candidate) {
			if c == nil {
				close(gathered)
				return
			}
			where = append(where, c)
		}),
		p.agent.GatherCandidates(),
	)
	if err != nil {
		return "", fmt.Errorf("gather addresses: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	ufrag, pwd, err := p.agent.GetLocalUserCredentials()
	if err != nil {
		return "", fmt.Errorf("read ICE credentials: %w", err)
	}
	return p.offer.answer(ufrag, pwd, p.lanes.fingerprint, where), nil
}

// connect waits for the client and puts the layers up; false if he does not
// come within the lanes' patience, or the peer ends before.
func (p *peer) connect() bool {
	ctx, cancel := context.WithTimeout(context.Background(), p.lanes.patience)
	defer cancel()
	if !p.upon(cancel) {
		return false
	}
	err := p.build(ctx)
	if err != nil {
		p.lanes.log.log.Debug("a peer came to nothing", "err", err)
	}
	return err == nil
}

func (p *peer) build(ctx context.Context) error {
	path, err := p.agent.Accept(ctx, p.offer.ufrag, p.offer.pwd)
	if err != nil {
		return fmt.Errorf("find each other: %w", err)
	}
	secure, err := dtls.ClientWithOptions(dtlsnet.PacketConnFromConn(path), path.RemoteAddr(), p.lanes.security(p.offer)...)
	if err != nil {
		return fmt.Errorf("begin DTLS: %w", err)
	}
	if !p.upon(func() { _ = secure.Close() }) {
		return net.ErrClosed
	}
	if err := secure.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("shake hands: %w", err)
	}
	if p.association, err = sctp.ClientContext(ctx, p.lanes.streams(secure, p.offer)...); err != nil {
		return fmt.Errorf("associate: %w", err)
	}
	if !p.upon(func() { p.association.Abort("") }) { // which tells the client
		return net.ErrClosed
	}
	return p.openChannels()
}

// openChannels opens this end of what was agreed upon.
func (p *peer) openChannels() (err error) {
	p.notes, err = datachannel.Dial(p.association, notesID, &datachannel.Config{
		Label: notesLabel, Negotiated: true, ChannelType: datachannel.ChannelTypePartialReliableRexmitUnordered,
		LoggerFactory: p.lanes.log,
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", notesLabel, err)
	}
	p.state, err = datachannel.Dial(p.association, stateID, &datachannel.Config{
		Label: stateLabel, Negotiated: true, ChannelType: datachannel.ChannelTypeReliable,
		LoggerFactory: p.lanes.log,
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", stateLabel, err)
	}
	return nil
}

// guardStreams ends the peer when the client opens a channel that nobody agreed
// upon: nothing would read it. It returns when the peer has ended.
func (p *peer) guardStreams() {
	for {
		s, err := p.association.AcceptStream()
		if err != nil {
			return
		}
		if id := s.StreamIdentifier(); id != notesID && id != stateID {
			p.end()
		}
	}
}

// upon adds what ends a layer of a peer, or its building, and reports whether
// the peer is still wanted; otherwise the layer has been ended.
func (p *peer) upon(end func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		end()
		return false
	}
	p.layers = append(p.layers, end)
	return true
}

// dismantle ends all layers.
func (p *peer) dismantle() {
	p.mu.Lock()
	p.ended = true
	layers := p.layers
	p.mu.Unlock()
	for i := range layers {
		layers[len(layers)-1-i]()
	}
}

// addr is where the peer's packets come from; zero until that is known.
func (p *peer) addr() net.Addr {
	pair, err := p.agent.GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Remote == nil {
		return &net.UDPAddr{}
	}
	return &net.UDPAddr{IP: net.ParseIP(pair.Remote.Address()), Port: pair.Remote.Port()}
}
