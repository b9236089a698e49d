package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"downbeat.local/appliance/client"
)

// offerTo starts a server that gives every offer the same answer, and returns
// its URL.
func offerTo(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offer, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Type") != "application/sdp" || r.Header.Get("Authorization") != "Bearer token" || !strings.HasPrefix(string(offer), "v=0") {
			t.Errorf("offer %q with %v", offer, r.Header)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestOpenPeerSaysWhyItFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"no port", http.StatusServiceUnavailable, `{"code":"no_lane","message":"No port."}`, client.ErrNoLane.Error()},
		{"an old box", http.StatusNotFound, "404 page not found", client.ErrNoLane.Error()},
		{"an older box", http.StatusMethodNotAllowed, "", client.ErrNoLane.Error()},
		{"the connection of another client", http.StatusForbidden, `{"code":"not_yours","message":"That link is somebody else's."}`, "That link is somebody else's."},
		{"the oldest box", http.StatusUnauthorized, "", client.ErrNoLane.Error()},
		{"nonsense", http.StatusCreated, "v=0", "the box's answer makes no sense"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.OpenPeer(t.Context(), offerTo(t, test.status, test.body), "token")
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins with %q", err, test.want)
			}
		})
	}
}

// unreachable is the answer of a box that no packet reaches: PORT is a socket of the
// test, which answers nothing.
const unreachable = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" +
	"a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n" +
	"a=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=setup:active\r\na=mid:0\r\na=sendrecv\r\na=sctp-port:5000\r\n" +
	"a=ice-ufrag:abcdefgh\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=candidate:1 1 udp 2130706431 127.0.0.1 PORT typ host\r\na=end-of-candidates\r\n"

func TestOpenPeerFailsIfUDPIsBlocked(t *testing.T) {
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(silent.LocalAddr().String())
	to := offerTo(t, http.StatusCreated, strings.Replace(unreachable, "PORT", port, 1))
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var patience sync.WaitGroup
	patience.Go(func() { // ends when the client has the answer and knocks, or with the socket
		_, _, _ = silent.ReadFrom(make([]byte, 1500))
		cancel()
	})
	defer patience.Wait()
	defer func() { _ = silent.Close() }()
	if _, err := client.OpenPeer(ctx, to, "token"); !errors.Is(err, client.ErrBlocked) {
		t.Errorf("got %v, want ErrBlocked", err)
	}
	http.DefaultClient.CloseIdleConnections()
}
