package transport

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/ice/v4"
	"github.com/pion/sctp"
)

// LaneConfig is what a server needs to offer lanes.
type LaneConfig struct {
	// Addr is HOST:PORT of the one UDP socket that all peers share; an
	// unspecified host is every address that this machine has, also those that
	// it gets later.
	Addr string
	// Certificate is the box's for DTLS, as [NewCertificate] made it.
	Certificate string
}

// lanes makes peers.
type lanes struct {
	mux         *mux
	log         quietLog
	certificate tls.Certificate
	fingerprint string        // of the certificate, SHA-256
	patience    time.Duration // how long a client has to connect
	awaited     awaited       // peers that are to stand alone
}

// Settings of peers, measured against pion's defaults where those are given.
const (
	// handshakeAgain is when a lost packet of the DTLS handshake is sent again;
	// by default a join would take a second longer for each.
	handshakeAgain = 100 * time.Millisecond
	// rtoMax bounds SCTP's retransmission timeout, and by that its floor of a
	// second as well. It stays above the 200 ms that a peer may wait with an
	// acknowledgement.
	rtoMax = 300 * time.Millisecond
	// minCwnd, bytes, lets a whole beat leave after a timeout.
	minCwnd = 16 << 10
	// receiveBuffer is the window that a peer is told, bytes.
	receiveBuffer = 128 << 10
	// maxWaiting is how many messages, or pieces of them, SCTP keeps for one
	// channel before it gives the client up. What SCTP does for each new one
	// grows with how many there are, while all of the peer waits; a reader
	// that is not late keeps a handful.
	maxWaiting = 1024
	// sctpMTU is what fits into a packet of 1,280 bytes, IPv6's least, with
	// DTLS around it; browsers use it as well.
	sctpMTU = 1191
	// Wi-Fi roaming and a closed lid look like gaps of seconds.
	disconnectedAfter = 10 * time.Second
	failedAfter       = 10 * time.Second
	keepAliveEvery    = 2 * time.Second
	// socketBuffer, bytes, holds a class on the beat while this process waits
	// for a core; the system may give less.
	socketBuffer = 4 << 20
)

// openLanes takes the UDP port.
func openLanes(ctx context.Context, cfg LaneConfig, log *slog.Logger) (*lanes, error) {
	certificate, err := tls.X509KeyPair([]byte(cfg.Certificate), []byte(cfg.Certificate))
	if err != nil {
		return nil, fmt.Errorf("read the certificate for data channels: %w", err)
	}
	hash, err := fingerprint.Fingerprint(certificate.Leaf, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("hash the certificate for data channels: %w", err)
	}
	lc := net.ListenConfig{Control: markVoice}
	conn, err := lc.ListenPacket(ctx, "udp4", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("take UDP port for data channels: %w", err)
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("take UDP port for data channels: it is a %T", conn)
	}
	_ = udp.SetReadBuffer(socketBuffer) // what the system gives is used
	_ = udp.SetWriteBuffer(socketBuffer)
	return &lanes{
		mux: newMux(udp, log), log: quietLog{log}, certificate: certificate,
		fingerprint: strings.ToUpper(hash), patience: openTimeout,
	}, nil
}

// newAgent makes a peer's end of ICE. It asks no server for its address and
// takes no name for one: the box and the class are in one network.
func (l *lanes) newAgent() (*ice.Agent, error) {
	return ice.NewAgentWithOptions(
		ice.WithLoggerFactory(l.log),
		ice.WithUDPMux(l.mux),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}),
		ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithIncludeLoopback(), // mux says which addresses there are
		ice.WithDisconnectedTimeout(disconnectedAfter),
		ice.WithFailedTimeout(failedAfter),
		ice.WithKeepaliveInterval(keepAliveEvery),
	)
}

