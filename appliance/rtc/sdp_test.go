package rtc

import (
	"context"
	"crypto"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// listen takes a UDP port of the loopback until the test ends.
func listen(t testing.TB) *Listener {
	t.Helper()
	certificate, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(context.Background(), Config{Addr: "127.0.0.1:0", Certificate: certificate}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// browserOffer returns an offer as a browser makes it.
func browserOffer(t *testing.T) string {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	if _, err := pc.CreateDataChannel("notes", nil); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return offer.SDP
}

func TestBadOffers(t *testing.T) {
	l, offer := listen(t), browserOffer(t)
	for name, text := range map[string]string{
		"nothing":        "",
		"words":          "let me in",
		"half":           offer[:len(offer)/2],
		"no fingerprint": strings.ReplaceAll(offer, "a=fingerprint", "a=finger"),
		"no password":    strings.ReplaceAll(offer, "a=ice-pwd", "a=ice"),
		"music":          strings.ReplaceAll(offer, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=audio 9 UDP/TLS/RTP/SAVPF 111"),
		"box is active":  strings.ReplaceAll(offer, "actpass", "active"),
		"another port":   strings.ReplaceAll(offer, "sctp-port:5000", "sctp-port:5001"),
		"no name":        strings.ReplaceAll(offer, "a=mid:0", "a=mid:0 1"),
		"endless":        offer + strings.Repeat("a=x\r\n", maxSDP),
	} {
		var running sync.WaitGroup
		if _, _, err := l.Answer(t.Context(), text, &running); !errors.Is(err, ErrBadOffer) {
			t.Errorf("%s: got %v, want %v", name, err, ErrBadOffer)
		}
	}
}

// TestParseOffer checks that an offer gives the box credentials and never an
// address.
func TestParseOffer(t *testing.T) {
	const (
		ice    = "a=ice-ufrag:ab+/\na=ice-pwd:abcdefghijklmnopqrstuvwx\n"
		prints = "a=fingerprint:sha-1 00:11\na=fingerprint:SHA-256 AA:BB\na=fingerprint:md5 1\n"
		at     = "c=IN IP4 192.0.2.1 a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
	)
	got, err := parseOffer("v=0\r\na=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" + at + ice + prints + "a=mid:0\r\n")
	want := offer{ufrag: "ab+/", pwd: "abcdefghijklmnopqrstuvwx", mid: "0", bundled: true, maxMessage: maxState, fingerprints: []certHash{{crypto.SHA256, "AA:BB"}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(offer{}, certHash{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// FuzzOffer checks that no text crashes the box or gives it an address to send to.
func FuzzOffer(f *testing.F) {
	const offer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 00:11\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n"
	const address = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
	f.Add(offer)
	f.Add(offer + address)
	f.Add(offer + "a=candidate\r\n")
	f.Add(offer + "\r" + address)
	f.Add(strings.Replace(offer, "channel\r\n", "channel\r"+address, 1))
	f.Add(strings.Replace(offer, "0.0.0.0\r\n", "0 "+address, 1))
	l := listen(f)
	f.Fuzz(func(t *testing.T, text string) {
		var running sync.WaitGroup
		if p, answer, err := l.Answer(context.Background(), text, &running); err == nil {
			checkAnswer(t, p.offer, answer)
			p.Discard()
		}
		running.Wait()
	})
}

// checkAnswer checks that an answer names the box's address, and repeats nothing
// of the offer but the name of its section.
func checkAnswer(t *testing.T, o offer, answer string) {
	t.Helper()
	said, err := (&webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}).Unmarshal()
	if err != nil || len(said.MediaDescriptions) != 1 {
		t.Fatalf("%q is no answer: %v", answer, err)
	}
	section := said.MediaDescriptions[0]
	if mid, _ := section.Attribute("mid"); mid != o.mid {
		t.Errorf("section %q is called %q", o.mid, mid)
	}
	for _, a := range section.Attributes {
		if c, err := ice.UnmarshalCandidate(a.Value); a.IsICECandidate() && (err != nil || c.Address() != "127.0.0.1") {
			t.Errorf("it names the address %q, %v", a.Value, err)
		}
	}
}
