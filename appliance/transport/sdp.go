package transport

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/ice/v4"
)

// ErrBadOffer means that the text is not an offer of data channels.
var ErrBadOffer = errors.New("not an SDP offer of one application section")

// maxSDP is the longest offer, bytes: Chromium's of two channels has 700.
const maxSDP = 16 << 10

// dataSection is how the one section of an offer begins: data channels of
// RFC 8841, over UDP.
const dataSection = "m=application "

// offer is all that the box takes from an SDP offer. Everything else in it is
// not looked at, and above all no address: the box answers only where a check
// with the right password comes from, so that nobody can make it send to a
// third machine, and no name of the kind "….local" has to be asked for.
type offer struct {
	ufrag, pwd   string // RFC 8839
	mid          string
	bundled      bool
	fingerprints []certHash // of the certificate: one of them
	most         uint32     // bytes of a message to the client
	odd          bool       // the box could not answer it as it wants to be
}

// certHash is the hash of a certificate (RFC 8122).
type certHash struct {
	hash  crypto.Hash
	value string
}

// maxHashes is how many fingerprints of an offer are kept.
const maxHashes = 4

// parseOffer reads an offer. The error is [ErrBadOffer] with what is missing.
func parseOffer(text string) (o offer, err error) {
	if len(text) > maxSDP || !strings.HasPrefix(text, "v=0") {
		return offer{}, ErrBadOffer
	}
	sections := 0
	o.most = maxState
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "m=") {
			if sections++; !strings.HasPrefix(line, dataSection) || !strings.HasSuffix(line, " UDP/DTLS/SCTP webrtc-datachannel") {
				return offer{}, ErrBadOffer
			}
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			o.take(name, value)
		}
	}
	switch {
	case sections != 1, o.odd, o.bundled && o.mid == "":
		return offer{}, ErrBadOffer
	case len(o.ufrag) < 4 || len(o.pwd) < 22: // RFC 8839 section 5.4
		return offer{}, fmt.Errorf("%w: no ICE credentials", ErrBadOffer)
	case len(o.fingerprints) == 0:
		return offer{}, fmt.Errorf("%w: no fingerprint", ErrBadOffer)
	}
	return o, nil
}

// take takes an attribute, if it is one that counts and makes sense.
func (o *offer) take(name, value string) {
	switch name {
	case "a=ice-ufrag":
		o.ufrag = iceChars(value)
	case "a=ice-pwd":
		o.pwd = iceChars(value)
	case "a=mid":
		o.mid = token(value)
		o.odd = o.odd || o.mid == ""
	case "a=setup":
		o.odd = o.odd || value == "active" // so is the box
	case "a=sctp-port":
		o.odd = o.odd || value != "5000" // pion has no other
	case "a=max-message-size":
		if n, err := strconv.ParseUint(value, 10, 32); err == nil && n > 0 { // 0 is any (RFC 8841 section 6.1)
			o.most = min(o.most, uint32(n))
		}
	case "a=group":
		o.bundled = o.bundled || strings.HasPrefix(value, "BUNDLE ")
	case "a=fingerprint":
		if p, ok := parseCertHash(value); ok && len(o.fingerprints) < maxHashes {
			o.fingerprints = append(o.fingerprints, p)
		}
	}
}

// iceChars is a value of at most 256 characters of RFC 8839's ice-char; empty
// if it is another.
func iceChars(value string) string { return only(value, 256, "+/") }

// token is a value of RFC 8866's token, as a section may be called; empty if it
// is another.
func token(value string) string { return only(value, 256, "!#$%&'*+-.^_`{|}~") }

// only is a value of letters, digits and some more; empty if it is another, or
// longer than most bytes.
func only(value string, most int, more string) string {
	other := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(more, r))
	}
	if len(value) > most || strings.ContainsFunc(value, other) {
		return ""
	}
	return value
}

func parseCertHash(value string) (certHash, bool) {
	algorithm, hex, ok := strings.Cut(value, " ")
	hash, err := fingerprint.HashFromString(strings.ToLower(algorithm))
	if !ok || err != nil || hash.Size() < crypto.SHA256.Size() {
		return certHash{}, false // it is broken
	}
	return certHash{hash, hex}, true
}

// verify checks that a peer's certificate is the one of his offer.
func (o offer) verify(certificates [][]byte, _ [][]*x509.Certificate) error {
	if len(certificates) == 0 {
		return errors.New("the peer has no certificate")
	}
	certificate, err := x509.ParseCertificate(certificates[0])
	if err != nil {
		return fmt.Errorf("read the peer's certificate: %w", err)
	}
	for _, p := range o.fingerprints {
		if got, err := fingerprint.Fingerprint(certificate, p.hash); err == nil && strings.EqualFold(got, p.value) {
			return nil
		}
	}
	return errors.New("the peer's certificate is not the one of his offer")
}

// answer is the SDP answer: who the box is, and where.
func (o offer) answer(ufrag, pwd, fingerprint string, where []ice.Candidate) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0")
	if o.bundled {
		line("a=group:BUNDLE %s", o.mid)
	}
	line("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0")
	if o.mid != "" {
		line("a=mid:%s", o.mid)
	}
	line("a=sendrecv\r\na=setup:active")
	line("a=fingerprint:sha-256 %s", fingerprint)
	line("a=ice-ufrag:%s\r\na=ice-pwd:%s", ufrag, pwd)
	line("a=sctp-port:5000\r\na=max-message-size:%d", maxState)
	for _, c := range where {
		line("a=candidate:%s", c.Marshal())
	}
	line("a=end-of-candidates")
	return b.String()
}
