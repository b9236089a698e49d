package rtc

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

// The two channels of a peer. Both sides know labels and ids beforehand, so
// opening them takes no round trip.
const (
	notesLabel        = "notes" // unordered, never sent again by SCTP
	notesID    uint16 = 0
	maxNote           = 2 << 10 // bytes of one message; a datagram holds less

	stateLabel        = "realtime" // ordered and reliable
	stateID    uint16 = 1
	maxState          = 64 << 10 // bytes of one message
)

// gatherTimeout is far more than it takes to list this machine's addresses.
const gatherTimeout = 2 * time.Second

// Peer is the box's end of one WebRTC connection. pion's PeerConnection would do
// the same work. But it does not bound how many unread or incomplete messages SCTP
// keeps, and it uses far more of an offer than the box wants.
type Peer struct {
	// Notes and State are the two channels, once Connect has returned true.
	Notes, State *Channel

	listener    *Listener
	offer       offer
	agent       *ice.Agent
	association *sctp.Association // once connected

	running *sync.WaitGroup // counts what remains to be done after End
	once    sync.Once
	done    chan struct{} // closed by End

	mu     sync.Mutex // guards what follows
	ended  bool
	layers []func() // each ends one layer, the lowest first
}

// Answer makes the peer that an SDP offer asks for, and returns its answer. The
// caller ends the peer with End, or with Discard if it never uses it. running
// counts what remains to be done after End. The error is [ErrBadOffer] if the
// offer is wrong.
func (l *Listener) Answer(ctx context.Context, text string, running *sync.WaitGroup) (p *Peer, answer string, err error) {
	o, err := parseOffer(text)
	if err != nil {
		return nil, "", err
	}
	agent, err := l.newAgent()
	if err != nil {
		return nil, "", fmt.Errorf("make an ICE agent: %w", err)
	}
	p = &Peer{listener: l, offer: o, agent: agent, running: running, done: make(chan struct{})}
	p.addLayer(func() { _ = agent.GracefulClose() })
	if answer, err = p.describe(ctx); err != nil {
		p.Discard()
		return nil, "", err
	}
	return p, answer, nil
}

// End ends a peer. It returns at once, and may be called again.
func (p *Peer) End() {
	p.once.Do(func() {
		close(p.done)
		p.running.Go(p.dismantle)
	})
}

// Done returns a channel that is closed when the peer ends.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Discard ends a peer and waits until that is done.
func (p *Peer) Discard() {
	p.once.Do(func() {
		close(p.done)
		p.dismantle()
	})
}

// describe returns the answer. The addresses in it are this machine's own, and
// so are known at once.
func (p *Peer) describe(ctx context.Context) (answer string, err error) {
	var candidates []ice.Candidate
	gathered := make(chan struct{})
	err = errors.Join(
		p.agent.OnConnectionStateChange(func(s ice.ConnectionState) {
			if s == ice.ConnectionStateFailed {
				p.End()
			}
		}),
		p.agent.OnCandidate(func(c ice.Candidate) {
			if c == nil {
				close(gathered)
				return
			}
			candidates = append(candidates, c)
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
	return p.offer.answer(ufrag, pwd, p.listener.fingerprint, candidates), nil
}

// Connect waits for the client and builds the layers. It reports false if the
// client is not there within the listener's OpenTimeout, or the peer ends before.
func (p *Peer) Connect() bool {
	ctx, cancel := context.WithTimeout(context.Background(), p.listener.openTimeout)
	defer cancel()
	if !p.addLayer(cancel) {
		return false
	}
	err := p.build(ctx)
	if err != nil {
		p.listener.log.log.Debug("a peer did not connect", "err", err)
	}
	return err == nil
}

func (p *Peer) build(ctx context.Context) error {
	path, err := p.agent.Accept(ctx, p.offer.ufrag, p.offer.pwd)
	if err != nil {
		return fmt.Errorf("find each other: %w", err)
	}
	secure, err := dtls.ClientWithOptions(dtlsnet.PacketConnFromConn(path), path.RemoteAddr(), p.listener.dtlsOptions(p.offer)...)
	if err != nil {
		return fmt.Errorf("begin DTLS: %w", err)
	}
	if !p.addLayer(func() { _ = secure.Close() }) {
		return net.ErrClosed
	}
	if err := secure.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("shake hands: %w", err)
	}
	if p.association, err = sctp.ClientContext(ctx, p.listener.sctpOptions(secure, p.offer)...); err != nil {
		return fmt.Errorf("associate: %w", err)
	}
	if !p.addLayer(func() { p.association.Abort("") }) { // so that the client knows
		return net.ErrClosed
	}
	return p.openChannels()
}

// openChannels opens this end of the two channels.
func (p *Peer) openChannels() (err error) {
	p.Notes, err = p.openChannel(notesID, notesLabel, datachannel.ChannelTypePartialReliableRexmitUnordered, resendNotes, maxNote)
	if err != nil {
		return err
	}
	p.State, err = p.openChannel(stateID, stateLabel, datachannel.ChannelTypeReliable, 0, maxState)
	return err
}

// GuardStreams ends the peer if the client opens a third channel, which nothing
// would read. It returns when the peer has ended.
func (p *Peer) GuardStreams() {
	for {
		s, err := p.association.AcceptStream()
		if err != nil {
			return
		}
		if id := s.StreamIdentifier(); id != notesID && id != stateID {
			p.End()
		}
	}
}

// addLayer keeps what ends a layer for the end of the peer. If the peer has ended
// already, it ends the layer and reports false.
func (p *Peer) addLayer(end func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		end()
		return false
	}
	p.layers = append(p.layers, end)
	return true
}

// dismantle ends all layers, the highest first.
func (p *Peer) dismantle() {
	p.mu.Lock()
	p.ended = true
	layers := p.layers
	p.mu.Unlock()
	for i := range layers {
		layers[len(layers)-1-i]()
	}
}

// Addr returns where the peer's packets come from, zero until that is known.
func (p *Peer) Addr() net.Addr {
	pair, err := p.agent.GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Remote == nil {
		return &net.UDPAddr{}
	}
	return &net.UDPAddr{IP: net.ParseIP(pair.Remote.Address()), Port: pair.Remote.Port()}
}
