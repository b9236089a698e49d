package transport

import (
	"context"
	"crypto"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/sctp"
)

// rawPhone is a client's end of a peer that says what it likes in SCTP.
type rawPhone struct {
	net.Conn // DTLS

	mu  sync.Mutex // guards what follows
	tag uint32     // by which the box knows the association
	tsn uint32     // of the next chunk
}

// newRawPhone gives a connection a lane of which the client's end is ours.
func (b *box) newRawPhone(t *testing.T, who, link string) *rawPhone {
	t.Helper()
	pem, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.X509KeyPair([]byte(pem), []byte(pem))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := fingerprint.Fingerprint(certificate.Leaf, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	offer := fmt.Sprintf("v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=ice-ufrag:phone\n"+
		"a=ice-pwd:abcdefghijklmnopqrstuvwx\na=fingerprint:sha-256 %s\na=mid:0\n", hash)
	answer, err := b.Offer(t.Context(), offer, Caller{Key: who, Link: link}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := halfOpen(t, offer, answer)
	secure, err := dtls.ServerWithOptions(
		dtlsnet.PacketConnFromConn(path), path.RemoteAddr(),
		dtls.WithCertificates(certificate), dtls.WithInsecureSkipVerify(true),
		dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM),
	)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		t.Fatal(err)
	}
	p := &rawPhone{Conn: secure}
	association, err := sctp.ClientContext(
		ctx,
		sctp.WithNetConn(p), sctp.WithEnableInterleaving(false), sctp.WithLoggerFactory(quietLog{slog.New(slog.DiscardHandler)}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = secure.Close()
		_ = association.Close()
	})
	return p
}

// Write looks at what the library sends: how an association is known (RFC 9260
// section 3).
func (p *rawPhone) Write(packet []byte) (int, error) {
	p.mu.Lock()
	if tag := binary.BigEndian.Uint32(packet[4:]); tag != 0 {
		p.tag = tag
	}
	if packet[12] == 1 { // INIT
		p.tsn = binary.BigEndian.Uint32(packet[28:])
	}
	p.mu.Unlock()
	return p.Conn.Write(packet)
}

// sayPieces sends a packet of so many pieces of messages of notes, neither
// first nor last ones, of one byte each.
func (p *rawPhone) sayPieces(n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	packet := binary.BigEndian.AppendUint16(nil, 5000)
	packet = binary.BigEndian.AppendUint16(packet, 5000)
	packet = binary.BigEndian.AppendUint32(packet, p.tag)
	packet = append(packet, 0, 0, 0, 0)
	for range n {
		const data, unordered, length, text = 0, 4, 17, 51
		packet = append(packet, data, unordered, 0, length)
		packet = binary.BigEndian.AppendUint32(packet, p.tsn)
		packet = append(packet, 0, byte(notesID), 0, 0, 0, 0, 0, text, 'x', 0, 0, 0)
		p.tsn++
	}
	sum := crc32.Checksum(packet, crc32.MakeTable(crc32.Castagnoli))
	binary.LittleEndian.PutUint32(packet[8:], sum)
	_, err := p.Conn.Write(packet)
	return err
}

// TestPiecesOfMessages: whoever lets messages wait that are never whole loses
// his peer, before they take time and memory of others.
func TestPiecesOfMessages(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	ws, c := b.dialLinked(t, "ada", "l1")
	p := b.newRawPhone(t, "ada", "l1")
	poll(t, "the lane", func() bool { return onLane(c) })
	said := 0
	poll(t, "the lane to end", func() bool {
		const each = 50
		if p.sayPieces(each) == nil {
			said += each
		}
		return !onLane(c)
	})
	if said < maxWaiting {
		t.Errorf("the lane ended after %d pieces, want more than %d", said, maxWaiting)
	}
	if err := ws.WriteMessage(1, []byte("still here")); err != nil {
		t.Error(err)
	}
}
