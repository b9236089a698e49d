package rtc

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

// maxSDP is how long an offer may be, in bytes. Chromium's has 700.
const maxSDP = 16 << 10

// dataSection is how the one section of an offer begins: data channels
// (RFC 8841).
const dataSection = "m=application "

// offer is all that the box takes from an SDP offer. It ignores everything else,
// above all addresses. The box sends only where an ICE check with the right
// password comes from. So an offer cannot make it send to a third machine, and no
// ".local" name has to be resolved.
type offer struct {
	ufrag, pwd   string // RFC 8839
	mid          string
	bundled      bool
	fingerprints []certHash // one of them is the certificate's
	maxMessage   uint32     // bytes of a message to the client
	unsupported  bool       // offers media or a setup that the box does not speak
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
	o.maxMessage = maxState
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "m=") {
			if sections++; !strings.HasPrefix(line, dataSection) || !strings.HasSuffix(line, " UDP/DTLS/SCTP webrtc-datachannel") {
				return offer{}, ErrBadOffer
			}
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			o.set(name, value)
		}
	}
	switch {
	case sections != 1, o.unsupported, o.bundled && o.mid == "":
		return offer{}, ErrBadOffer
	case len(o.ufrag) < 4 || len(o.pwd) < 22: // RFC 8839 section 5.4
		return offer{}, fmt.Errorf("%w: no ICE credentials", ErrBadOffer)
	case len(o.fingerprints) == 0:
		return offer{}, fmt.Errorf("%w: no fingerprint", ErrBadOffer)
	}
	return o, nil
}

// set takes an attribute that the box uses. It ignores others, and those that
// make no sense.
func (o *offer) set(name, value string) {
	switch name {
	case "a=ice-ufrag":
		o.ufrag = iceChars(value)
	case "a=ice-pwd":
		o.pwd = iceChars(value)
	case "a=mid":
		o.mid = token(value)
		o.unsupported = o.unsupported || o.mid == ""
	case "a=setup":
		o.unsupported = o.unsupported || value == "active" // the box is active itself
	case "a=sctp-port":
		o.unsupported = o.unsupported || value != "5000" // pion supports no other
	case "a=max-message-size":
		if n, err := strconv.ParseUint(value, 10, 32); err == nil && n > 0 { // 0 means any (RFC 8841 section 6.1)
			o.maxMessage = min(o.maxMessage, uint32(n))
		}
	case "a=group":
		o.bundled = o.bundled || strings.HasPrefix(value, "BUNDLE ")
	case "a=fingerprint":
		if p, ok := parseCertHash(value); ok && len(o.fingerprints) < maxHashes {
			o.fingerprints = append(o.fingerprints, p)
		}
	}
}

// iceChars returns value if it is at most 256 of RFC 8839's ice-char, and
// otherwise nothing.
func iceChars(value string) string { return only(value, 256, "+/") }

// token returns value if it is an RFC 8866 token of at most 256 characters, and
// otherwise nothing.
func token(value string) string { return only(value, 256, "!#$%&'*+-.^_`{|}~") }

// only returns value if it has at most limit bytes, all of them letters, digits
// or in more, and otherwise nothing.
func only(value string, limit int, more string) string {
	other := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(more, r))
	}
	if len(value) > limit || strings.ContainsFunc(value, other) {
		return ""
	}
	return value
}

func parseCertHash(value string) (certHash, bool) {
	algorithm, hex, ok := strings.Cut(value, " ")
	hash, err := fingerprint.HashFromString(strings.ToLower(algorithm))
	if !ok || err != nil || hash.Size() < crypto.SHA256.Size() {
		return certHash{}, false // too weak
	}
	return certHash{hash, hex}, true
}

// verify checks that the client's certificate is the one in its offer.
func (o offer) verify(certificates [][]byte, _ [][]*x509.Certificate) error {
	if len(certificates) == 0 {
		return errors.New("the client has no certificate")
	}
	certificate, err := x509.ParseCertificate(certificates[0])
	if err != nil {
		return fmt.Errorf("read the client's certificate: %w", err)
	}
	for _, p := range o.fingerprints {
		if got, err := fingerprint.Fingerprint(certificate, p.hash); err == nil && strings.EqualFold(got, p.value) {
			return nil
		}
	}
	return errors.New("the client's certificate is not the one in its offer")
}

// answer returns the SDP answer to an offer.
func (o offer) answer(ufrag, pwd, fingerprint string, candidates []ice.Candidate) string {
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
	for _, c := range candidates {
		line("a=candidate:%s", c.Marshal())
	}
	line("a=end-of-candidates")
	return b.String()
}
