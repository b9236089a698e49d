package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
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
	api         *webrtc.API
	certificate webrtc.Certificate
	mux         *mux
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
	certificate, err := webrtc.CertificateFromPEM(cfg.Certificate)
	if err != nil {
		return nil, fmt.Errorf("read the certificate for data channels: %w", err)
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
	m := newMux(udp, log)
	return &lanes{api: newAPI(m, log), certificate: *certificate, mux: m}, nil
}

func newAPI(m ice.UDPMux, log *slog.Logger) *webrtc.API {
	var se webrtc.SettingEngine
	se.LoggerFactory = quietLog{log}
	se.DetachDataChannels()
	se.SetICEUDPMux(m)
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetICETimeouts(disconnectedAfter, failedAfter, keepAliveEvery)
	se.SetIncludeLoopbackCandidate(true) // mux says which addresses there are
	se.SetDTLSRetransmissionInterval(handshakeAgain)
	se.EnableSCTPZeroChecksum(true) // RFC 9653
	se.SetSCTPRTOMax(rtoMax)
	se.SetSCTPMinCwnd(minCwnd)
	se.SetSCTPMaxReceiveBufferSize(receiveBuffer)
	se.SetSCTPMaxMessageSize(maxState)
	// Without media there are no codecs, and no goroutines of interceptors.
	return webrtc.NewAPI(
		webrtc.WithSettingEngine(se),
		webrtc.WithMediaEngine(&webrtc.MediaEngine{}),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	)
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
	certificate, err := webrtc.NewCertificate(key, x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Downbeat"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(certificateLife),
	})
	if err != nil {
		return "", fmt.Errorf("make a certificate: %w", err)
	}
	return certificate.PEM()
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