// security is DTLS toward whoever made an offer. Nobody vouches for his
// certificate; it has to be the one whose hash is in the offer. Profiles of
// SRTP are named as browsers expect it, though there is no media.
func (l *lanes) security(o offer) []dtls.ClientOption {
	return []dtls.ClientOption{
		dtls.WithCertificates(l.certificate),
		dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(o.verify),
		dtls.WithFlightInterval(handshakeAgain),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithLoggerFactory(l.log),
	}
}

// streams is SCTP over a peer's DTLS.
func (l *lanes) streams(over net.Conn, o offer) []sctp.ClientOption {
	return []sctp.ClientOption{
		sctp.WithNetConn(over),
		sctp.WithMTU(sctpMTU),
		sctp.WithMaxMessageSize(o.most),
		sctp.WithMaxReceiveBufferSize(receiveBuffer),
		sctp.WithMaxReassemblyQueueEntries(maxWaiting),
		sctp.WithEnableInterleaving(false), // pieces of RFC 8260 are not bounded, and browsers have none
		sctp.WithEnableZeroChecksum(true),  // RFC 9653
		sctp.WithRTOMax(float64(rtoMax / time.Millisecond)),
		sctp.WithMinCwnd(minCwnd),
		sctp.WithLoggerFactory(l.log),
	}
}

// certificateLife is longer than a box lives.
const certificateLife = 30 * 365 * 24 * time.Hour

// NewCertificate makes a key and a certificate for DTLS, as PEM. Kept across
// restarts it gives the box one fingerprint for life, and costs no key for
// each peer.
func NewCertificate() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return "", fmt.Errorf("make a serial number: %w", err)
	}
	about := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Downbeat"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(certificateLife),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		return "", fmt.Errorf("make a certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("write the key: %w", err)
	}
	var both strings.Builder
	err = errors.Join(
		pem.Encode(&both, &pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.Encode(&both, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	)
	return both.String(), err
}

// mux is the socket of all peers. It looks up this machine's addresses for
// every answer, for they change.
type mux struct {
	*ice.UDPMuxDefault
	conn *gate
}

func newMux(conn *net.UDPConn, log *slog.Logger) *mux {
	g := newGate(conn)
	return &mux{UDPMuxDefault: ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: g, Logger: quietLog{log}}), conn: g}
}

// GetConn is a peer's part of the socket, by the peer's name in ICE.
func (m *mux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	m.conn.open(ufrag)
	return m.UDPMuxDefault.GetConn(ufrag, addr)
}

// RemoveConnByUfrag ends a peer's part of the socket.
func (m *mux) RemoveConnByUfrag(ufrag string) {
	m.UDPMuxDefault.RemoveConnByUfrag(ufrag)
	m.conn.shut(ufrag)
}

// GetListenAddresses is where clients may reach the socket.
func (m *mux) GetListenAddresses() []net.Addr {
	local, ok := m.conn.LocalAddr().(*net.UDPAddr)
	if !ok || !local.IP.IsUnspecified() {
		return []net.Addr{m.conn.LocalAddr()}
	}
	var all []net.Addr
	for _, ip := range lanAddresses() {
		all = append(all, &net.UDPAddr{IP: ip, Port: local.Port})
	}
	return all
}

// Close closes the socket as well.
func (m *mux) Close() error {
	err := m.UDPMuxDefault.Close()
	_ = m.conn.Close() // closed already if the mux owns it
	return err
}

// lanAddresses is this machine's IPv4 addresses in the networks that a class
// may be in; the loopback's if there are no others.
func lanAddresses() (all []net.IP) {
	interfaces, _ := net.Interfaces() // none: the loopback's
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || isVirtual(i.Name) {
			continue
		}
		addrs, _ := i.Addrs() // gone in this moment
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
				all = append(all, n.IP.To4())
			}
		}
	}
	if len(all) == 0 {
		return []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return all
}

// isVirtual reports whether an interface leads to containers or into a tunnel,
// by the names that Linux' tools give those.
func isVirtual(name string) bool {
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "tun", "tap", "wg", "tailscale", "zt"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
