package boxtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
)

// Clients build their URLs from parts, which may end or begin with a slash.
func TestPathsWithMoreSlashes(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	q := url.Values{"apikey": {b.token(anonClaims)}, "vsn": {"2.0.0"}}
	for _, path := range []string{
		"/realtime/v1/websocket", "/realtime/v1/websocket/", "//realtime/v1/websocket", "/realtime/v1//websocket", "//realtime//v1//websocket//",
		"/socket/websocket", "/socket/websocket/", "//socket/websocket", "/socket//websocket/",
	} {
		ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+b.url[len("http"):]+path+"?"+q.Encode(), nil)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		_ = ws.Close()
	}
	for _, prefix := range []string{"/realtime/v1/api", "/api"} {
		if status, answer := b.postTo(prefix+"/broadcast/", anonClaims, jsonKind, `{"messages":[{"topic":"a","event":"b","payload":{}}]}`); status != 202 {
			t.Errorf("%s, a batch: %d %s", prefix, status, answer)
		}
		if status, answer := b.postTo("/"+prefix+"//broadcast", anonClaims, jsonKind, `{"messages":[{"topic":"a","event":"b","payload":{}}]}`); status != 202 {
			t.Errorf("%s with two slashes: %d %s", prefix, status, answer)
		}
		if status, answer := b.postTo(prefix+"/broadcast/a/events/b/", anonClaims, jsonKind, `{}`); status != 202 {
			t.Errorf("%s, one event: %d %s", prefix, status, answer)
		}
	}
	if status, answer := b.postTo("/rtc/v1/offer/", anonClaims, "application/sdp", "nonsense"); status != 400 || !strings.Contains(answer, "bad_offer") {
		t.Errorf("an offer: %d %s", status, answer)
	}
}

// TestBarePrefixes asks for paths that have others below them. A mux redirects them
// to a page.
func TestBarePrefixes(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{
		"/auth", "/auth/v1", "/auth/v1/authorize", "/auth/v1/sso", "/auth/v1/verify", "/auth/v1/oauth", "/auth/v1/admin/oauth", "/auth/v1/factors",
		"/rest", "/rest/v1", "/storage", "/graphql", "/functions", "/realtime", "/socket", "/api", "/rtc",
	} {
		resp, err := stay.Get(b.url + path + "?apikey=" + b.token(anonClaims))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if _ = resp.Body.Close(); err != nil || resp.StatusCode < 400 || !json.Valid(body) {
			t.Errorf("%s: %d %s, %v; want an error in JSON", path, resp.StatusCode, body, err)
		}
	}
}
