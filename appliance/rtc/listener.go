// Package rtc is the box's end of WebRTC peers: the stack of ICE, DTLS and SCTP,
// with two data channels on top.
//
// A [Listener] takes one UDP port for all peers. Its Answer turns a client's SDP
// offer into a [Peer] and an SDP answer. Connect waits until the client is there
// and the two channels are open: Notes, which loses packets rather than delay
// them, and State, which is reliable. End ends a peer at any time.
//
// The port is open to the whole network, so a packet filter drops what strangers
// send and what a peer sends too fast. The box sends packets only where an ICE
// check with the right password came from. It never uses an address out of an
// offer, and so cannot be made to flood a third machine.
package rtc

import (
	"cmp"
	"context"
	"crypto"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/ice/v4"
	"github.com/pion/sctp"
)

// Config is what a listener needs.
type Config struct {
	// Addr is HOST:PORT of the UDP socket. An unspecified host means every
	// address of this machine, those included that it gets later.
	Addr string
	// Certificate is the box's for DTLS, as [NewCertificate] made it.
	Certificate string
	// OpenTimeout is how long a client has, from the answer on, to open its
	// channels. Zero means DefaultOpenTimeout.
	OpenTimeout time.Duration
}

// DefaultOpenTimeout is many times what a handshake takes on a crowded radio.
const DefaultOpenTimeout = 10 * time.Second

// Listener makes peers that share one UDP port.
type Listener struct {
	mux         *mux
	log         quietLog
	certificate tls.Certificate
	fingerprint string // of the certificate, SHA-256
	openTimeout time.Duration
}

// Settings of peers. Those that replace pion's defaults say why.
const (
	// resendHandshake is when a lost packet of the DTLS handshake is sent again.
	// By default each lost packet delays a join by a second.
	resendHandshake = 100 * time.Millisecond
	// rtoMax bounds SCTP's retransmission timeout, which is never below a second
	// by default. It stays above the 200 ms by which a peer may delay an
	// acknowledgement.
	rtoMax = 300 * time.Millisecond
	// reorderWait is how long SCTP waits for a message that later ones have
	// overtaken before it takes it for lost, if round trips take that long. By
	// default it waits a quarter of the shortest round trip. In a network with
	// jitter most messages were overtaken for longer, and every
	// acknowledgement had an answer that gave some up.
	reorderWait = 100 * time.Millisecond
	// minCwnd, in bytes, is enough to send a whole beat after a timeout.
	minCwnd = 16 << 10
	// receiveBuffer is the window that the client may fill, in bytes.
	receiveBuffer = 128 << 10
	// maxWaiting is how many messages, or pieces of them, SCTP keeps for one
	// channel before it ends the association. With each one that waits, SCTP
	// does more work for the next, and the whole peer waits for that. A reader
	// that keeps up leaves a handful.
	maxWaiting = 1024
	// sctpMTU fits into a packet of 1,280 bytes, the least of IPv6, with DTLS
	// around it. Browsers use the same.
	sctpMTU = 1191
	// Wi-Fi roaming and a closed lid look like gaps of seconds.
	disconnectedAfter = 10 * time.Second
	failedAfter       = 10 * time.Second
	keepAliveEvery    = 2 * time.Second
	// socketBuffer, in bytes, holds the packets of a class on the beat while
	// this process waits for a core. The system may give less.
	socketBuffer = 4 << 20
)

// Listen takes the UDP port of cfg.
func Listen(ctx context.Context, cfg Config, log *slog.Logger) (*Listener, error) {
	certificate, err := tls.X509KeyPair([]byte(cfg.Certificate), []byte(cfg.Certificate))
	if err != nil {
		return nil, fmt.Errorf("read the certificate for data channels: %w", err)
	}
	hash, err := fingerprint.Fingerprint(certificate.Leaf, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("hash the certificate for data channels: %w", err)
	}
	lc := net.ListenConfig{Control: markVoice}
	conn, err := lc.ListenPacket(ctx, "udp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("take UDP port for data channels: %w", err)
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("take UDP port for data channels: it is a %T", conn)
	}
	_ = udp.SetReadBuffer(socketBuffer) // best effort
	_ = udp.SetWriteBuffer(socketBuffer)
	return &Listener{
		mux: newMux(udp, log), log: quietLog{log}, certificate: certificate,
		fingerprint: strings.ToUpper(hash), openTimeout: cmp.Or(cfg.OpenTimeout, DefaultOpenTimeout),
	}, nil
}

// Addr returns the address of the socket.
func (l *Listener) Addr() net.Addr { return l.mux.filter.LocalAddr() }

// Close gives the UDP port back.
func (l *Listener) Close() error { return l.mux.Close() }

// Packets counts the datagrams of all peers, acknowledgements and ICE checks
// included. They are what fills a radio's time.
type Packets struct {
	Sent, Received uint64
	Refused        uint64 // from strangers, or over a peer's budget
}

// Packets returns the datagrams so far.
func (l *Listener) Packets() Packets {
	f := l.mux.filter
	return Packets{Sent: f.sent.Load(), Received: f.received.Load(), Refused: f.refused.Load()}
}

// Admitted returns how many peers may send packets, and from how many addresses.
func (l *Listener) Admitted() (peers, addresses int) { return l.mux.filter.size() }

// newAgent makes a peer's end of ICE. It asks no STUN server and resolves no
// mDNS name, because the box and the class are in one network.
func (l *Listener) newAgent() (*ice.Agent, error) {
	return ice.NewAgentWithOptions(
		ice.WithLoggerFactory(l.log),
		ice.WithUDPMux(l.mux),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}),
		ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithIncludeLoopback(), // mux decides which addresses there are
		ice.WithDisconnectedTimeout(disconnectedAfter),
		ice.WithFailedTimeout(failedAfter),
		ice.WithKeepaliveInterval(keepAliveEvery),
	)
}

// dtlsOptions are for the client that made an offer. Its certificate is its own;
// the hash in the offer proves it. Browsers expect SRTP profiles, though there is
// no media.
func (l *Listener) dtlsOptions(o offer) []dtls.ClientOption {
	return []dtls.ClientOption{
		dtls.WithCertificates(l.certificate),
		dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(o.verify),
		dtls.WithFlightInterval(resendHandshake),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithLoggerFactory(l.log),
	}
}

// sctpOptions are for SCTP over a peer's DTLS.
func (l *Listener) sctpOptions(over net.Conn, o offer) []sctp.ClientOption {
	return []sctp.ClientOption{
		sctp.WithNetConn(&ackBundler{Conn: over}),
		sctp.WithMTU(sctpMTU),
		sctp.WithMaxMessageSize(o.maxMessage),
		sctp.WithMaxReceiveBufferSize(receiveBuffer),
		sctp.WithMaxReassemblyQueueEntries(maxWaiting),
		sctp.WithEnableInterleaving(false), // pion does not bound RFC 8260 pieces, and browsers send none
		sctp.WithEnableZeroChecksum(true),  // RFC 9653
		sctp.WithRTOMax(float64(rtoMax / time.Millisecond)),
		sctp.WithMinCwnd(minCwnd),
		sctp.WithRACKOptions(sctp.WithRackReoWndFloor(reorderWait)),
		sctp.WithLoggerFactory(l.log),
	}
}
