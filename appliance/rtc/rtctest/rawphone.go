package rtctest

import (
	"context"
	"crypto"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/logging"
	"github.com/pion/sctp"
)

// RawPhone is a client that sends SCTP packets of its own making.
type RawPhone struct {
	Offer string // for the box

	certificate tls.Certificate
	conn        net.Conn // DTLS

	mu  sync.Mutex // guards what follows
	tag uint32     // the box's verification tag of the association
	tsn uint32     // of the next chunk
}

// NewRawPhone makes a client that is not connected yet.
func NewRawPhone(t *testing.T) *RawPhone {
	t.Helper()
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := fingerprint.Fingerprint(certificate.Leaf, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	offer := fmt.Sprintf("v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=ice-ufrag:phone\n"+
		"a=ice-pwd:abcdefghijklmnopqrstuvwx\na=fingerprint:sha-256 %s\na=mid:0\n", hash)
	return &RawPhone{Offer: offer, certificate: certificate}
}

// Secure takes the box's answer, passes ICE and shakes hands by DTLS.
func (p *RawPhone) Secure(t *testing.T, answer string) (*dtls.Conn, error) {
	t.Helper()
	path := HalfOpen(t, p.Offer, answer)
	secure, err := dtls.ServerWithOptions(
		dtlsnet.PacketConnFromConn(path), path.RemoteAddr(),
		dtls.WithCertificates(p.certificate), dtls.WithInsecureSkipVerify(true),
		dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM),
	)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return secure, secure.HandshakeContext(ctx)
}

// Connect takes the box's answer and connects, until the test ends.
func (p *RawPhone) Connect(t *testing.T, answer string) {
	t.Helper()
	secure, err := p.Secure(t, answer)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p.conn = secure
	association, err := sctp.ClientContext(
		ctx,
		sctp.WithNetConn(watched{secure, p}), sctp.WithEnableInterleaving(false), sctp.WithLoggerFactory(silent()),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = secure.Close()
		_ = association.Close()
	})
}

// silent logs nothing.
func silent() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{}}
}

// watched is the library's way to the box.
type watched struct {
	net.Conn
	phone *RawPhone
}

// Write looks in the library's packets for what names the association (RFC 9260
// section 3).
func (w watched) Write(packet []byte) (int, error) {
	w.phone.note(packet)
	return w.Conn.Write(packet)
}

func (p *RawPhone) note(packet []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if tag := binary.BigEndian.Uint32(packet[4:]); tag != 0 {
		p.tag = tag
	}
	if packet[12] == 1 { // INIT
		p.tsn = binary.BigEndian.Uint32(packet[28:])
	}
}

// SendPieces sends a packet with n pieces of notes, each one byte from the middle
// of a message.
func (p *RawPhone) SendPieces(n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	packet := binary.BigEndian.AppendUint16(nil, 5000)
	packet = binary.BigEndian.AppendUint16(packet, 5000)
	packet = binary.BigEndian.AppendUint32(packet, p.tag)
	packet = append(packet, 0, 0, 0, 0)
	for range n {
		const data, unordered, length, notes, text = 0, 4, 17, 0, 51
		packet = append(packet, data, unordered, 0, length)
		packet = binary.BigEndian.AppendUint32(packet, p.tsn)
		packet = append(packet, 0, notes, 0, 0, 0, 0, 0, text, 'x', 0, 0, 0)
		p.tsn++
	}
	sum := crc32.Checksum(packet, crc32.MakeTable(crc32.Castagnoli))
	binary.LittleEndian.PutUint32(packet[8:], sum)
	_, err := p.conn.Write(packet)
	return err
}
