package transport

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

func TestOffersThatAreNone(t *testing.T) {
	b := startLanes(t, Limits{}, receiver{})
	b.dialLinked(t, "ada", "l1")
	_, offer := newPhone(t)
	ada := Caller{Key: "ada", Link: "l1"}
	for name, test := range map[string]struct {
		offer string
		who   Caller
		want  error
	}{
		"nothing":        {"", ada, ErrBadOffer},
		"words":          {"let me in", ada, ErrBadOffer},
		"half":           {offer[:len(offer)/2], ada, ErrBadOffer},
		"no fingerprint": {strings.ReplaceAll(offer, "a=fingerprint", "a=finger"), ada, ErrBadOffer},
		"no password":    {strings.ReplaceAll(offer, "a=ice-pwd", "a=ice"), ada, ErrBadOffer},
		"music":          {strings.ReplaceAll(offer, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=audio 9 UDP/TLS/RTP/SAVPF 111"), ada, ErrBadOffer},
		"box is active":  {strings.ReplaceAll(offer, "actpass", "active"), ada, ErrBadOffer},
		"another port":   {strings.ReplaceAll(offer, "sctp-port:5000", "sctp-port:5001"), ada, ErrBadOffer},
		"no name":        {strings.ReplaceAll(offer, "a=mid:0", "a=mid:0 1"), ada, ErrBadOffer},
		"endless":        {offer + strings.Repeat("a=x\r\n", maxSDP), ada, ErrBadOffer},
		"no such link":   {offer, Caller{Key: "ada", Link: "l2"}, ErrNoLink},
		"bob's of ada's": {offer, Caller{Key: "bob", Link: "l1"}, ErrNotYours},
	} {
		if _, err := b.Offer(t.Context(), test.offer, test.who, nil); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

// TestWhatIsTakenOfAnOffer: who it is, and never where.
func TestWhatIsTakenOfAnOffer(t *testing.T) {
	const (
		ice    = "a=ice-ufrag:ab+/\na=ice-pwd:abcdefghijklmnopqrstuvwx\n"
		prints = "a=fingerprint:sha-1 00:11\na=fingerprint:SHA-256 AA:BB\na=fingerprint:md5 1\n"
		at     = "c=IN IP4 192.0.2.1 a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
	)
	got, err := parseOffer("v=0\r\na=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" + at + ice + prints + "a=mid:0\r\n")
	want := offer{ufrag: "ab+/", pwd: "abcdefghijklmnopqrstuvwx", mid: "0", bundled: true, most: maxState, fingerprints: []certHash{{crypto.SHA256, "AA:BB"}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(offer{}, certHash{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestNoLanes(t *testing.T) {
	b := start(t, Limits{}, receiver{})
	if _, err := b.Offer(t.Context(), "v=0", Caller{}, nil); !errors.Is(err, ErrNoLane) {
		t.Errorf("got %v", err)
	}
}

// FuzzOffer: no text may hurt the box, or tell it an address to send to.
func FuzzOffer(f *testing.F) {
	const offer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 00:11\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n"
	const address = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
	f.Add(offer)
	f.Add(offer + address)
	f.Add(offer + "a=candidate\r\n")
	f.Add(offer + "\r" + address)
	f.Add(strings.Replace(offer, "channel\r\n", "channel\r"+address, 1))
	f.Add(strings.Replace(offer, "0.0.0.0\r\n", "0 "+address, 1))
	certificate, err := NewCertificate()
	if err != nil {
		f.Fatal(err)
	}
	l, err := openLanes(context.Background(), LaneConfig{Addr: "127.0.0.1:0", Certificate: certificate}, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = l.mux.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		var running sync.WaitGroup
		if p, answer, err := l.answer(context.Background(), text, &running); err == nil {
			checkAnswer(t, p.offer, answer)
			p.discard()
		}
		running.Wait()
	})
}

// checkAnswer checks that an answer says of the box what it should, and of the
// offer nothing but what its section is called.
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
