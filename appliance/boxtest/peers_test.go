package boxtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/gateway"
)

// offerOf is a browser's offer with the two channels.
func offerOf(t *testing.T) string {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	if _, err := pc.CreateDataChannel("notes", &webrtc.DataChannelInit{Negotiated: new(true), ID: new(uint16(0))}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return offer.SDP
}

// offer posts an offer, and returns the status and the answer.
func (b *box) offer(token, query, kind, sdp string) (status int, answer string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+gateway.OfferPath+query, strings.NewReader(sdp))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(said)
}

// lanePort is the UDP port for WebRTC that the box prints at its start.
func (b *box) lanePort() (port string) {
	b.t.Helper()
	eventually(b.t, "the UDP port", func() (missing string) {
		said := b.out.String()
		if _, rest, ok := strings.Cut(said, "WebRTC take UDP port "); ok {
			port, _, ok = strings.Cut(rest, "\n")
			if ok {
				return ""
			}
		}
		return said
	})
	return port
}

func TestOffer(t *testing.T) {
	b := openBox(t, appliance.Config{})
	token, err := b.Signer().Mint(auth.Claims{Role: auth.Anon}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := b.offer(token, "", "application/sdp", offerOf(t))
	port := b.lanePort()
	if status != http.StatusCreated || !strings.Contains(answer, "127.0.0.1 "+port+" typ host") {
		t.Errorf("answered %d with %s, want 201 with an address of the box", status, answer)
	}
	if strings.Count(answer, "a=candidate") != strings.Count(answer, "127.0.0.1 "+port) {
		t.Errorf("the answer has other addresses than the box's one: %s", answer)
	}
}

func TestRefusedOffers(t *testing.T) {
	b := openBox(t, appliance.Config{})
	token, err := b.Signer().Mint(auth.Claims{Role: auth.Anon}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	expired, err := b.Signer().Mint(auth.Claims{Role: auth.Anon}, -time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.Signer().Mint(auth.Claims{Role: auth.Authenticated, Subject: "bob"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.dial(token, "link", "anons")
	sdp := offerOf(t)
	for name, test := range map[string]struct {
		token, query, kind, sdp string
		status                  int
		code                    string
	}{
		"no token":      {"", "", "application/sdp", sdp, 401, "bad_token"},
		"forged token":  {token + "x", "", "application/sdp", sdp, 401, "bad_token"},
		"expired token": {expired, "", "application/sdp", sdp, 401, "bad_token"},
		"no such link":  {token, "?link=ab", "application/sdp", sdp, 404, "no_link"},
		"a stolen link": {other, "?link=anons", "application/sdp", sdp, 403, "not_yours"},
		"endless link":  {token, "?link=" + strings.Repeat("a", 100), "application/sdp", sdp, 400, "bad_link"},
		"no number":     {token, "?link=anons&lane=first", "application/sdp", sdp, 400, "bad_lane"},
		"JSON":          {token, "", "application/json", "{}", 415, "no_sdp"},
		"nothing":       {token, "", "application/sdp", "", 400, "bad_offer"},
		"garbage":       {token, "", "application/sdp", "v=0\r\nm=application x", 400, "bad_offer"},
		"a megabyte":    {token, "", "application/sdp", sdp + strings.Repeat("a=x\r\n", 1<<18), 400, "bad_offer"},
		"a camera":      {token, "", "application/sdp", sdp + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", 400, "bad_offer"},
		"half an offer": {token, "", "application/sdp", sdp[:len(sdp)/2], 400, "bad_offer"},
	} {
		status, answer := b.offer(test.token, test.query, test.kind, test.sdp)
		var said struct{ Code, Message string }
		if json.Unmarshal([]byte(answer), &said) != nil || status != test.status || said.Code != test.code || said.Message == "" {
			t.Errorf("%s: answered %d %s, want %d %s", name, status, answer, test.status, test.code)
		}
	}
}

// A member that offers without end is asked to wait.
func TestTenOffersASecond(t *testing.T) {
	b := openBox(t, appliance.Config{})
	token, err := b.Signer().Mint(auth.Claims{Role: auth.Authenticated, Subject: "ada"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 20 {
		if status, _ := b.offer(token, "", "application/sdp", "v=0"); status == http.StatusTooManyRequests {
			refused++
		}
	}
	if want := 20 - 5 - 2; refused < want { // 5 are the burst
		t.Errorf("%d of 20 offers at once were refused, want %d", refused, want)
	}
}

// A restarted box has the same fingerprint, so it is the same box to its peers.
func TestFingerprintStays(t *testing.T) {
	dir := t.TempDir()
	var answers [2][]byte
	for i := range answers {
		b := openBox(t, appliance.Config{DataDir: dir})
		token, err := b.Signer().Mint(auth.Claims{Role: auth.Anon}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		_, answer := b.offer(token, "", "application/sdp", offerOf(t))
		_, rest, _ := strings.Cut(answer, "a=fingerprint:")
		answers[i], _, _ = bytes.Cut([]byte(rest), []byte("\r\n"))
		b.stop()
	}
	if len(answers[0]) == 0 || !bytes.Equal(answers[0], answers[1]) {
		t.Errorf("the fingerprint was %s and became %s", answers[0], answers[1])
	}
}
